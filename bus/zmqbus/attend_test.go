package zmqbus_test

import (
	"slices"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
)

// TestWhatHappensIsTold lets things go wrong on a bus that is attended, and hears
// of each by an event that names the backend.
func TestWhatHappensIsTold(t *testing.T) {
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	network := newRelay(t, f.URL())
	b := dial(t, zmqbus.Options{URL: network.url(), ReconnectMax: 50 * time.Millisecond})
	observer := dial(t, zmqbus.Options{URL: f.URL()})
	heard := subscribe(t, observer, event.AllEvents, nil)
	a, err := bus.Attend(testContext(t), b, &bus.AttendOptions{Name: "test", Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	expect := func(kinds ...event.Kind) {
		t.Helper()
		for len(kinds) > 0 {
			d, err := heard.Next(testContext(t))
			if err != nil {
				t.Fatalf("nobody told of %s: %v", kinds, err)
			}
			kinds = slices.DeleteFunc(kinds, func(k event.Kind) bool { return k == d.Event.Kind() })
		}
	}
	expect(event.KindBusConnected)

	back := b.Reconnected(t.Context())
	network.cut()
	awaitReturn(t, back)
	expect(event.KindBusDisconnected, event.KindBusReconnected)

	s := subscribe(t, b, "test_note.*", &bus.Options{Queue: 1})
	for n := range 3 {
		publish(t, observer, noteSubject, note(n))
	}
	expect(event.KindEventDropped)
	inject(t, f, noteSubject, []byte("no event"))
	expect(event.KindBusError)
	next(t, s)

	all, err := bus.RollCall(testContext(t), observer, noteSubject, patience, func(all []event.BusPong) bool { return len(all) == 1 })
	if err != nil || len(all) != 1 || all[0].Backend != "zmq" || all[0].Subscribers != 1 || len(all[0].Health) == 0 {
		t.Errorf("asked how it is: %+v, %v", all, err)
	}
}

// TestAPublisherLearnsThatNobodyListens publishes through a forwarder, which
// nobody has subscribed at.
func TestAPublisherLearnsThatNobodyListens(t *testing.T) {
	var log notebook
	f := forward(t, zmqbus.Options{URL: "zmq+tcp://127.0.0.1:0"})
	b, err := zmqbus.Dial(testContext(t), zmqbus.Options{URL: f.URL(), Log: log.log()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(testContext(t))
	publish(t, b, noteSubject, note(1))
	publish(t, b, noteSubject, note(2))
	log.await(t, "nobody listens")
	notes := b.Journal().Notes()
	if !slices.ContainsFunc(notes, func(n bus.Note) bool {
		return n.What == bus.HappenedUnheard && n.Subject == noteSubject && n.Count == 1
	}) {
		t.Errorf("the journal has %+v", notes)
	}
}
