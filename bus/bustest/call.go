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
	{Name: "answer", Why: "a question gets another question's answer", test: func(c *check) {
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
	{Name: "no_answer", Why: "a caller waits for ever for somebody who is gone", test: func(c *check) {
		ctx, cancel := context.WithTimeout(context.Background(), quiet)
		defer cancel()
		if _, err := c.caller().Do(ctx, question, note(0)); !errors.Is(err, bus.ErrNoAnswer) {
			c.Errorf("without an answer: %v", err)
		}
	}},
	{Name: "late_answer", Why: "an answer that comes late is taken for the next one's", test: func(c *check) {
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
	{Name: "many_answers", Why: "a thousand callers at once wait for each other, or for nothing", test: func(c *check) {
		c.answer(nil)
		caller := c.caller()
		var wg sync.WaitGroup
		for n := range 1000 {
			wg.Go(func() {
				if a, err := caller.Do(c.within(), question, note(n)); err != nil || c.number(a) != n {
					c.Errorf("question %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		if got := caller.Late(); got != 0 {
			c.Errorf("%d late answers", got)
		}
	}},
	{Name: "callers_apart", Why: "a caller is told what somebody else asked for", test: func(c *check) {
		c.answer(nil)
		a, b := c.caller(), c.callerAs("caller-2")
		for n, caller := range []*bus.Caller{a, b, a} {
			if got, err := caller.Do(c.within(), question, note(n)); err != nil || c.number(got) != n {
				c.Errorf("question %d: %v", n, err)
			}
		}
		if a.Late()+b.Late() != 0 {
			c.Errorf("%d and %d answers that nobody waited for", a.Late(), b.Late())
		}
	}},
	{Name: "close_wakes_caller", Why: "a program that ends waits for an answer that nobody can give any more", test: func(c *check) {
		caller := c.caller()
		done := make(chan error, 1)
		ctx := c.within()
		go func() {
			_, err := caller.Do(ctx, question, note(0))
			done <- err
		}()
		if err := c.Bus.Close(c.within()); err != nil {
			c.Error(err)
		}
		if err := <-done; !errors.Is(err, bus.ErrClosed) {
			c.Errorf("a question to a bus that was closed: %v", err)
		}
	}},
}

func (c *check) caller() *bus.Caller {
	c.Helper()
	return c.callerAs("caller-1")
}

func (c *check) callerAs(id string) *bus.Caller {
	c.Helper()
	caller, err := bus.NewCaller(c.within(), c.Bus, id)
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
