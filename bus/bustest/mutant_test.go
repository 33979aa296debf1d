package bustest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/event"
)

// A mutant is a memory bus with one defect. Nil functions do what Memory does.
type mutant struct {
	*bus.Memory
	publish   func(context.Context, event.Subject, event.Event) (bus.Receipt, error)
	subscribe func(context.Context, event.Filter, bus.Options) (bus.Subscription, error)
	classes   []bus.Class
	health    func() bus.Health
}

func (m *mutant) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	if m.publish != nil {
		return m.publish(ctx, s, e)
	}
	return m.Memory.Publish(ctx, s, e)
}

func (m *mutant) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	if m.subscribe == nil {
		return m.Memory.Subscribe(ctx, f, o)
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
	return m.Memory.Classes()
}

func (m *mutant) Health(ctx context.Context) bus.Health {
	if m.health != nil {
		return m.health()
	}
	return m.Memory.Health(ctx)
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
	nack, inProgress func() error
	term             func(context.Context, string) error
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
		s, err := m.Memory.Subscribe(ctx, f, &o)
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
		return m.Memory.Subscribe(ctx, f, &o)
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

// mutants are the defects, and the cases that must notice them.
var mutants = []struct {
	name   string
	defect func(*mutant)
	cases  []string
}{
	{"misses the first event", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			var once sync.Once
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				once.Do(func() { s.Next(ctx) })
				return s.Next(ctx)
			}}
		})
	}, []string{"live_on_return", "two_connections"}},
	{"delivers in pairs, the wrong way round", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			var held []bus.Delivery
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				if len(held) > 0 {
					d := held[0]
					held = nil
					return d, nil
				}
				first, err := s.Next(ctx)
				if err != nil {
					return first, err
				}
				short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
				defer cancel()
				second, err := s.Next(short)
				if err != nil {
					return first, nil
				}
				held = append(held, first)
				return second, nil
			}}
		})
	}, []string{"order"}},
	{"ignores the filter", func(m *mutant) {
		altered(m, func(f *event.Filter, _ *bus.Options) { *f = event.AllEvents })
	}, []string{"filters", "bad_filter"}},
	{"gives an event to one subscriber only", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Group = "everybody" })
	}, []string{"fan_out", "slow_subscriber"}},
	{"ignores groups", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Group = "" })
	}, []string{"group", "durable_group"}},
	{"alters events", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			e.TraceParent = ""
			return m.Memory.Publish(ctx, s, e)
		}
	}, []string{"intact"}},
	{"accepts what cannot be carried", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			r, _ := m.Memory.Publish(ctx, s, e)
			return r, nil
		}
	}, []string{"refused", "closed", "block"}},
	{"stores without telling the live", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if bus.ClassOf(s) == bus.Durable {
				return bus.Receipt{Class: bus.Durable, Sequence: 1}, nil
			}
			return m.Memory.Publish(ctx, s, e)
		}
	}, []string{"both_classes", "stored"}},
	{"does not wake who waits", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub { return sub{Subscription: s, close: func() error { return nil }} })
	}, []string{"close_wakes_next"}},
	{"has errors without codes", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			r, err := m.Memory.Publish(ctx, s, e)
			if err != nil {
				err = errors.New(err.Error())
			}
			return r, err
		}
	}, []string{"closed", "refused", "close_while_publishing"}},
	{"does not look at the context", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			return m.Memory.Publish(context.WithoutCancel(ctx), s, e)
		}
	}, []string{"context"}},
	{"throws the queue away on close", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			closed := false
			return sub{Subscription: s,
				close: func() error { closed = true; return s.Close() },
				next: func(ctx context.Context) (bus.Delivery, error) {
					if closed {
						return bus.Delivery{}, bus.ErrClosed
					}
					return s.Next(ctx)
				}}
		})
	}, []string{"queue_outlives_close"}},
	{"has queues without a bound", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Queue = bus.MaxQueue })
	}, []string{"drop_oldest", "drop_newest", "block", "slow_subscriber", "health"}},
	{"drops the newest whatever was asked", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Policy = bus.DropNewest })
	}, []string{"drop_oldest", "block"}},
	{"does not count drops", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			return sub{Subscription: s, dropped: func() bus.Drops { return bus.Drops{} }}
		})
	}, []string{"drop_oldest", "drop_newest", "slow_subscriber", "accounted"}},
	{"invents its health", func(m *mutant) {
		m.health = func() bus.Health { return bus.Health{Backend: "fine", Connected: true, QueueDepth: 1000} }
	}, []string{"health"}},
	{"falls back in silence", func(m *mutant) {
		m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
			if s, err := m.Memory.Subscribe(ctx, f, &o); err == nil {
				return s, nil
			}
			return m.Memory.Subscribe(ctx, f, nil)
		}
	}, []string{"unsupported", "name_taken"}},
	{"is ephemeral and says nothing", func(m *mutant) {
		m.classes = []bus.Class{bus.Ephemeral}
	}, []string{"unsupported"}},
	{"claims to be durable", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { *o = bus.Options{Queue: o.Queue} })
	}, []string{"stored", "nack", "ack_wait", "dead_letter", "terminate", "start", "resume", "name_taken"}},
	{"stores what is directed", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			return m.Memory.Publish(ctx, event.NewSubject(s.Kind(), s.From()), e)
		}
	}, []string{"directed_is_ephemeral", "filters"}},
	{"stores duplicates", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			e.ID = event.NewID()
			return m.Memory.Publish(ctx, s, e)
		}
	}, []string{"duplicate", "intact", "answer"}},
	{"forgets what was refused", func(m *mutant) {
		settled(m, func(a *acker) { a.nack = func() error { return a.Delivery.Ack(context.Background()) } })
	}, []string{"nack", "dead_letter"}},
	{"waits for acknowledgements for ever", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) {
			if o.Class == bus.Durable {
				o.AckWait = time.Hour
			}
		})
	}, []string{"ack_wait", "dead_letter_after_silence"}},
	{"ignores work in progress", func(m *mutant) {
		settled(m, func(a *acker) { a.inProgress = func() error { return nil } })
	}, []string{"in_progress"}},
	{"tries for ever", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.MaxDeliver = 1000 })
	}, []string{"dead_letter", "dead_letter_after_silence"}},
	{"gives up without a word", func(m *mutant) {
		settled(m, func(a *acker) { a.term = func(ctx context.Context, _ string) error { return a.Delivery.Ack(ctx) } })
	}, []string{"terminate"}},
	{"loses the reason", func(m *mutant) {
		settled(m, func(a *acker) {
			a.term = func(ctx context.Context, _ string) error { return a.Delivery.Term(ctx, "") }
		})
	}, []string{"terminate"}},
	{"starts where it likes", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Start = bus.StartNew })
	}, []string{"start", "stored"}},
	{"forgets positions", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Name = "" })
	}, []string{"resume", "name_taken", "dead_letter"}},
	{"loses the question", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			e.Causation = event.ID{}
			return m.Memory.Publish(ctx, s, e)
		}
	}, []string{"answer", "late_answer"}},
	{"answers for others", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if s == "test_note.tester.answerer-1" {
				if err := bus.Answer(ctx, m.Memory, "impostor", e, "impostor-1", e.Payload); err != nil {
					return bus.Receipt{}, err
				}
			}
			return m.Memory.Publish(ctx, s, e)
		}
	}, []string{"answer", "no_answer"}},
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
				t.Parallel()
				b := &mutant{Memory: bus.NewMemory(nil)}
				m.defect(b)
				s := bustest.System{Bus: b, Patience: time.Second}
				if name == "two_connections" {
					s.Connect = func() bus.Bus { return b }
				}
				if !fails(t, cases[name], s) {
					t.Errorf("a bus that %s passes", m.name)
				}
			})
		}
	}
}

// Every case but those that need a second process or a restart finds a defect.
func TestEveryCaseCanFail(t *testing.T) {
	exempt := []string{"close_twice", "no_goroutine_left", "restart"} // their failures are panics, and processes
	var found []string
	for _, m := range mutants {
		found = append(found, m.cases...)
	}
	for _, c := range bustest.Cases() {
		if !slices.Contains(found, c.Name) && !slices.Contains(exempt, c.Name) {
			t.Errorf("no mutant shows that %q can fail", c.Name)
		}
		if c.Why == "" {
			t.Errorf("%q does not say why it matters", c.Name)
		}
	}
}

// fails reports whether c fails on s.
func fails(t *testing.T, c bustest.Case, s bustest.System) bool {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.cleanUp()
		c.Check(r, s)
	}()
	<-done
	return r.Failed()
}

// A recorder is a testing.TB whose failure is not the test's.
type recorder struct {
	testing.TB

	mu      sync.Mutex
	failed  bool
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
func (r *recorder) Log(...any)            {}
func (r *recorder) Logf(string, ...any)   {}
