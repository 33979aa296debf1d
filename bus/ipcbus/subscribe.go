package ipcbus

import (
	"context"
	"slices"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
)

// subscribe makes what the client orders, and answers READY when it is live.
func (g *guest) subscribe(ctx context.Context, f frame) error {
	wanted, err := parseJSON[order](f)
	if err != nil {
		return err
	}
	if len(g.subs)+len(g.readers) >= maxGuestSubs {
		return g.refuse(f.ref, ErrBusy.With("%d subscriptions of one connection", maxGuestSubs))
	}
	if g.subs[f.ref] != nil || g.readers[f.ref] != nil {
		return ErrFrame.With("SUBSCRIBE with the number %d again", f.ref)
	}
	filter, o, err := wanted.options()
	if err != nil {
		return g.refuse(f.ref, err)
	}
	if o.Class == Retained {
		return g.read(ctx, f.ref, filter, o)
	}
	s := &liveSub{guest: g, id: f.ref, filter: filter, group: o.Group}
	if o.Policy == bus.Block {
		s.block = &gate{limit: o.Queue, room: o.Queue}
	}
	g.subs[f.ref] = s
	g.hub.mu.Lock()
	g.hub.subs = append(g.hub.subs, s)
	g.hub.reroute()
	g.hub.mu.Unlock()
	return g.answer(frame{kind: kindReady, ref: f.ref})
}

// unsubscribe ends a subscription. One that is gone already is none of our
// business: its client may have been told otherwise meanwhile.
func (g *guest) unsubscribe(id uint64) {
	if r := g.readers[id]; r != nil {
		r.close()
		delete(g.readers, id)
	}
	s := g.subs[id]
	if s == nil {
		return
	}
	delete(g.subs, id)
	g.hub.mu.Lock()
	g.hub.subs = slices.DeleteFunc(g.hub.subs, func(other *liveSub) bool { return other == s })
	g.hub.reroute()
	g.hub.mu.Unlock()
	g.hub.release(s)
}

// credit lets the client have more.
func (g *guest) credit(f frame) error {
	var n uint64
	if _, err := takeNumbers(f, &n); err != nil {
		return err
	}
	if n == 0 || n > bus.MaxQueue {
		return ErrFrame.With("CREDIT of %d", n)
	}
	if r := g.readers[f.ref]; r != nil {
		r.ask(n)
	}
	if s := g.subs[f.ref]; s != nil && s.block != nil {
		g.hub.makeRoom(g, s, int(n))
	}
	return nil
}

func reportFull(n int) fault.Report {
	return fault.ReportOf(bus.ErrQueueFull.With("%d others got the event", n))
}
