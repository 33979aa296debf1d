package telemetry_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/internal/telemetry"
)

// TestABusInNumbers holds what becomes of the health of each bus, whatever the order in
// which it is gathered.
func TestABusInNumbers(t *testing.T) {
	var g telemetry.Gathering
	g.AddBus(bus.Health{Backend: "zmq"})
	g.AddBus(bus.Health{
		Backend: "nats", Connected: true, Events: 1, Delivered: 2, Redelivered: 3, Errors: 4, DeadLetters: 5, Reconnects: 6,
		QueueDepth: 7, Subscribers: 8, LastEvent: time.Date(2026, 1, 2, 3, 4, 5, 250e6, time.UTC),
		Drops: bus.Drops{"full": 9, "closed": 10},
	})
	g.Add("onex_build_info", 1, "version", "1.2.3", "goversion", "go1.26")
	g.AddBool("onex_ready", false)
	var out bytes.Buffer
	if err := metric.Write(&out, g.Sorted()); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/bus.metrics", out.Bytes())
}

func TestThisProcessInNumbers(t *testing.T) {
	began := time.Now().Add(-time.Minute)
	var g telemetry.Gathering
	g.AddProcess(began)
	got := map[string]float64{}
	for _, f := range g.Families {
		got[f.Name] = f.Samples[0].Value
	}
	if at := got["process_start_time_seconds"]; math.Abs(at-float64(began.Unix())) > 1 {
		t.Errorf("it began at %v, want %v", at, began.Unix())
	}
	const mega = 1 << 20
	for name, between := range map[string][2]float64{
		"onex_up_seconds":               {60, 60 + patience.Seconds()},
		"go_goroutines":                 {2, 1000}, // the test and the one that runs it
		"go_memstats_heap_alloc_bytes":  {1, 1000 * mega},
		"process_resident_memory_bytes": {got["go_memstats_heap_alloc_bytes"], 2000 * mega},
	} {
		if v, ok := got[name]; !ok || v < between[0] || v > between[1] {
			t.Errorf("%s is %v, want between %v", name, v, between)
		}
	}
}
