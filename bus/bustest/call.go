package bustest

import (
	"context"
	"errors"
	"sync"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const question event.Subject = "test_note.tester.answerer-1"

var callCases = []Case{
	{"answer", "a question gets another question's answer", func(c *check) {
		c.answer(nil)
		caller := c.caller()
		var wg sync.WaitGroup
		for n := range 50 {
			wg.Go(func() {
				q := note(n)
				a, err := caller.Do(c.within(), question, q)
				if err != nil {
					c.Error(err)
					return
				}
				if a.Causation != q.ID || a.Correlation != q.Correlation || a.NodeID != "answerer-1" || c.number(a) != n {
					c.Errorf("answer %d to question %d", c.number(a), n)
				}
			})
		}
		wg.Wait()
		if got := caller.Late(); got != 0 {
			c.Errorf("%d late answers", got)
		}
	}},
	{"no_answer", "a caller waits for ever for somebody who is gone", func(c *check) {
		ctx, cancel := context.WithTimeout(context.Background(), quiet)
		defer cancel()
		if _, err := c.caller().Do(ctx, question, note(0)); !errors.Is(err, bus.ErrNoAnswer) {
			c.Errorf("without an answer: %v", err)
		}
	}},
	{"late_answer", "an answer that comes late is taken for the next one's", func(c *check) {
		gate := make(chan struct{})
		c.answer(gate)
		caller := c.caller()
		ctx, cancel := context.WithTimeout(context.Background(), quiet)
		defer cancel()
		if _, err := caller.Do(ctx, question, note(0)); !errors.Is(err, bus.ErrNoAnswer) {
			c.Errorf("without an answer: %v", err)
		}
		close(gate)
		a, err := caller.Do(c.within(), question, note(1))
		if err != nil || c.number(a) != 1 {
			c.Errorf("second question: %v, %v", a, err)
		}
		if got := caller.Late(); got != 1 {
			c.Errorf("%d late answers, want 1", got)
		}
	}},
}

func (c *check) caller() *bus.Caller {
	c.Helper()
	caller, err := bus.NewCaller(c.within(), c.Bus, "caller-1")
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { caller.Close() })
	return caller
}

// answer answers questions with their own payload, once gate is closed.
func (c *check) answer(gate <-chan struct{}) {
	c.Helper()
	s := c.subscribe("test_note.tester.*", nil)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	c.Cleanup(func() { cancel(); wg.Wait() })
	wg.Go(func() {
		_ = bus.Serve(ctx, c.Bus, s, nil, func(ctx context.Context, d bus.Delivery) error {
			if gate != nil {
				select {
				case <-gate:
				case <-ctx.Done():
				}
			}
			return bus.Answer(ctx, c.Bus, "answerer", d.Event, "answerer-1", d.Event.Payload)
		})
	})
}
