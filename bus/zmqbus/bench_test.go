package zmqbus_test

import (
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
)

// BenchmarkBus publishes events through a forwarder to one subscriber: encoded,
// sent, forwarded, received, decoded. Publisher, forwarder and subscriber share
// this machine's processors.
func BenchmarkBus(b *testing.B) {
	f := forward(b, zmqbus.Options{URL: "zmq+ipc://@onex-bench"})
	pub, sub := dial(b, zmqbus.Options{URL: f.URL(), Queue: 1000}), dial(b, zmqbus.Options{URL: f.URL()})
	s := subscribe(b, sub, "test_note.*", &bus.Options{Queue: bus.MaxQueue})
	e := note(1)
	b.ReportAllocs()
	b.ResetTimer()
	flight := make(chan struct{}, 10_000) // a faster publisher would be one that loses
	go func() {
		for range b.N {
			flight <- struct{}{}
			if _, err := pub.Publish(b.Context(), noteSubject, e); err != nil {
				b.Error(err)
				return
			}
		}
	}()
	for range b.N {
		if _, err := s.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
		<-flight
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	if n := s.Dropped().Total(); n > 0 {
		b.Errorf("%d drops", n)
	}
}

// BenchmarkOneWay is the time from Publish to Next, one event at a time.
func BenchmarkOneWay(b *testing.B) {
	f := forward(b, zmqbus.Options{URL: "zmq+ipc://@onex-bench"})
	bus := dial(b, zmqbus.Options{URL: f.URL(), Heartbeat: time.Minute})
	s := subscribe(b, bus, "test_note.*", nil)
	e := note(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bus.Publish(b.Context(), noteSubject, e); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
