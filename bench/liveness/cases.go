package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

var idOf = regexp.MustCompile(`node ([0-9a-f-]{36}), incarnation`)

// A room is a lab with a daemon and this process as an observer.
type room struct {
	*lab
	daemon *proc
	bus    bus.Bus
	client *registry.Client
	told   <-chan event.Payload
}

// enter begins a daemon on its own bus.
func enter(ctx context.Context, onex, kind string) (*room, error) {
	l, err := newLab(onex)
	if err != nil {
		return nil, err
	}
	r := &room{lab: l}
	if kind == "ipc:" {
		l.url = "ipc://" + filepath.Join(l.dir, "bus")
	}
	var url string
	if r.daemon, url, err = l.up(); err != nil {
		return nil, err
	}
	return r, r.observe(ctx, url)
}

func (r *room) observe(ctx context.Context, url string) (err error) {
	if r.bus, err = dial(ctx, url); err != nil {
		return err
	}
	if r.client, err = registry.NewClient(ctx, r.bus, nil); err != nil {
		return err
	}
	r.told, err = changes(ctx, r.bus, event.KindNodeSuspect, event.KindNodeDead)
	return err
}

func (r *room) leave(ctx context.Context) {
	_ = r.client.Close()
	_ = r.bus.Close(ctx)
	r.daemon.end(syscall.SIGTERM)
	r.close()
}

// hear returns when a node was said to be in a state, from now on.
func (r *room) hear(ctx context.Context, id node.ID, dead bool) error {
	late := time.After(patience)
	for {
		select {
		case p := <-r.told:
			switch p := p.(type) {
			case event.NodeDead:
				if p.NodeID == id {
					return nil
				}
			case event.NodeSuspect:
				if p.NodeID == id && !dead {
					return nil
				}
			}
		case <-late:
			return fmt.Errorf("nobody said that %s is dead", id)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// write makes the directory of a node.
func (r *room) write(name, manifest, contract string) error {
	dir := filepath.Join(r.dir, name)
	err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, node.ManifestFile), []byte("name: "+name+"\nversion: 1.0.0\n"+manifest), 0o600))
	if contract != "" {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, node.ContractFile), []byte(contract), 0o600))
	}
	return err
}

// host runs a node and returns when it is accepted.
func (r *room) host(name string) (*proc, node.ID, error) {
	p, err := r.start(r.onex, "run", name)
	if err != nil {
		return nil, "", err
	}
	line, err := p.await("is ready")
	m := idOf.FindStringSubmatch(line)
	if err == nil && m == nil {
		err = fmt.Errorf("no node id in %q", line)
	}
	if err != nil {
		return p, "", err
	}
	return p, node.ID(m[1]), nil
}

// nodes are the deaths of nodes on the bus of a daemon.
func nodes(ctx context.Context, onex, kind string, trials int) (rows []row, err error) {
	r, err := enter(ctx, onex, kind)
	if err != nil {
		return nil, err
	}
	defer r.leave(ctx)
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	const contract = "node_name: worker\ntools:\n  work: {input: {type: object}, output: {type: object}}\n"
	err = errors.Join(
		r.write("worker", "runtime: exec\ncommand: [sh, -c, 'sleep 0.3; echo \"{}\"']\n", contract),
		r.write("talker", fmt.Sprintf("runtime: mcp\ncommand: [%q, mcp]\n", self), ""))
	if err != nil {
		return nil, err
	}
	on := " (" + kind + ")"
	start := row{event: "node start → callable by name" + on, target: 300 * time.Millisecond, because: "local"}
	suspect := row{event: "`kill -9` of an independent node: suspect" + on, target: 500 * time.Millisecond}
	dead := row{event: "the same: dead" + on, target: time.Second}
	supervised := row{event: "`kill -9` of a supervised node: dead" + on, target: 250 * time.Millisecond}
	stopped := row{event: "SIGSTOP: dead" + on, target: registry.DefaultTTL + time.Second, because: "(TTL + 1 s)"}
	clean := row{event: "clean stop: out of routing" + on, target: 100 * time.Millisecond}
	for range trials {
		begin := time.Now()
		p, err := r.start(r.onex, "run", "worker")
		if err != nil {
			return rows, err
		}
		if err := until(ctx, "the node", func() bool { return offers(ctx, r.client, "work") == 1 }); err != nil {
			return rows, err
		}
		start.times = append(start.times, time.Since(begin))
		line, err := p.await("is ready")
		if err != nil {
			return rows, err
		}
		id := node.ID(idOf.FindStringSubmatch(line)[1])
		begin = time.Now()
		p.signal(syscall.SIGKILL)
		if err := r.hear(ctx, id, false); err != nil {
			return rows, err
		}
		suspect.times = append(suspect.times, time.Since(begin))
		if err := until(ctx, "its death", func() bool {
			n, err := r.client.Node(ctx, string(id), false)
			return err == nil && n.Status == node.Dead
		}); err != nil {
			return rows, err
		}
		dead.times = append(dead.times, time.Since(begin))
		if n := offers(ctx, r.client, "work"); n != 0 {
			return rows, fmt.Errorf("a dead node is offered: %d providers", n)
		}
		p.end(syscall.SIGKILL)
	}
	for range trials {
		d, err := r.supervised(ctx)
		if err != nil {
			return rows, err
		}
		supervised.times = append(supervised.times, d)
	}
	const atOnce = 10
	for done := 0; done < trials; done += atOnce {
		times, err := r.stopped(ctx, min(atOnce, trials-done))
		if err != nil {
			return rows, err
		}
		stopped.times = append(stopped.times, times...)
	}
	for range trials {
		d, err := r.clean(ctx)
		if err != nil {
			return rows, err
		}
		clean.times = append(clean.times, d)
	}
	return []row{start, suspect, dead, supervised, stopped, clean}, nil
}

// supervised kills the program of a node.
func (r *room) supervised(ctx context.Context) (time.Duration, error) {
	l := *r.lab
	l.env = append(l.env[:len(l.env):len(l.env)], "ONEX_LOG_LEVEL=info")
	p, err := l.start(r.onex, "run", "talker")
	if err != nil {
		return 0, err
	}
	defer p.end(syscall.SIGKILL)
	said, err := p.await(`pid `)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(regexp.MustCompile(`pid (\d+)`).FindStringSubmatch(said)[1])
	if err != nil {
		return 0, err
	}
	line, err := p.await("is ready")
	if err != nil {
		return 0, err
	}
	id := node.ID(idOf.FindStringSubmatch(line)[1])
	begin := time.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return 0, err
	}
	err = r.hear(ctx, id, true)
	return time.Since(begin), err
}

// stopped stops several nodes at once, from their last beat on.
func (r *room) stopped(ctx context.Context, n int) (times []time.Duration, err error) {
	var procs []*proc
	ids := map[node.ID]bool{}
	for range n {
		p, id, err := r.host("worker")
		if p != nil {
			defer p.end(syscall.SIGKILL)
		}
		if err != nil {
			return nil, err
		}
		procs, ids[id] = append(procs, p), true
	}
	begin := time.Now()
	for _, p := range procs {
		p.signal(syscall.SIGSTOP)
	}
	for late := time.After(patience); len(ids) > 0; {
		select {
		case p := <-r.told:
			if d, ok := p.(event.NodeDead); ok && ids[d.NodeID] {
				delete(ids, d.NodeID)
				times = append(times, time.Since(begin))
			}
		case <-late:
			return times, fmt.Errorf("%d stopped nodes are believed to be alive", len(ids))
		}
	}
	return times, nil
}

// clean tells a node to stop that runs a call, which must finish.
func (r *room) clean(ctx context.Context) (time.Duration, error) {
	p, _, err := r.host("worker")
	if err != nil {
		return 0, err
	}
	defer p.end(syscall.SIGKILL)
	if err := until(ctx, "the node alone", func() bool { return offers(ctx, r.client, "work") == 1 }); err != nil {
		return 0, err
	}
	caller, err := invoke.NewClient(ctx, r.bus, nil)
	if err != nil {
		return 0, err
	}
	defer caller.Close()
	called := make(chan error, 1)
	go func() {
		_, err := caller.Invoke(ctx, invoke.Call{Tool: "work", Args: json.RawMessage(`{}`)})
		called <- err
	}()
	time.Sleep(100 * time.Millisecond) // the call takes 300
	begin := time.Now()
	p.signal(syscall.SIGTERM)
	err = until(ctx, "the goodbye", func() bool { return offers(ctx, r.client, "work") == 0 })
	d := time.Since(begin)
	if failed := <-called; failed != nil {
		return d, fmt.Errorf("a call in flight failed: %w", failed)
	}
	return d, err
}

// call calls a tool until it answers: what was sent to a host that is not back yet is
// lost.
func (r *room) call(ctx context.Context) error {
	caller, err := invoke.NewClient(ctx, r.bus, nil)
	if err != nil {
		return err
	}
	defer caller.Close()
	return until(ctx, "an answer", func() bool {
		_, err := caller.Invoke(ctx, invoke.Call{Tool: "work", Args: json.RawMessage(`{"ms":0}`), Policy: invoke.RoundRobin, Timeout: 250 * time.Millisecond})
		return err == nil
	})
}
