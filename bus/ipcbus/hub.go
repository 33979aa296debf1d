package ipcbus

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const (
	// maxGuests bounds the connections of a hub. Each costs a descriptor, two
	// goroutines and a read buffer.
	maxGuests = 4096

	// maxGuestSubs bounds the subscriptions of one connection.
	maxGuestSubs = 4096

	// housekeeping is how often a hub looks for silent guests and for losses
	// that could not be told yet.
	housekeeping = 250 * time.Millisecond

	// acceptPause is the wait after a failure to accept, which is always for
	// want of descriptors.
	acceptPause = 10 * time.Millisecond

	// farewell bounds how long a hub that ends waits for guests to take what
	// waits for them.
	farewell = time.Second
)

// A hub hands events from guest to guest. It reads nothing of an event but what
// stands in its frame, except for retained ones.
type hub struct {
	o      Options
	id     string
	log    *slog.Logger
	place  *place
	ring   *bus.Memory // of retained events
	cancel context.CancelFunc
	tasks  sync.WaitGroup // accept, housekeeping, two for each guest, one for each reader of the ring
	stats  hubStats

	mu     sync.RWMutex
	closed bool
	guests map[*guest]struct{}
	subs   []*liveSub
	routes map[string]*route

	blocked sync.Mutex // guards what waits for room: see block.go
}

type hubStats struct{ malformed, dropped atomic.Uint64 }

// startHub makes this process the hub, or returns errHeld.
func startHub(o Options) (*hub, error) {
	p, err := takePlace(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &hub{
		o: o, id: event.NewID().String(), log: o.Log, place: p, ring: bus.NewMemory(&o.Retain), cancel: cancel,
		guests: map[*guest]struct{}{}, routes: map[string]*route{},
	}
	h.tasks.Go(func() { h.accept(ctx) })
	h.tasks.Go(func() { h.keepHouse(ctx) })
	h.log.Info("bus hub started", "pid", os.Getpid())
	return h, nil
}

func (h *hub) accept(ctx context.Context) {
	for {
		conn, err := h.place.accept()
		if err == nil {
			h.tasks.Go(func() { h.receive(ctx, conn) })
			continue
		}
		if errors.Is(err, errMoved) {
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		h.log.Error("accepting on the bus socket", "error", err)
		select {
		case <-time.After(acceptPause):
		case <-ctx.Done():
			return
		}
	}
}

// receive serves one connection until it ends.
func (h *hub) receive(ctx context.Context, conn *net.UnixConn) {
	if err := h.o.checkPeer(conn); err != nil {
		h.refuse(conn, err)
		return
	}
	out, err := newOutbox(conn)
	if err != nil {
		conn.Close()
		return
	}
	g := &guest{
		hub: h, out: out, in: newFrameReader(conn),
		subs: map[uint64]*liveSub{}, readers: map[uint64]*reader{}, waiting: map[uint64]*publication{},
		dirty: map[*outbox]struct{}{},
	}
	g.heard.Store(time.Now().UnixNano())
	if err := h.add(g); err != nil {
		h.refuse(conn, err)
		return
	}
	h.tasks.Go(out.run)
	g.serve(ctx)
	h.remove(g)
}

// refuse tells why and hangs up.
func (h *hub) refuse(conn *net.UnixConn, err error) {
	h.log.Warn("connection to the bus refused", "error", err)
	_ = conn.SetWriteDeadline(time.Now().Add(farewell))
	_, _ = conn.Write(errorFrame(err).appendTo(nil)) // the peer need not be there any more
	conn.Close()
}

func (h *hub) add(g *guest) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return bus.ErrUnavailable.With("the hub is closing")
	case len(h.guests) >= maxGuests:
		return ErrBusy.With("%d connections", maxGuests)
	}
	h.guests[g] = struct{}{}
	return nil
}

// remove forgets g and its subscriptions, and tells who departed with it.
func (h *hub) remove(g *guest) {
	h.mu.Lock()
	delete(h.guests, g)
	gone := map[string]bool{}
	h.subs = slices.DeleteFunc(h.subs, func(s *liveSub) bool {
		if r := s.filter.Receiver(); s.guest == g && r != "" {
			gone[r] = true
		}
		return s.guest == g
	})
	if len(gone) > 0 {
		for _, s := range h.subs { // one that came back may listen already
			delete(gone, s.filter.Receiver())
		}
	}
	closed := h.closed
	h.reroute()
	h.mu.Unlock()
	g.leave()
	for r := range gone {
		if !closed {
			h.o.Departed(r)
		}
	}
}

// reroute forgets all routes and says so to those who know one. The caller
// holds mu.
func (h *hub) reroute() {
	clear(h.routes)
	for g := range h.guests {
		if g.informed.Load() {
			err := g.out.send(frame{kind: kindRoutes})
			g.informed.Store(err != nil) // one that is full hears of the next change
		}
	}
}

// keepHouse looks after the guests until ctx ends.
func (h *hub) keepHouse(ctx context.Context) {
	tick := time.NewTicker(min(housekeeping, h.o.Ping/2))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for _, g := range h.everybody() {
				g.check(now, h.o.Ping)
			}
			h.tellLosses()
			if err := h.place.guard(); err != nil {
				h.log.Error("the bus hub gives up", "error", err)
				h.dismiss(ctx)
				_ = h.place.leave() // the socket is not ours, and the lock nobody's
				return
			}
		}
	}
}

func (h *hub) everybody() []*guest {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*guest, 0, len(h.guests))
	for g := range h.guests {
		all = append(all, g)
	}
	return all
}

func (h *hub) tellLosses() {
	h.mu.RLock()
	subs := slices.Clone(h.subs)
	h.mu.RUnlock()
	for _, s := range subs {
		if s.tellLoss() {
			s.guest.out.flush()
		}
	}
}

// close ends the hub: to each guest what waits for it and BYE, then the socket
// and the lock are free for the next hub.
func (h *hub) close(ctx context.Context) error {
	h.dismiss(ctx)
	h.cancel()
	err := h.place.leave()
	h.tasks.Wait()
	_ = h.ring.Close(ctx) // never waits, never fails
	h.log.Info("bus hub ended")
	return err
}

// dismiss lets no new guests in and says BYE to all there are.
func (h *hub) dismiss(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	var goodbyes sync.WaitGroup
	for _, g := range h.everybody() {
		goodbyes.Go(func() {
			_ = g.out.send(frame{kind: kindBye})
			_ = g.out.drained(ctx) // whoever reads nothing loses what it has not read
			g.out.fail(net.ErrClosed)
		})
	}
	goodbyes.Wait()
}
