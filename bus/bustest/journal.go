package bustest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// maxJournal bounds the calls that are remembered: what a person reads.
const maxJournal = 60

// A journal is the last calls that were made on a bus, with their results.
type journal struct {
	mu    sync.Mutex
	calls [maxJournal]call
	n     int // ever made
}

// A call is made into text only when somebody wants to read it.
type call struct {
	at      time.Time
	what    string
	where   string // subject or filter
	id      event.ID
	attempt int
	err     error
}

func (j *journal) add(c call) {
	c.at = time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls[j.n%maxJournal] = c
	j.n++
}

// lines returns the journal for people, the oldest call first.
func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := max(0, j.n-maxJournal)
	all := []string{fmt.Sprintf("the last %d of %d calls:", j.n-first, j.n)}
	for n := first; n < j.n; n++ {
		all = append(all, j.calls[n%maxJournal].String())
	}
	return all
}

func (c call) String() string {
	line := c.at.Format("15:04:05.000000 ") + c.what + " " + c.where
	if !c.id.IsZero() {
		line += " " + c.id.String()
	}
	if c.attempt > 1 {
		line += fmt.Sprintf(" attempt %d", c.attempt)
	}
	if c.err != nil {
		line += ": " + c.err.Error()
	}
	return line
}

// explain says all that is known of the failure of c.
func (c Case) explain(ctx context.Context, k *check, backend string, j *journal) {
	name := c.Name
	if k.class != "" {
		name += "/" + string(k.class)
	}
	k.Logf("why %s matters: %s", name, c.Why)
	for _, line := range j.lines() {
		k.Log(line)
	}
	k.Logf("health %+v", k.raw.Health(ctx))
	failure := event.New("bustest", event.NodeFailure{
		InputState: fmt.Appendf(nil, `{"backend":%q,"case":%q}`, backend, name),
		Error:      c.Why, ErrorType: string(ErrCase.Class), ErrorCode: string(ErrCase.Code),
	}, event.ID{})
	if text, err := event.Encode(failure); err == nil {
		k.Logf("%s", text)
	}
	if k.Report != nil {
		k.Report(failure)
	}
}

// A witness is a bus that keeps a journal.
type witness struct {
	bus.Bus
	journal *journal
}

func (w *witness) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	r, err := w.Bus.Publish(ctx, s, e)
	w.journal.add(call{what: "published", where: string(s), id: e.ID, err: err})
	return r, err
}

func (w *witness) Subscribe(ctx context.Context, f event.Filter, o *bus.Options) (bus.Subscription, error) {
	s, err := w.Bus.Subscribe(ctx, f, o)
	w.journal.add(call{what: "subscribed", where: string(f), err: err})
	if err != nil {
		return s, err
	}
	return &witnessSub{s, w.journal, string(f)}, nil
}

func (w *witness) Close(ctx context.Context) error {
	err := w.Bus.Close(ctx)
	w.journal.add(call{what: "closed", where: "the bus", err: err})
	return err
}

// HandlerFailed lets the bus below count what bus.Serve counts.
func (w *witness) HandlerFailed(err error) {
	if b, ok := w.Bus.(interface{ HandlerFailed(error) }); ok {
		b.HandlerFailed(err)
	}
}

type witnessSub struct {
	bus.Subscription
	journal *journal
	filter  string
}

func (s *witnessSub) Next(ctx context.Context) (bus.Delivery, error) {
	d, err := s.Subscription.Next(ctx)
	if err != nil {
		s.journal.add(call{what: "next of", where: s.filter, err: err})
		return d, err
	}
	s.journal.add(call{what: "delivered", where: string(d.Subject), id: d.Event.ID, attempt: d.Attempt})
	if d.Class == bus.Ephemeral {
		return d, nil
	}
	seen := bus.NewDelivery(d.Subject, d.Event, d.Sequence, d.Attempt, witnessAcker{d, s.journal})
	seen.Class = d.Class
	return seen, nil
}

func (s *witnessSub) Close() error {
	err := s.Subscription.Close()
	s.journal.add(call{what: "closed", where: s.filter, err: err})
	return err
}

// A witnessAcker settles a delivery and says so.
type witnessAcker struct {
	d       bus.Delivery
	journal *journal
}

func (a witnessAcker) did(what string, err error) error {
	a.journal.add(call{what: what, where: string(a.d.Subject), id: a.d.Event.ID, attempt: a.d.Attempt, err: err})
	return err
}

func (a witnessAcker) Ack(ctx context.Context) error { return a.did("acknowledged", a.d.Ack(ctx)) }

func (a witnessAcker) Nack(ctx context.Context, after time.Duration) error {
	return a.did(fmt.Sprintf("refused for %v", after), a.d.Nack(ctx, after))
}

func (a witnessAcker) Term(ctx context.Context, reason string) error {
	return a.did(fmt.Sprintf("gave up %q", reason), a.d.Term(ctx, reason))
}

func (a witnessAcker) InProgress(ctx context.Context) error {
	return a.did("works on", a.d.InProgress(ctx))
}
