package app

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/registry"
)

// Times of looking after a daemon.
const (
	// lookTime bounds one look at one part.
	lookTime = 2 * time.Second

	// lookFresh is how long what a look found is told again: whoever asks often
	// costs the store no more.
	lookFresh = time.Second
)

// Vitals are how a daemon is. They look at the parts themselves: the bus, the
// registry (which must answer a question), the store (which must take a record).
type vitals struct {
	bus   bus.Bus
	store registry.Store // of the probe
	watch *Watch
	log   *slog.Logger
	build [2]string // version, Go
	began time.Time
	ready atomic.Bool

	mu     sync.Mutex
	at     time.Time
	found  map[string]error // by part
	nodes  []event.NodeEntry
	client *registry.Client
}

// parts in the order in which they are told.
func parts() []string { return []string{"bus", "registry", "store"} }

func newVitals(b bus.Bus, probe registry.Store, version string, lg *slog.Logger) *vitals {
	return &vitals{bus: b, store: probe, log: lg, build: [2]string{version, runtime.Version()}, began: time.Now()}
}

// look returns what is wrong with each part; nil for what is well.
func (v *vitals) look(ctx context.Context) (map[string]error, []event.NodeEntry) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Since(v.at) < lookFresh {
		return v.found, v.nodes
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime) // others wait for the same
	defer cancel()
	v.found = map[string]error{}
	if h := v.bus.Health(ctx); !h.Connected {
		v.found["bus"] = bus.ErrUnavailable.With("%s", h.Detail)
	}
	v.found["registry"] = v.ask(ctx)
	v.found["store"] = v.store.Save(ctx, map[string][]byte{"probe": []byte(time.Now().UTC().Format(time.RFC3339))}, nil)
	v.at = time.Now()
	return v.found, v.nodes
}

// ask asks the registry who is there.
func (v *vitals) ask(ctx context.Context) (err error) {
	if v.client == nil {
		if v.client, err = registry.NewClient(ctx, v.bus, &registry.ClientOptions{Name: "onex", Timeout: lookTime}); err != nil {
			return err
		}
	}
	v.nodes, err = v.client.Nodes(ctx, event.NodeDiscoveryRequest{})
	return err
}

func (v *vitals) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client != nil {
		v.client.Close()
	}
}

// metrics returns everything that the daemon tells in numbers.
func (v *vitals) metrics(ctx context.Context) []metric.Family {
	found, nodes := v.look(ctx)
	var g telemetry.Gathering
	g.Add("onex_build_info", 1, "version", v.build[0], "goversion", v.build[1])
	g.AddProcess(v.began)
	well := true
	for _, part := range parts() {
		g.AddBool("onex_healthy", found[part] == nil, "part", part)
		well = well && found[part] == nil
	}
	g.AddBool("onex_ready", well && v.ready.Load())
	if found["registry"] == nil {
		addNodes(&g, nodes)
	}
	g.AddBus(v.bus.Health(ctx))
	v.watch.gather(&g, v.log)
	return g.Sorted()
}

func addNodes(g *telemetry.Gathering, nodes []event.NodeEntry) {
	status := map[string]int{"unverified": 0, "online": 0, "suspect": 0, "dead": 0, "stopped": 0}
	tools := map[string]bool{}
	running := map[string]int{}
	for _, n := range nodes {
		status[string(n.Status)]++
		if n.Status != "online" {
			continue
		}
		running[string(n.Name)] += n.InFlight
		for _, t := range n.Tools {
			tools[string(t)] = true
		}
	}
	for name, n := range status {
		g.Add("onex_nodes", float64(n), "status", name)
	}
	for name, n := range running {
		g.Add("onex_calls_in_flight", float64(n), "node", name)
	}
	g.Add("onex_tools", float64(len(tools)))
}

// A watched daemon tells how it is until it stops.
type watched struct {
	*Watch
	vitals  *vitals
	address string // of HTTP; empty for none
	stop    func()
}

// startVitals begins to tell how the daemon is: by HTTP and to a collector, as
// configured.
func startVitals(ctx context.Context, cfg Config, server *natsd.Server, b bus.Bus, lg *slog.Logger) (*watched, error) {
	probe, closeProbe, err := server.OpenStore(ctx, "health")
	if err != nil {
		return nil, err
	}
	var l net.Listener
	if cfg.HTTP != "" {
		if l, err = listenHTTP(cfg.HTTP, lg); err != nil {
			closeProbe()
			return nil, err
		}
	}
	v := newVitals(b, probe, cfg.Version, lg)
	w := &watched{vitals: v, Watch: cfg.Watch(WatchOptions{Log: lg, Bus: b, From: "onex", Nodes: true, Metrics: v.metrics})}
	v.watch = w.Watch
	stopHTTP := func() {}
	if l != nil {
		w.address, stopHTTP = l.Addr().String(), serveHTTP(l, v)
	}
	w.stop = func() {
		v.ready.Store(false)
		stopHTTP()
		w.Close()
		v.close()
		closeProbe()
	}
	return w, nil
}
