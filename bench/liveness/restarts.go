package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// hosted is how many nodes live through restarts, in a process of their own.
const hosted = 20

// outside begins a NATS server, a daemon that uses it, and a process with nodes.
func outside(ctx context.Context, onex string) (r *room, server func() (*proc, error), bus, nodes *proc, err error) {
	l, err := newLab(onex)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, nil, nil, err
	}
	address := port.Addr().String()
	_ = port.Close()
	self, err := os.Executable()
	if err != nil {
		return nil, nil, nil, nil, err
	}
	server = func() (*proc, error) {
		p, err := l.start(self, "nats", filepath.Join(l.dir, "nats"), address)
		if err == nil {
			_, err = p.await("is ready")
		}
		return p, err
	}
	if bus, err = server(); err != nil {
		return nil, nil, nil, nil, err
	}
	l.url = "nats://" + address
	r = &room{lab: l}
	if r.daemon, _, err = l.up(); err != nil {
		return r, server, bus, nil, err
	}
	if nodes, err = r.population(); err != nil {
		return r, server, bus, nodes, err
	}
	return r, server, bus, nodes, r.observe(ctx, l.url)
}

// population starts the process with nodes.
func (r *room) population() (*proc, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := r.start(self, "nodes", r.url, strconv.Itoa(hosted))
	if err == nil {
		_, err = p.await("is ready")
	}
	return p, err
}

// lives returns the incarnations of the nodes that are online.
func (r *room) lives(ctx context.Context) (map[node.ID]node.Incarnation, int) {
	all, err := r.client.Nodes(ctx, event.NodeDiscoveryRequest{})
	lives, routed := map[node.ID]node.Incarnation{}, 0
	for _, n := range all {
		if n.Status.Routable() {
			routed++
		}
		if n.Status == node.Online && len(n.Tools) == 1 && n.Tools[0] == "work" {
			lives[n.NodeID] = n.Incarnation
		}
	}
	if err != nil {
		return nil, 0
	}
	return lives, routed
}

// registries are restarts of a daemon on a bus of its own.
func registries(ctx context.Context, onex string, restarts int) (rows []row, err error) {
	r, _, bus, nodes, err := outside(ctx, onex)
	if err != nil {
		return nil, err
	}
	defer r.leave(ctx)
	defer bus.end(syscall.SIGKILL)
	defer nodes.end(syscall.SIGKILL)
	serving := row{event: "`kill -9` of the registry: serving after restart", target: time.Second}
	confirmed := row{event: fmt.Sprintf("the same: all %d nodes confirmed", hosted), target: 3 * time.Second, because: "(one beat + 2 s)"}
	before, _ := r.lives(ctx)
	for range restarts {
		r.daemon.end(syscall.SIGKILL)
		begin := time.Now()
		p, err := r.start(r.onex, "up")
		if err != nil {
			return rows, err
		}
		r.daemon = p
		short, err := registry.NewClient(ctx, r.bus, &registry.ClientOptions{Timeout: 50 * time.Millisecond})
		if err != nil {
			return rows, err
		}
		err = until(ctx, "an answer", func() bool { return offers(ctx, short, "work") >= 0 })
		_ = short.Close()
		if err != nil {
			return rows, err
		}
		serving.times = append(serving.times, time.Since(begin))
		if n := offers(ctx, r.client, "work"); n != hosted {
			return rows, fmt.Errorf("%d of %d nodes are offered at once", n, hosted)
		}
		if err := until(ctx, "all nodes", func() bool { l, _ := r.lives(ctx); return len(l) == hosted }); err != nil {
			return rows, err
		}
		confirmed.times = append(confirmed.times, time.Since(begin))
		if _, err := p.await("is ready"); err != nil {
			return rows, err
		}
		now, _ := r.lives(ctx)
		for id, i := range before {
			if now[id] != i {
				return rows, fmt.Errorf("%s had incarnation %d and has %d", id, i, now[id])
			}
		}
	}
	return []row{serving, confirmed}, nil
}

// buses are restarts of what carries the events.
func buses(ctx context.Context, onex string, restarts int, away time.Duration) (rows []row, err error) {
	r, server, carrier, nodes, err := outside(ctx, onex)
	if err != nil {
		return nil, err
	}
	onNATS := row{event: "`kill -9` of the NATS server: everything back", target: 5 * time.Second, because: "after its return"}
	for range restarts {
		carrier.end(syscall.SIGKILL)
		time.Sleep(away)
		begin := time.Now()
		if carrier, err = server(); err != nil {
			return rows, err
		}
		if err := r.everythingBack(ctx); err != nil {
			return rows, err
		}
		onNATS.times = append(onNATS.times, time.Since(begin))
	}
	nodes.end(syscall.SIGKILL)
	r.leave(ctx)
	carrier.end(syscall.SIGKILL)

	if r, err = enter(ctx, onex, "ipc:"); err != nil {
		return rows, err
	}
	defer func() { r.leave(ctx) }()
	if nodes, err = r.population(); err != nil {
		return rows, err
	}
	defer func() { nodes.end(syscall.SIGKILL) }()
	onIPC := row{event: "`kill -9` of the ipc hub (and registry): everything back", target: 5 * time.Second, because: "after its return"}
	for range restarts {
		r.daemon.end(syscall.SIGKILL)
		time.Sleep(away)
		begin := time.Now()
		if r.daemon, err = r.start(r.onex, "up"); err != nil {
			return rows, err
		}
		if err := r.everythingBack(ctx); err != nil {
			return rows, err
		}
		onIPC.times = append(onIPC.times, time.Since(begin))
	}
	return []row{onNATS, onIPC}, nil
}

// everythingBack returns when all nodes are online again and one can be called.
func (r *room) everythingBack(ctx context.Context) error {
	if err := until(ctx, "all nodes", func() bool { l, _ := r.lives(ctx); return len(l) == hosted }); err != nil {
		return err
	}
	return r.call(ctx)
}
