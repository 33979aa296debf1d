package ipcbus_test

import (
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

func note() event.Event {
	return event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: []byte(`{"n":1}`)}, event.ID{})
}

func fact() event.Event {
	return event.New("tester-1", event.NodeStart{InputState: []byte(`{"n":1}`)}, event.ID{})
}

func subscribe(t testing.TB, b bus.Bus, f event.Filter, o *bus.Options) bus.Subscription {
	t.Helper()
	s, err := b.Subscribe(within(t), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func publish(t testing.TB, b bus.Bus, e event.Event) bus.Receipt {
	t.Helper()
	r, err := b.Publish(within(t), event.NewSubject(e.Kind(), "tester"), e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func next(t testing.TB, s bus.Subscription) bus.Delivery {
	t.Helper()
	d, err := s.Next(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func reconnected(t testing.TB, back <-chan struct{}) {
	t.Helper()
	select {
	case <-back:
	case <-within(t).Done():
		t.Fatal("not connected again")
	}
}
