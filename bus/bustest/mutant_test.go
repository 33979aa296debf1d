package bustest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/event"
)

// A mutant is a bus with one defect. Nil functions do what conn does.
type mutant struct {
	*conn
	system    func(*bustest.System) // what is defective about the hooks
	publish   func(context.Context, event.Subject, event.Event) (bus.Receipt, error)
	subscribe func(context.Context, event.Filter, bus.Options) (bus.Subscription, error)
	classes   []bus.Class
	health    func() bus.Health
	close     func() error
	letters   func([]bus.DeadLetter) []bus.DeadLetter
}

func (m *mutant) Close(ctx context.Context) error {
	if m.close != nil {
		return m.close()
	}
	return m.conn.Close(ctx)
}

func (m *mutant) DeadLetters(ctx context.Context, limit int) ([]bus.DeadLetter, error) {
	if m.letters == nil {
		return m.conn.DeadLetters(ctx, limit)
	}
	all, err := m.conn.DeadLetters(ctx, 1000)
	all = m.letters(all)
	return all[:min(limit, len(all))], err
}

func (m *mutant) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	if m.publish != nil {
		return m.publish(ctx, s, e)
	}
	return m.conn.Publish(ctx, s, e)
}

func (m *mutant) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	if m.subscribe == nil {
		return m.conn.Subscribe(ctx, f, o)
	}
	if o == nil {
		o = new(bus.Options)
	}
	return m.subscribe(ctx, f, *o)
}

func (m *mutant) Classes() []bus.Class {
	if m.classes != nil {
		return m.classes
	}
	return m.conn.Classes()
}

func (m *mutant) Health(ctx context.Context) bus.Health {
	if m.health != nil {
		return m.health()
	}
	return m.conn.Health(ctx)
}

// A sub is a subscription with a defect.
type sub struct {
	bus.Subscription
	next    func(context.Context) (bus.Delivery, error)
	dropped func() bus.Drops
	close   func() error
}

func (s sub) Next(ctx context.Context) (bus.Delivery, error) {
	if s.next != nil {
		return s.next(ctx)
	}
	return s.Subscription.Next(ctx)
}

func (s sub) Dropped() bus.Drops {
	if s.dropped != nil {
		return s.dropped()
	}
	return s.Subscription.Dropped()
}

func (s sub) Close() error {
	if s.close != nil {
		return s.close()
	}
	return s.Subscription.Close()
}

// An acker settles with a defect.
type acker struct {
	bus.Delivery
	ack, nack, inProgress func() error
	term                  func(context.Context, string) error
}

func (a acker) Ack(ctx context.Context) error {
	if a.ack != nil {
		return a.ack()
	}
	return a.Delivery.Ack(ctx)
}

func (a acker) Nack(ctx context.Context, after time.Duration) error {
	if a.nack != nil {
		return a.nack()
	}
	return a.Delivery.Nack(ctx, after)
}

func (a acker) InProgress(ctx context.Context) error {
	if a.inProgress != nil {
		return a.inProgress()
	}
	return a.Delivery.InProgress(ctx)
}

func (a acker) Term(ctx context.Context, reason string) error {
	if a.term != nil {
		return a.term(ctx, reason)
	}
	return a.Delivery.Term(ctx, reason)
}

// wrapped makes every subscription of m one with a defect.
func wrapped(m *mutant, defect func(bus.Subscription) sub) {
	m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
		s, err := m.conn.Subscribe(ctx, f, &o)
		if err != nil {
			return nil, err
		}
		return defect(s), nil
	}
}

// altered changes what every subscription of m asks for.
func altered(m *mutant, defect func(*event.Filter, *bus.Options)) {
	m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
		defect(&f, &o)
		return m.conn.Subscribe(ctx, f, &o)
	}
}

// settled makes the deliveries of m settle with a defect.
func settled(m *mutant, defect func(*acker)) {
	wrapped(m, func(s bus.Subscription) sub {
		return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
			d, err := s.Next(ctx)
			if err != nil || d.Class != bus.Durable {
				return d, err
			}
			a := acker{Delivery: d}
			defect(&a)
			return bus.NewDelivery(d.Subject, d.Event, d.Sequence, d.Attempt, a), nil
		}}
	})
}

// Every defect is found by the cases that are there for it.
func TestTheSuiteFindsDefects(t *testing.T) {
	cases := map[string]bustest.Case{}
	for _, c := range bustest.Cases() {
		cases[c.Name] = c
	}
	for _, m := range mutants {
		for _, name := range m.cases {
			t.Run(fmt.Sprintf("%s/%s", m.name, name), func(t *testing.T) {
				if _, ok := cases[name]; !ok {
					t.Fatalf("no case %q", name)
				}
				if name != "bounded_memory" { // which measures the whole program
					t.Parallel()
				}
				s := systemWith(m.defect)
				s.Patience = time.Second
				if !fails(t, cases[name], s) {
					t.Errorf("a bus that %s passes", m.name)
				}
			})
		}
	}
}

// For every case there is a defect that it finds.
func TestEveryCaseCanFail(t *testing.T) {
	var found []string
	for _, m := range mutants {
		found = append(found, m.cases...)
	}
	for _, c := range bustest.Cases() {
		if !slices.Contains(found, c.Name) {
			t.Errorf("no mutant shows that %q can fail", c.Name)
		}
		if c.Why == "" {
			t.Errorf("%q does not say why it matters", c.Name)
		}
	}
}

// Who reads that a case failed reads why it matters, what was done, and an event
// with a code.
func TestAFailureIsExplained(t *testing.T) {
	s := systemWith(func(m *mutant) {
		m.publish = func(context.Context, event.Subject, event.Event) (bus.Receipt, error) { return bus.Receipt{}, nil }
	})
	var reported event.Event
	s.Patience, s.Report = 50*time.Millisecond, func(e event.Event) { reported = e }
	i := slices.IndexFunc(bustest.Cases(), func(c bustest.Case) bool { return c.Name == "resume" })
	r := &recorder{TB: t}
	c := bustest.Cases()[i]
	runCase(r, c, s)
	log := strings.Join(r.logged, "\n")
	for _, want := range []string{"why resume/durable matters", "does its work again", "subscribed node_start.*", "health", `"event_type":"NODE_FAILURE"`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in:\n%s", want, log)
		}
	}
	p, ok := reported.Payload.(event.NodeFailure)
	if !ok || p.ErrorCode != string(bustest.ErrCase.Code) || !strings.Contains(string(p.InputState), `"resume/durable"`) {
		t.Errorf("reported %+v", reported)
	}
	if err := reported.Validate(); err != nil {
		t.Error(err)
	}
}

// fails reports whether c fails on s.
func fails(t *testing.T, c bustest.Case, s bustest.System) bool {
	r := &recorder{TB: t}
	runCase(r, c, s)
	return r.Failed()
}

func runCase(r *recorder, c bustest.Case, s bustest.System) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.cleanUp()
		c.Check(r, "mutant", s, class(c))
	}()
	<-done
}

// class returns the class to run c for.
func class(c bustest.Case) bus.Class {
	if c.Stored {
		return bus.Durable
	}
	return ""
}

// A recorder is a testing.TB whose failure is not the test's.
type recorder struct {
	testing.TB

	mu      sync.Mutex
	failed  bool
	logged  []string
	cleanup []func()
}

func (r *recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanup = append(r.cleanup, f)
}

func (r *recorder) cleanUp() {
	for _, f := range slices.Backward(r.cleanup) {
		f()
	}
}

func (r *recorder) FailNow()              { r.Fail(); runtime.Goexit() }
func (r *recorder) Error(...any)          { r.Fail() }
func (r *recorder) Errorf(string, ...any) { r.Fail() }
func (r *recorder) Fatal(...any)          { r.FailNow() }
func (r *recorder) Fatalf(string, ...any) { r.FailNow() }
func (r *recorder) Skip(...any)           { runtime.Goexit() }
func (r *recorder) Skipf(string, ...any)  { runtime.Goexit() }

func (r *recorder) Log(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logged = append(r.logged, fmt.Sprint(args...))
}

func (r *recorder) Logf(format string, args ...any) { r.Log(fmt.Sprintf(format, args...)) }
