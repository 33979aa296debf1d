package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/internal/otlp"
	"github.com/omninode-ai/onex/internal/telemetry"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// A Watch is what a process tells of what it does, beside its log: telemetry
// events on the bus, and spans and metrics to a collector, as configured.
type Watch struct {
	ops      *telemetry.Operations // nil when no node runs here
	exporter *otlp.Exporter        // nil when the environment names no collector
}

// WatchOptions say what a process does.
type WatchOptions struct {
	Log     *slog.Logger
	Bus     telemetry.Publisher                   // nil: no telemetry events
	From    node.Name                             // of the process
	Nodes   bool                                  // nodes run here
	Metrics func(context.Context) []metric.Family // nil: none
}

// Watch begins to tell. A collector that cannot be used is said in the log;
// everything goes on without it. Close it before the bus.
func (c Config) Watch(o WatchOptions) *Watch {
	w := &Watch{}
	id := event.NewID().String()
	if o.Nodes {
		w.ops = telemetry.NewOperations(o.Bus, o.From, id)
		w.ops.Silent = c.Telemetry == "off"
	}
	if c.getenv == nil {
		return w
	}
	var err error
	w.exporter, err = otlp.New(c.getenv, &otlp.Options{Version: c.Version, Node: id, Log: o.Log, Metrics: o.Metrics})
	if err != nil {
		o.Log.Warn("nothing is sent to a collector", "error", err)
	}
	return w
}

// Recorder returns who is to be told of spans; nil for nobody.
func (w *Watch) Recorder() trace.Recorder {
	switch {
	case w.ops == nil && w.exporter == nil:
		return nil
	case w.exporter == nil:
		return w.ops
	case w.ops == nil:
		return w.exporter
	}
	return trace.Tee{w.ops, w.exporter}
}

// Tell publishes an event of a node that runs here, in the background.
func (w *Watch) Tell(from node.Name, e event.Event) {
	if w.ops != nil {
		w.ops.Tell(from, e)
	}
}

// watchFlush bounds what is still told when a process ends: a collector on the
// same machine takes it in milliseconds.
const watchFlush = 2 * time.Second

// Close tells what waits.
func (w *Watch) Close() {
	if w.ops != nil {
		w.ops.Close()
	}
	if w.exporter != nil {
		ctx, cancel := context.WithTimeout(context.Background(), watchFlush)
		defer cancel()
		w.exporter.Close(ctx)
	}
}

// gather adds what the watch itself counts.
func (w *Watch) gather(g *telemetry.Gathering, lg *slog.Logger) {
	if w.ops != nil {
		g.Families = append(g.Families, w.ops.Calls())
		g.Add("onex_telemetry_dropped_total", float64(w.ops.Lost()), "signal", "operations")
	}
	g.Add("onex_telemetry_dropped_total", float64(telemetry.Lost(lg)), "signal", "logs")
	if w.exporter != nil {
		g.Add("onex_telemetry_dropped_total", float64(w.exporter.Lost()), "signal", "spans")
	}
}
