// Package bustest checks that a bus keeps the contract of package bus. The test
// of a backend is one call:
//
//	func TestConformance(t *testing.T) {
//		bustest.Run(t, func(t testing.TB) bustest.System {
//			return bustest.System{Bus: open(t)}
//		})
//	}
//
// Every case gets a system of its own and says, when it fails, why it matters.
// What a bus declares in Classes is tested; what it does not declare must be
// refused with bus.ErrUnsupported. Nothing is skipped because it failed.
//
// That the cases can fail is itself tested: for each family there is a bus with
// one defect, by name, which it must find.
package bustest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// A System is what one case is run on.
type System struct {
	// Bus is open and carries nothing yet. The suite closes it.
	Bus bus.Bus

	// Connect opens another bus value on the same system, as another process
	// would; nil when that is impossible. The suite closes it.
	Connect func() bus.Bus

	// Restart ends abruptly whatever is behind the bus and starts it again on
	// the same data; nil when there is nothing behind it.
	Restart func()

	// Patience bounds the wait for what must come; default 20 seconds. Only
	// a test that expects a failure makes it short.
	Patience time.Duration
}

// A Case is one property of a bus.
type Case struct {
	Name string
	Why  string // what goes wrong for users when it does not hold
	test func(*check)
}

// Run runs all cases as subtests, each on a system of its own from start.
func Run(t *testing.T, start func(t testing.TB) System) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, start(t)) })
	}
}

// Cases returns all cases.
func Cases() []Case {
	var all []Case
	for _, family := range [][]Case{deliveryCases, lifecycleCases, pressureCases, durableCases, positionCases, callCases} {
		all = append(all, family...)
	}
	return all
}

// Check runs one case on s.
func (c Case) Check(t testing.TB, s System) {
	t.Helper()
	if s.Patience == 0 {
		s.Patience = 20 * time.Second
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.Patience)
		defer cancel()
		s.Bus.Close(ctx)
		if t.Failed() {
			t.Logf("why %s matters: %s", c.Name, c.Why)
		}
	})
	c.test(&check{TB: t, System: s})
}

// A check is one case at work. Its methods fail the test rather than return errors.
type check struct {
	testing.TB
	System
}

// within returns a context that ends when patience does.
func (c *check) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), c.Patience)
	c.Cleanup(cancel)
	return ctx
}

func (c *check) needs(class bus.Class) {
	c.Helper()
	if !bus.Has(c.Bus, class) {
		c.Skipf("the bus does not declare class %s", class)
	}
}

func (c *check) subscribe(f event.Filter, o *bus.Options) bus.Subscription {
	c.Helper()
	return c.subscribeOn(c.Bus, f, o)
}

func (c *check) subscribeOn(b bus.Bus, f event.Filter, o *bus.Options) bus.Subscription {
	c.Helper()
	s, err := b.Subscribe(c.within(), f, o)
	if err != nil {
		c.Fatalf("subscribing to %q: %v", f, err)
	}
	c.Cleanup(func() { s.Close() })
	return s
}

func (c *check) publish(events ...event.Event) {
	c.Helper()
	for _, e := range events {
		c.publishOn(c.Bus, subjectOf(e), e)
	}
}

func (c *check) publishOn(b bus.Bus, s event.Subject, e event.Event) bus.Receipt {
	c.Helper()
	r, err := b.Publish(c.within(), s, e)
	if err != nil {
		c.Fatalf("publishing on %q: %v", s, err)
	}
	return r
}

// next returns the next delivery.
func (c *check) next(s bus.Subscription) bus.Delivery {
	c.Helper()
	d, err := s.Next(c.within())
	if err != nil {
		c.Fatalf("waiting for a delivery: %v", err)
	}
	return d
}

// numbers returns the numbers of the next n deliveries, acknowledged.
func (c *check) numbers(s bus.Subscription, n int) []int {
	c.Helper()
	var got []int
	for range n {
		d := c.next(s)
		c.ack(d)
		got = append(got, c.number(d.Event))
	}
	return got
}

func (c *check) ack(d bus.Delivery) {
	c.Helper()
	if err := d.Ack(c.within()); err != nil {
		c.Fatalf("acknowledging: %v", err)
	}
}

// quiet is how long nothing must come where nothing may. It can be short: what
// comes in error comes at once.
const quiet = 100 * time.Millisecond

// nothing fails when s has a delivery.
func (c *check) nothing(s bus.Subscription) {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), quiet)
	defer cancel()
	if d, err := s.Next(ctx); err == nil {
		c.Errorf("unexpected delivery of %s on %s, attempt %d", d.Event.ID, d.Subject, d.Attempt)
	}
}

func (c *check) number(e event.Event) int {
	c.Helper()
	var v struct{ N int }
	var data json.RawMessage
	switch p := e.Payload.(type) {
	case event.Raw:
		data = p.Data
	case event.NodeStart:
		data = p.InputState
	}
	if err := json.Unmarshal(data, &v); err != nil {
		c.Fatalf("payload %s: %v", data, err)
	}
	return v.N
}

// note returns an ephemeral event that carries n.
func note(n int) event.Event {
	return event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: fmt.Appendf(nil, `{"n":%d}`, n)}, event.ID{})
}

// fact returns a durable event that carries n.
func fact(n int) event.Event {
	return event.New("tester-1", event.NodeStart{InputState: fmt.Appendf(nil, `{"n":%d}`, n)}, event.ID{})
}

func subjectOf(e event.Event) event.Subject { return event.NewSubject(e.Kind(), "tester") }

// Filters for notes and facts.
const (
	notes event.Filter = "test_note.*"
	facts event.Filter = "node_start.*"
)

// count returns 0 to n-1.
func count(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
