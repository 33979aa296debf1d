package ipcbus

import (
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
)

// maxUnasked bounds what one subscription with the policy block lets wait from
// publishers who did not know that they should. There are such only in the
// instant in which the subscription is made.
const maxUnasked = 1000

// A gate lets as many events through to a subscription with the policy block as
// its queue has room for. The hub's blocked guards it.
type gate struct {
	closed  bool
	limit   int // of its queue
	room    int
	waiting []*arrival
}

// An arrival is an event that waits for room. It is a copy.
type arrival struct {
	sub   *liveSub
	frame frame
	pub   *publication // nil when nobody asked for confirmation
}

// A publication is one event that its publisher may want confirmed.
type publication struct {
	guest   *guest
	ref     uint64
	confirm bool
	blocks  bool // some subscriber's policy is block
	count   int  // queues it was or will be handed to

	sequence  uint64
	duplicate bool
	pending   int // arrivals that wait; the hub's blocked guards it
	given     bool
	since     time.Time // when it began to wait; zero when it did not
	limit     int       // of the queue that was full
}

// settled confirms the publication, unless it waits for room.
func (p *publication) settled() error {
	if p.blocks {
		h := p.guest.hub
		h.blocked.Lock()
		defer h.blocked.Unlock()
		if p.pending > 0 {
			return nil
		}
	}
	return p.guest.answer(p.ack())
}

func (p *publication) ack() frame {
	f := frame{kind: kindAck, ref: p.ref, body: numbers(uint64(p.count), p.sequence)}
	if !p.since.IsZero() {
		f.body = append(f.body, numbers(uint64(time.Since(p.since)), uint64(p.limit))...)
	}
	if p.blocks {
		f.flags |= flagWait
	}
	if p.duplicate {
		f.flags |= flagDuplicate
	}
	return f
}

// admit reports whether an event may go to s now. If not, it waits.
func (h *hub) admit(s *liveSub, f frame, pub *publication) bool {
	h.blocked.Lock()
	defer h.blocked.Unlock()
	if s.block.closed {
		pub.count--
		return false
	}
	if s.block.room > 0 {
		s.block.room--
		return true
	}
	if !pub.confirm && len(s.block.waiting) >= maxUnasked {
		h.stats.dropped.Add(1)
		_ = s.guest.out.send(droppedFrame(s.id, 1, bus.DroppedBlocked)) // a guest without room for this is lost anyway
		return false
	}
	a := &arrival{sub: s, frame: f}
	a.frame.body = slices.Clone(f.body)
	if pub.confirm {
		pub.guest.waiting[pub.ref] = pub
		if pub.pending++; pub.since.IsZero() {
			pub.since, pub.limit = time.Now(), s.block.limit
		}
		a.pub = pub
	}
	s.block.waiting = append(s.block.waiting, a)
	return false
}

// makeRoom lets n more events through to s.
func (h *hub) makeRoom(g *guest, s *liveSub, n int) {
	h.blocked.Lock()
	defer h.blocked.Unlock()
	for s.block.room += n; s.block.room > 0 && len(s.block.waiting) > 0; s.block.room-- {
		a := s.block.waiting[0]
		s.block.waiting = s.block.waiting[1:]
		g.push(s, a.frame)
		a.resolve()
	}
}

// resolve confirms the publication when nothing of it waits any more.
func (a *arrival) resolve() {
	if a.pub == nil {
		return
	}
	a.pub.pending--
	if a.pub.pending > 0 {
		return
	}
	p := a.pub
	delete(p.guest.waiting, p.ref)
	f := p.ack()
	if p.given {
		f = jsonFrame(kindNack, p.ref, reportFull(p.count))
	}
	_ = p.guest.out.send(f) // a guest without room is told by its own timeout
}

// giveUp ends the waiting of g's publication. Each subscription that did not get
// it counts a drop.
func (h *hub) giveUp(g *guest, ref uint64) {
	h.blocked.Lock()
	defer h.blocked.Unlock()
	if p := g.waiting[ref]; p != nil {
		h.drop(p)
	}
}

// drop removes p's arrivals. The caller holds blocked.
func (h *hub) drop(p *publication) {
	p.given = true
	h.mu.RLock()
	subs := slices.Clone(h.subs)
	h.mu.RUnlock()
	for _, s := range subs {
		if s.block == nil {
			continue
		}
		s.block.waiting = slices.DeleteFunc(s.block.waiting, func(a *arrival) bool {
			if a.pub != p {
				return false
			}
			h.stats.dropped.Add(1)
			_ = s.guest.out.send(droppedFrame(s.id, 1, bus.DroppedBlocked))
			p.count--
			a.resolve()
			return true
		})
	}
}

// release lets go of what waits for s, which is no more.
func (h *hub) release(s *liveSub) {
	if s.block == nil {
		return
	}
	h.blocked.Lock()
	defer h.blocked.Unlock()
	for _, a := range s.block.waiting {
		if a.pub != nil {
			a.pub.count--
		}
		a.resolve()
	}
	s.block.waiting, s.block.closed = nil, true
}

// forget ends g's publications and subscriptions that wait.
func (h *hub) forget(g *guest) {
	for _, s := range g.subs {
		h.release(s)
	}
	h.blocked.Lock()
	defer h.blocked.Unlock()
	for _, p := range g.waiting {
		h.drop(p)
	}
}
