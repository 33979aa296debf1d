package bustest_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/event"
)

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
	}, []string{"order", "order_per_publisher", "stored_order"}},
	{"ignores the filter", func(m *mutant) {
		altered(m, func(f *event.Filter, _ *bus.Options) { *f = event.AllEvents })
	}, []string{"filters", "bad_filter", "many_subscriptions", "start_filtered"}},
	{"gives an event to one subscriber only", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Group = "everybody" })
	}, []string{"fan_out", "slow_subscriber", "many_to_many", "groups_apart", "stored_fan_out"}},
	{"ignores groups", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Group = "" })
	}, []string{"group", "group_across", "group_stored"}},
	{"alters events", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			e.TraceParent = ""
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"intact"}},
	{"accepts what cannot be carried", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			r, _ := m.conn.Publish(ctx, s, e)
			return r, nil
		}
	}, []string{"refused", "closed", "block"}},
	{"stores without telling the live", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if bus.ClassOf(s) == bus.Durable {
				return bus.Receipt{Class: bus.Durable, Sequence: 1}, nil
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"both_classes", "stored"}},
	{"says nothing of itself", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if s.Kind().Diagnostic() {
				return bus.Receipt{Class: bus.Ephemeral}, nil
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"tells_slow", "tells_backpressure", "tells_retry", "tells_replay"}},
	{"tells of those who are told", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if s.Kind() == event.KindBusError {
				slow := event.EventSubscriberSlow{Subscriber: "reader", Filter: event.FilterKind(event.KindBusError)}
				_, _ = m.conn.Publish(ctx, event.NewSubject(slow.Kind(), "bus"), event.New("bus", slow, event.ID{}))
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"tells_nothing_of_diagnostics"}},
	{"does not wake who waits", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub { return sub{Subscription: s, close: func() error { return nil }} })
	}, []string{"close_wakes_next", "group_leaves", "block_ends_with_its_reader"}},
	{"has errors without codes", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			r, err := m.conn.Publish(ctx, s, e)
			if err != nil {
				err = errors.New(err.Error())
			}
			return r, err
		}
	}, []string{"closed", "refused", "close_while_publishing"}},
	{"does not look at the context", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			return m.conn.Publish(context.WithoutCancel(ctx), s, e)
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
	}, []string{"drop_oldest", "drop_newest", "block", "slow_subscriber", "health", "bounded_memory", "bounded_pending"}},
	{"drops the newest whatever was asked", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Policy = bus.DropNewest })
	}, []string{"drop_oldest", "block", "block_loses_nothing"}},
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
			if s, err := m.conn.Subscribe(ctx, f, &o); err == nil {
				return s, nil
			}
			return m.conn.Subscribe(ctx, f, nil)
		}
	}, []string{"unsupported", "name_taken"}},
	{"is ephemeral and says nothing", func(m *mutant) {
		m.classes = []bus.Class{bus.Ephemeral}
	}, []string{"unsupported"}},
	{"claims to be durable", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { *o = bus.Options{Queue: o.Queue} })
	}, []string{"stored", "nack", "ack_wait", "dead_letter", "terminate", "start_all", "resume", "name_taken"}},
	{"stores what is directed", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			return m.conn.Publish(ctx, event.NewSubject(s.Kind(), s.From()), e)
		}
	}, []string{"directed_is_ephemeral", "filters"}},
	{"stores duplicates", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			e.ID = event.NewID()
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"duplicate", "intact", "answer", "duplicate_of_another"}},
	{"forgets what was refused", func(m *mutant) {
		settled(m, func(a *acker) { a.nack = func() error { return a.Delivery.Ack(context.Background()) } })
	}, []string{"nack", "dead_letter", "handler_error", "handler_panic"}},
	{"waits for acknowledgements for ever", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) {
			if o.Class == bus.Durable {
				o.AckWait = time.Hour
			}
		})
	}, []string{"ack_wait", "dead_letter_after_silence", "group_member_ends"}},
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
	}, []string{"terminate", "handler_futile", "handler_gives_up"}},
	{"starts where it likes", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Start = bus.StartNew })
	}, []string{"start_all", "start_sequence", "start_time", "start_last", "stored"}},
	{"forgets positions", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) { o.Name = "" })
	}, []string{"resume", "name_taken", "dead_letter", "resume_elsewhere", "position_wins"}},
	{"loses the question", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			e.Causation = event.ID{}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"answer", "late_answer", "many_answers"}},
	{"answers for others", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if s == "test_note.tester.answerer-1" {
				if err := bus.Answer(ctx, m.conn, "impostor", e, "impostor-1", e.Payload); err != nil {
					return bus.Receipt{}, err
				}
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"answer", "no_answer"}},
	{"tells of the past", func(m *mutant) {
		var past event.Event
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			past = e
			return m.conn.Publish(ctx, s, e)
		}
		wrapped(m, func(s bus.Subscription) sub {
			old := past
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				if e := old; e.Payload != nil {
					old = event.Event{}
					return bus.Delivery{Subject: "test_note.tester", Event: e, Attempt: 1, Class: bus.Ephemeral}, nil
				}
				return s.Next(ctx)
			}}
		})
	}, []string{"late_subscriber"}},
	{"writes into what it carries", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			r, err := m.conn.Publish(ctx, s, e)
			if raw, ok := e.Payload.(event.Raw); ok {
				raw.Data[len(raw.Data)-2]++
			}
			return r, err
		}
	}, []string{"not_altered"}},
	{"does not count what is malformed", func(m *mutant) {
		m.system = func(s *bustest.System) { s.Inject = func(event.Subject, []byte) {} }
	}, []string{"malformed"}},
	{"keeps the last event back", func(m *mutant) {
		var held event.Event
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			last := held
			held = e
			if last.Payload == nil {
				return bus.Receipt{}, nil
			}
			return m.conn.Publish(ctx, s, last)
		}
	}, []string{"close_delivers"}},
	{"closes everything at once", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			return sub{Subscription: s, close: func() error { return m.conn.Close(context.Background()) }}
		})
		m.close = func() error { return m.Memory.Close(context.Background()) }
	}, []string{"close_ends_one", "close_ends_one_bus"}},
	{"subscribes with errors without codes", func(m *mutant) {
		m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
			s, err := m.conn.Subscribe(ctx, f, &o)
			if err != nil {
				return nil, errors.New(err.Error())
			}
			return s, nil
		}
	}, []string{"close_while_subscribing", "name_taken"}},
	{"cannot be closed twice", func(m *mutant) {
		m.close = func() error {
			if m.isClosed() {
				return errors.New("closed already")
			}
			return m.conn.Close(context.Background())
		}
	}, []string{"close_twice"}},
	{"closes in name only", func(m *mutant) {
		m.close = func() error { return nil }
	}, []string{"close_wakes_caller", "close_wakes_next"}},
	{"forgets what nobody waited for", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				d, err := s.Next(ctx)
				if err != nil {
					soon, cancel := context.WithTimeout(context.Background(), time.Millisecond)
					defer cancel()
					s.Next(soon)
				}
				return d, err
			}}
		})
	}, []string{"impatient_reader"}},
	{"delivers twice", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			var mu sync.Mutex
			var held []bus.Delivery
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				mu.Lock()
				defer mu.Unlock()
				if len(held) > 0 {
					d := held[0]
					held = nil
					return d, nil
				}
				d, err := s.Next(ctx)
				if err == nil {
					held = append(held, d)
				}
				return d, err
			}}
		})
	}, []string{"several_readers", "seen_live"}},
	{"keeps files open", func(m *mutant) {
		m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
			file, err := os.Open(os.DevNull)
			if err != nil {
				return nil, err
			}
			m.files = append(m.files, file)
			return m.conn.Subscribe(ctx, f, &o)
		}
	}, []string{"no_descriptor_left"}},
	{"keeps goroutines", func(m *mutant) {
		m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
			go func() { time.Sleep(5 * time.Second) }() // longer than the case has patience
			return m.conn.Subscribe(ctx, f, &o)
		}
	}, []string{"no_goroutine_left"}},
	{"loses what is large", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if wire, err := event.Encode(e); err == nil && len(wire) > 100_000 {
				return bus.Receipt{}, nil
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"largest_events", "intact"}},
	{"mixes up who is meant", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if s.Receiver() == "caller-2" {
				s = event.NewSubject(s.Kind(), s.From()).To("caller-1")
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"callers_apart"}},
	{"numbers in pairs", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			r, err := m.conn.Publish(ctx, s, e)
			r.Sequence = (r.Sequence + 1) / 2
			return r, err
		}
	}, []string{"stored_concurrently", "stored"}},
	{"keeps a hundred events", func(m *mutant) {
		m.publish = func(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
			if m.Memory.Health(ctx).Events >= 100 {
				return bus.Receipt{Class: bus.Durable, Sequence: 100}, nil
			}
			return m.conn.Publish(ctx, s, e)
		}
	}, []string{"stored_slow_reader", "stored_order"}},
	{"tries again at once", func(m *mutant) {
		settled(m, func(a *acker) {
			a.nack = func() error { return a.Delivery.Nack(context.Background(), time.Nanosecond) }
		})
	}, []string{"nack_after", "backoff"}},
	{"waits with one for the other", func(m *mutant) {
		var waits atomic.Bool
		settled(m, func(a *acker) {
			a.nack = func() error {
				waits.Store(true)
				return a.Delivery.Nack(context.Background(), 0)
			}
		})
		inner := m.subscribe
		m.subscribe = func(ctx context.Context, f event.Filter, o bus.Options) (bus.Subscription, error) {
			s, err := inner(ctx, f, o)
			if err != nil {
				return nil, err
			}
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				if waits.Load() {
					<-ctx.Done()
					return bus.Delivery{}, ctx.Err()
				}
				return s.Next(ctx)
			}}, nil
		}
	}, []string{"nack_holds_up_nobody", "nack"}},
	{"takes the second acknowledgement amiss", func(m *mutant) {
		seen := map[uint64]bool{}
		settled(m, func(a *acker) {
			a.ack = func() error {
				if seen[a.Sequence] {
					return errors.New("settled already")
				}
				seen[a.Sequence] = true
				return a.Delivery.Ack(context.Background())
			}
		})
	}, []string{"late_ack"}},
	{"acknowledges what it delivers", func(m *mutant) {
		settled(m, func(a *acker) { a.Delivery.Ack(context.Background()) })
	}, []string{"resume_unsettled", "ack_wait", "cut_stored", "group_member_ends"}},
	{"has one position for all", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) {
			if o.Name != "" {
				o.Name = "reader"
			}
		})
	}, []string{"dead_for_one"}},
	{"shows the newest dead letters", func(m *mutant) {
		m.letters = func(all []bus.DeadLetter) []bus.DeadLetter {
			slices.Reverse(all)
			return all
		}
	}, []string{"dead_letters_in_order"}},
	{"begins with everything", func(m *mutant) {
		altered(m, func(_ *event.Filter, o *bus.Options) {
			if o.Class == bus.Durable {
				o.Start = bus.StartAll
			}
		})
	}, []string{"start_new", "start_time", "start_last"}},
	{"stands still after an outage", func(m *mutant) {
		wrapped(m, func(s bus.Subscription) sub {
			return sub{Subscription: s, next: func(ctx context.Context) (bus.Delivery, error) {
				if m.gone() > 0 {
					<-ctx.Done()
					return bus.Delivery{}, ctx.Err()
				}
				return s.Next(ctx)
			}}
		})
	}, []string{"restart", "restart_stored", "cut", "cut_stored"}},
	{"never says that it is back", func(m *mutant) {
		m.system = func(s *bustest.System) { s.Restart, s.Cut = func() {}, func() {} }
	}, []string{"restart", "cut"}},
	{"comes back once", func(m *mutant) {
		m.system = func(s *bustest.System) {
			var once sync.Once
			s.Restart = func() { once.Do(m.outage) }
		}
	}, []string{"restart_twice"}},
	{"cuts all connections", func(m *mutant) {
		m.system = func(s *bustest.System) {
			s.Cut = func() {
				for _, c := range m.conns {
					c.Close(context.Background())
				}
			}
		}
	}, []string{"cut_costs_others_nothing"}},
}
