package telemetry

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/metric"
)

// A Description is a row of the table of metrics in docs/telemetry.md.
type Description struct {
	metric.Family
	Labels string
}

// Descriptions returns every metric that a daemon tells, in the order of the
// table.
func Descriptions() []Description {
	d := func(name string, t metric.Type, labels, help string) Description {
		return Description{metric.Family{Name: name, Type: t, Help: help}, labels}
	}
	return []Description{
		d("onex_build_info", metric.Gauge, "version, goversion", "1, with the version of this program"),
		d("onex_up_seconds", metric.Gauge, "", "how long the daemon has been running"),
		d("onex_ready", metric.Gauge, "", "1 when /readyz says yes"),
		d("onex_healthy", metric.Gauge, "part", "1 when a part (bus, registry, store) is well"),
		d("onex_nodes", metric.Gauge, "status", "nodes that the registry knows"),
		d("onex_tools", metric.Gauge, "", "tools that can be called"),
		d("onex_calls_in_flight", metric.Gauge, "node", "calls that run now, as nodes said with their last beat"),
		d("onex_call_duration_seconds", metric.Histogram, "node, tool, status", "calls of tools in this process, by how they ended"),
		d("onex_bus_connected", metric.Gauge, "backend", "1 when this process is connected to the bus"),
		d("onex_bus_events_published_total", metric.Counter, "backend", "events that this process published"),
		d("onex_bus_events_delivered_total", metric.Counter, "backend", "events that this process received, redeliveries included"),
		d("onex_bus_events_redelivered_total", metric.Counter, "backend", "events that came again"),
		d("onex_bus_events_dropped_total", metric.Counter, "backend, reason", "events lost on the way to a subscription of this process"),
		d("onex_bus_errors_total", metric.Counter, "backend", "failed calls and failed handlers"),
		d("onex_bus_dead_letters_total", metric.Counter, "backend", "events given up by a consumer of this process"),
		d("onex_bus_reconnects_total", metric.Counter, "backend", "connections that were lost and found again"),
		d("onex_bus_queue_depth", metric.Gauge, "backend", "events that wait in this process"),
		d("onex_bus_subscriptions", metric.Gauge, "backend", "subscriptions of this process"),
		d("onex_bus_last_event_timestamp_seconds", metric.Gauge, "backend", "when this process published last, in seconds since 1970"),
		d("onex_telemetry_dropped_total", metric.Counter, "signal", "log lines, operations and spans that were not told, because there were too many"),
		d("go_goroutines", metric.Gauge, "", "goroutines that exist"),
		d("go_memstats_heap_alloc_bytes", metric.Gauge, "", "bytes of the heap in use"),
		d("process_start_time_seconds", metric.Gauge, "", "when the process began, in seconds since 1970"),
		d("process_resident_memory_bytes", metric.Gauge, "", "memory that the Go runtime holds"),
	}
}

// Described returns the family of that name, without samples. It panics for one
// that is not in the table.
func Described(name string) metric.Family {
	all := Descriptions()
	return all[slices.IndexFunc(all, func(d Description) bool { return d.Name == name })].Family
}

// A Gathering collects families in the order in which they are added.
type Gathering struct{ Families []metric.Family }

// Add adds a sample. labels are names and values in turn.
func (g *Gathering) Add(name string, v float64, labels ...string) {
	s := metric.Sample{Value: v}
	for i := 0; i < len(labels); i += 2 {
		s.Labels = append(s.Labels, metric.Label{Name: labels[i], Value: labels[i+1]})
	}
	i := slices.IndexFunc(g.Families, func(f metric.Family) bool { return f.Name == name })
	if i < 0 {
		i = len(g.Families)
		g.Families = append(g.Families, Described(name))
	}
	g.Families[i].Samples = append(g.Families[i].Samples, s)
}

// AddBool adds 1 or 0.
func (g *Gathering) AddBool(name string, v bool, labels ...string) {
	n := 0.0
	if v {
		n = 1
	}
	g.Add(name, n, labels...)
}

// AddBus adds what a bus says of its health.
func (g *Gathering) AddBus(h bus.Health) {
	g.AddBool("onex_bus_connected", h.Connected, "backend", h.Backend)
	for name, v := range map[string]uint64{
		"onex_bus_events_published_total":   h.Events,
		"onex_bus_events_delivered_total":   h.Delivered,
		"onex_bus_events_redelivered_total": h.Redelivered,
		"onex_bus_errors_total":             h.Errors,
		"onex_bus_dead_letters_total":       h.DeadLetters,
		"onex_bus_reconnects_total":         h.Reconnects,
	} {
		g.Add(name, float64(v), "backend", h.Backend)
	}
	for reason, n := range h.Drops {
		g.Add("onex_bus_events_dropped_total", float64(n), "backend", h.Backend, "reason", string(reason))
	}
	g.Add("onex_bus_queue_depth", float64(h.QueueDepth), "backend", h.Backend)
	g.Add("onex_bus_subscriptions", float64(h.Subscribers), "backend", h.Backend)
	if !h.LastEvent.IsZero() {
		g.Add("onex_bus_last_event_timestamp_seconds", seconds(h.LastEvent), "backend", h.Backend)
	}
}

// AddProcess adds what the runtime says of this process.
func (g *Gathering) AddProcess(began time.Time) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	g.Add("go_goroutines", float64(runtime.NumGoroutine()))
	g.Add("go_memstats_heap_alloc_bytes", float64(samples[0].Value.Uint64()))
	g.Add("process_resident_memory_bytes", float64(samples[1].Value.Uint64()-samples[2].Value.Uint64()))
	g.Add("process_start_time_seconds", seconds(began))
	g.Add("onex_up_seconds", time.Since(began).Seconds())
}

// Sorted returns the families by name, and their samples by their labels.
func (g *Gathering) Sorted() []metric.Family {
	slices.SortFunc(g.Families, func(a, b metric.Family) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range g.Families {
		slices.SortFunc(f.Samples, func(a, b metric.Sample) int {
			return slices.CompareFunc(a.Labels, b.Labels, func(x, y metric.Label) int { return strings.Compare(x.Value, y.Value) })
		})
	}
	return g.Families
}

func seconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }
