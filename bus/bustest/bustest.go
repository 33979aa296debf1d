// Package bustest checks that a bus keeps the contract of package bus. The test
// of a backend, anybody's, is one call:
//
//	func TestConformance(t *testing.T) {
//		bustest.Run(t, bustest.Backend{
//			Name:  "carrier-pigeon",
//			Start: func(t testing.TB) bustest.System {
//				return bustest.System{Bus: open(t)}
//			},
//		})
//	}
//
// # What is tested
//
// [Cases] lists the properties. Each gets a system of its own and says, when it
// fails, why it matters. What a bus declares in Classes is tested: the cases of
// stored events run once for each of the classes [bus.Durable] and
// [bus.Retained] that it has. What it does not declare must be refused with
// bus.ErrUnsupported. Nothing is skipped because it failed.
//
// A System says what can be done to what is behind the bus, beside using it:
// connect again, restart the server, cut the connection, put bytes on the wire
// that are no event. What is nil is impossible there, and the cases that need it
// are skipped; the more there is, the more is proven. Before a case delivers
// anything its bus has been seen to be connected, and nothing in the suite waits
// by sleeping: it waits for what must come, with much patience.
//
// # When a case fails
//
// It prints why the case matters, the journal (the last calls made on the bus,
// with their results), the health of the bus, and an event of type NODE_FAILURE
// with the code of [ErrCase], which System.Report may send on.
//
// # How the suite is tested
//
// That the cases can fail is itself tested: for each there is at least one bus
// with one defect, by name, which it must find.
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

// A Backend is an implementation of [bus.Bus] under test.
type Backend struct {
	// Name names it in what is printed and reported.
	Name string

	// Start returns a fresh system for one case. What it starts ends with t.
	Start func(t testing.TB) System
}

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

	// Cut ends the connection of Bus, and only that, without telling it; nil
	// when there is none.
	Cut func()

	// Inject puts wire on subject s as if it were an event, as a defective or
	// hostile program on the same bus would; nil when nobody can.
	Inject func(s event.Subject, wire []byte)

	// Report gets the event that says which case failed; by default it is only
	// printed.
	Report func(event.Event)

	// Patience bounds the wait for what must come; default [Patience]. Only
	// a test that expects a failure makes it short.
	Patience time.Duration
}

// Patience is how long a case waits for what must come. It is long because the
// machines that run tests are busy; nothing waits that long when all is well.
const Patience = 20 * time.Second

// A Case is one property of a bus.
type Case struct {
	Name   string
	Why    string // what goes wrong for users when it does not hold
	Stored bool   // of stored events: run for each class that stores

	test func(*check)
}

// Run runs all cases as subtests, each on a system of its own from b.Start.
func Run(t *testing.T, b Backend) {
	t.Helper()
	var stored []bus.Class
	t.Run("claims", func(t *testing.T) { stored = claims(t, b) })
	for _, c := range Cases() {
		if !c.Stored {
			t.Run(c.Name, func(t *testing.T) { c.Check(t, b.Name, b.Start(t), "") })
			continue
		}
		for _, class := range stored {
			t.Run(c.Name+"/"+string(class), func(t *testing.T) { c.Check(t, b.Name, b.Start(t), class) })
		}
	}
}

// claims returns the classes that store which b claims.
func claims(t *testing.T, b Backend) (stored []bus.Class) {
	s := b.Start(t)
	defer s.Bus.Close(t.Context())
	if !bus.Has(s.Bus, bus.Ephemeral) {
		t.Errorf("classes %v: every bus has %s", s.Bus.Classes(), bus.Ephemeral)
	}
	for _, class := range s.Bus.Classes() {
		if class != bus.Ephemeral {
			stored = append(stored, class)
		}
	}
	return stored
}

// Cases returns all cases.
func Cases() []Case {
	var all []Case
	for _, family := range [][]Case{deliveryCases, groupCases, lifecycleCases, pressureCases, loadCases, callCases, diagnosticCases} {
		all = append(all, family...)
	}
	for _, family := range [][]Case{storedCases, deadCases, handlerCases, positionCases, replayCases} {
		for _, c := range family {
			c.Stored = true
			all = append(all, c)
		}
	}
	return append(all, outageCases...)
}

// Check runs one case on s, which is the backend called name. A case of stored
// events is run for class; for the others it is empty.
func (c Case) Check(t testing.TB, name string, s System, class bus.Class) {
	t.Helper()
	if s.Patience == 0 {
		s.Patience = Patience
	}
	w := &witness{Bus: s.Bus, journal: new(journal)}
	k := &check{TB: t, System: s, raw: s.Bus, class: class}
	k.System.Bus = w
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.Patience)
		defer cancel()
		if t.Failed() {
			c.explain(ctx, k, name, w.journal)
		}
		s.Bus.Close(ctx)
	})
	if !s.Bus.Health(k.within()).Connected {
		t.Fatalf("the bus is not connected: %+v", s.Bus.Health(k.within()))
	}
	c.test(k)
}

// A check is one case at work. Its methods fail the test rather than return errors.
type check struct {
	testing.TB
	System
	raw   bus.Bus   // System.Bus keeps a journal and hides what raw can do beside
	class bus.Class // of a case of stored events
}

// stored returns o with the class that is tested.
func (c *check) stored(o bus.Options) *bus.Options {
	o.Class = c.class
	return &o
}

// within returns a context that ends when patience does.
func (c *check) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), c.Patience)
	c.Cleanup(cancel)
	return ctx
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
