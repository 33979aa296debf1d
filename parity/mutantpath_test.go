package parity_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/parity"
)

// A mutantBus changes what it is given to publish.
type mutantBus struct {
	bus.Bus
	change func(s event.Subject, e event.Event) []event.Event
}

func (m mutantBus) Publish(ctx context.Context, s event.Subject, e event.Event) (r bus.Receipt, err error) {
	for _, e := range m.change(s, e) {
		if r, err = m.Bus.Publish(ctx, s, e); err != nil {
			return r, err
		}
	}
	return r, nil
}

// mutantBuses are wrong in one way each. They change results only.
func mutantBuses() map[string]func(directed bool, e event.Event) []event.Event {
	return map[string]func(bool, event.Event) []event.Event{
		"forgets the record": func(directed bool, e event.Event) []event.Event {
			if !directed {
				return nil
			}
			return []event.Event{e}
		},
		"answers twice": func(directed bool, e event.Event) []event.Event {
			again := e
			if again.ID = event.NewID(); !directed {
				return []event.Event{e}
			}
			return []event.Event{e, again}
		},
		"alters": func(_ bool, e event.Event) []event.Event {
			p := e.Payload.(event.ToolProxyResult)
			p.Result = json.RawMessage(`{"text":"altered"}`)
			e.Payload = p
			return []event.Event{e}
		},
		"loses the answer": func(directed bool, e event.Event) []event.Event {
			if directed {
				return nil
			}
			return []event.Event{e}
		},
		"wrong correlation": func(directed bool, e event.Event) []event.Event {
			if !directed {
				e.Correlation = event.NewID()
			}
			return []event.Event{e}
		},
	}
}

func transport(change func(bool, event.Event) []event.Event) parity.Transport {
	return parity.Transport{Name: "mutant", How: "a bus that is wrong", Open: func(context.Context) (bus.Bus, error) {
		return mutantBus{bus.NewMemory(nil), func(s event.Subject, e event.Event) []event.Event {
			if _, ok := e.Payload.(event.ToolProxyResult); !ok {
				return []event.Event{e}
			}
			return change(s.Receiver() != "", e)
		}}, nil
	}}
}

func TestMutantBusesAreCaught(t *testing.T) {
	want := map[string]finding{
		"forgets the record": {what: "events"},
		"answers twice":      {what: "events"},
		"alters":             {what: "result"},
		"loses the answer":   {what: "error"},
		"wrong correlation":  {what: "events"},
	}
	for name, change := range mutantBuses() {
		t.Run(name, func(t *testing.T) {
			r, text := run(t, []parity.Node{goNode("good")}, parity.Options{
				Buses: []parity.Transport{transport(change)}, Timeout: 500 * time.Millisecond,
			})
			for _, path := range []string{"mutant", "mutant+proxy"} {
				f := finding{name, "parity", path, want[name].what}
				if count(r, f.catches) == 0 {
					t.Errorf("not caught on %s:\n%s", path, text)
				}
			}
		})
	}
}

func TestMutantCommandLinesAreCaught(t *testing.T) {
	for how, what := range map[string]string{
		"noisy": "error", "talkative": "error", "silent": "error", "other tool": "error", "always zero": "",
	} {
		t.Run(how, func(t *testing.T) {
			r, text := run(t, []parity.Node{goNode("good"), goNode("good_status")}, parity.Options{CLI: misbehaving(t, how)})
			if what == "" {
				what = "exit_status"
			}
			if count(r, finding{how, "parity", "cli", what}.catches) == 0 {
				t.Errorf("not caught:\n%s", text)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		r, text := run(t, []parity.Node{goNode("good")}, parity.Options{CLI: []string{"/nonexistent/onex"}})
		if count(r, finding{"missing", "parity", "cli", "error"}.catches) == 0 {
			t.Errorf("not caught:\n%s", text)
		}
	})
}
