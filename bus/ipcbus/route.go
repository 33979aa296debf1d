package ipcbus

import (
	"context"
	"os"
	"slices"
	"sync/atomic"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// maxRoutes bounds the remembered answers to "who wants this subject?".
// Directed subjects come and go with callers; beyond it all are forgotten.
const maxRoutes = 4096

// A liveSub is an ephemeral subscription, seen from the hub.
type liveSub struct {
	guest  *guest
	id     uint64
	filter event.Filter
	group  string
	lost   atomic.Uint64 // events that found the guest's outbox full, not told yet

	block *gate // nil unless the policy is block
}

// A route is the set of subscriptions that want one subject. It never changes.
type route struct {
	target bus.Target
	subs   []*liveSub // without a group; those that may block are last
	groups []*group
	blocks bool
}

// A group is the members of one group that want the subject.
type group struct {
	members []*liveSub
	turn    atomic.Uint64
}

func (r *route) size() int { return len(r.subs) + len(r.groups) }

// route returns who wants events on subject.
func (h *hub) route(subject []byte) (*route, error) {
	h.mu.RLock()
	r := h.routes[string(subject)]
	h.mu.RUnlock()
	if r != nil {
		return r, nil
	}
	target, err := bus.ParseTarget(event.Subject(subject))
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r = newRoute(target, h.subs)
	if len(h.routes) >= maxRoutes {
		clear(h.routes)
	}
	h.routes[string(subject)] = r
	return r, nil
}

func newRoute(t bus.Target, subs []*liveSub) *route {
	r := &route{target: t}
	byName := map[string]*group{}
	for _, s := range subs {
		if !s.filter.Match(t.Subject) {
			continue
		}
		r.blocks = r.blocks || s.block != nil
		if s.group == "" {
			r.subs = append(r.subs, s)
			continue
		}
		g := byName[s.group]
		if g == nil {
			g = new(group)
			byName[s.group] = g
			r.groups = append(r.groups, g)
		}
		g.members = append(g.members, s)
	}
	slices.SortStableFunc(r.subs, func(a, b *liveSub) int { return a.patience() - b.patience() })
	return r
}

func (s *liveSub) patience() int {
	if s.block != nil {
		return 1
	}
	return 0
}

// choose returns the member whose turn it is, but one that has room before one
// that has not.
func (h *hub) choose(g *group, blocks bool) *liveSub {
	turn, n := g.turn.Add(1), uint64(len(g.members))
	if !blocks {
		return g.members[turn%n]
	}
	h.blocked.Lock()
	defer h.blocked.Unlock()
	for i := range n {
		if s := g.members[(turn+i)%n]; s.block == nil || s.block.room > 0 {
			return s
		}
	}
	return g.members[turn%n]
}

// publish hands an event on.
func (g *guest) publish(ctx context.Context, f frame) error {
	p, err := parsePost(f.body)
	if err != nil {
		return err
	}
	confirm := f.flags&flagConfirm != 0
	if confirm {
		g.informed.Store(true) // before looking: what changes afterwards is told
	}
	r, err := g.hub.route(p.subject)
	if err != nil {
		return ErrFrame.Wrap(err, "EVENT") // clients check it
	}
	var pub *publication // nil for most: they are neither confirmed nor made to wait
	if confirm || r.blocks {
		pub = &publication{guest: g, ref: f.ref, confirm: confirm, count: r.size(), blocks: r.blocks}
	}
	if f.flags&flagRetained != 0 && confirm {
		if done, err := g.retain(ctx, &p, f.flags, r.target.Subject, pub); done {
			return err
		}
	}
	f.flags &= flagZstd
	for _, s := range r.subs {
		g.deliver(s, f, pub)
	}
	for _, group := range r.groups {
		g.deliver(g.hub.choose(group, r.blocks), f, pub)
	}
	if confirm {
		return pub.settled()
	}
	return nil
}

// deliver adds an event to what waits for the subscriber. It never waits.
func (g *guest) deliver(s *liveSub, f frame, pub *publication) {
	if s.block != nil && !g.hub.admit(s, f, pub) {
		return
	}
	g.push(s, f)
}

func (g *guest) push(s *liveSub, f frame) {
	if s.lost.Load() > 0 {
		s.tellLoss()
	}
	f.kind, f.ref = kindEvent, s.id
	n, err := s.guest.out.add(f)
	if err != nil { // full; or gone, and then nobody is left to count
		s.lost.Add(1)
		g.hub.stats.dropped.Add(1)
		return
	}
	g.touch(s.guest.out, n)
}

// tellLoss tells the subscriber how many events it lost, if there is room.
func (s *liveSub) tellLoss() bool {
	n := s.lost.Swap(0)
	if n == 0 {
		return false
	}
	if _, err := s.guest.out.add(droppedFrame(s.id, n, bus.DroppedTransport)); err != nil {
		s.lost.Add(n)
		return false
	}
	return true
}

func droppedFrame(id, n uint64, r bus.Reason) frame {
	return frame{kind: kindDropped, ref: id, body: append(numbers(n), r...)}
}

func (h *hub) welcome() welcome {
	return welcome{Hub: h.id, PID: os.Getpid(), PingMS: h.o.Ping.Milliseconds()}
}

// figures is what a hub tells of itself.
func (h *hub) figures(ctx context.Context) []byte {
	h.mu.RLock()
	guests, subs := len(h.guests), len(h.subs)
	h.mu.RUnlock()
	return numbers(h.ring.Health(ctx).DeadLetters, uint64(guests), uint64(subs), h.stats.malformed.Load(), h.stats.dropped.Load())
}
