package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/invoke"
)

// lastWord bounds the wait for the copy of an answer that the caller has already.
const lastWord = 250 * time.Millisecond

// mostAnswers is more than a call has attempts.
const mostAnswers = 16

// A narrator tells a person what happens in a call.
type narrator struct {
	s        *session
	id       event.ID
	seen     *seen
	asked    int           // attempts
	answered chan struct{} // a token for each answer that was told

	lines sync.Mutex
}

// narrate tells on standard error what happens in call, until the function that it
// returns is called, which waits for what is still to be told.
func (s *session) narrate(ctx context.Context, b bus.Bus, call *invoke.Call) (func(), error) {
	if call.Correlation.IsZero() {
		call.Correlation = event.NewID()
	}
	sub, err := b.Subscribe(ctx, event.AllEvents, nil)
	if err != nil {
		return nil, err
	}
	n := &narrator{s: s, id: call.Correlation, seen: newSeen(), answered: make(chan struct{}, mostAnswers)}
	call.Chosen = n.chosen
	call.Hear = func(event.Payload) {} // what a tool tells is sent to those who listen only
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { n.follow(ctx, sub) })
	return func() {
		if !call.DryRun {
			n.awaitAnswers()
		}
		cancel()
		following.Wait()
		sub.Close()
	}, nil
}

// awaitAnswers waits until every attempt was answered, as a rule: a node that died
// does not answer.
func (n *narrator) awaitAnswers() {
	late := time.After(lastWord)
	for range n.asked {
		select {
		case <-n.answered:
		case <-late:
			return
		}
	}
}

func (n *narrator) follow(ctx context.Context, sub bus.Subscription) {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return
		}
		if d.Event.Correlation == n.id && !n.seen.before(d.Event) {
			n.event(d)
		}
	}
}

func (n *narrator) event(d bus.Delivery) {
	text, err := event.Encode(event.Redact(d.Event))
	if err != nil {
		return // it came over the bus, so it can be encoded
	}
	n.lines.Lock()
	fmt.Fprintln(n.s.Err, n.s.eventLine(d, text))
	n.lines.Unlock()
	switch d.Event.Kind() {
	case event.KindToolProxyResult, event.KindToolProxyError, event.KindToolProxyRejected:
		select {
		case n.answered <- struct{}{}:
		default:
		}
	}
}

func (n *narrator) chosen(p event.Provider, why string) {
	n.asked++
	n.lines.Lock()
	defer n.lines.Unlock()
	fmt.Fprintf(n.s.Err, "%s  %s  %s@%s (%s): %s\n", n.s.Paint(console.Faint, time.Now().Format("15:04:05.000")),
		n.s.Paint(console.Bold, fmt.Sprintf("%-24s", "chosen")), p.Name, p.Version, p.NodeID, why)
}
