package registry

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

const (
	// renewals is how often a lease is renewed during its TTL, so that two may
	// get lost.
	renewals = 3

	// maxBinds bounds the ports that Listen tries: those that programs without a
	// lease took between the grant and the bind, or on a machine that the registry
	// cannot ask.
	maxBinds = 16
)

// ErrPortLost is the reason of a [Held] lease that its holder could not keep: it
// was not renewed in time, because no registry answered, or it was ended there.
// Stop using the port.
var ErrPortLost = fault.New("ONEX_NODE_REGISTRY_129_PORT_LOST", fault.Unavailable, "the lease of the port is lost").
	Hinted("stop using the port, and lease another")

// A Held lease is renewed until it is closed. It may be used from any goroutine.
type Held struct {
	c    *Client
	done context.CancelFunc
	lost chan struct{}
	ends sync.WaitGroup

	mu    sync.Mutex
	lease event.Lease
	err   error
}

// Hold keeps renewing a lease that was just given, until Close.
func (c *Client) Hold(l event.Lease) *Held {
	ctx, done := context.WithCancel(context.Background())
	h := &Held{c: c, done: done, lost: make(chan struct{}), lease: l}
	h.ends.Go(func() { h.renew(ctx) })
	return h
}

// Lease returns the lease as it was renewed last.
func (h *Held) Lease() event.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease
}

// Lost returns a channel that is closed when the lease is lost: the port may be
// somebody else's from then on.
func (h *Held) Lost() <-chan struct{} { return h.lost }

// Err returns why the lease is lost, [ErrPortLost], or nil while it is held.
func (h *Held) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Close stops renewing and gives the port back, unless it is lost. It may be
// called twice. When no registry answers the lease ends with its TTL, and that is
// no error of the holder.
func (h *Held) Close() error {
	h.done()
	h.ends.Wait()
	if h.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.c.timeout)
	defer cancel()
	if err := h.c.Release(ctx, h.Lease()); err != nil && !errors.Is(err, ErrUnavailable) {
		return err
	}
	return nil
}

// renew renews until ctx ends or the lease is lost. Time is counted from when a
// renewal was sent, on this machine's clock, so that the holder gives up before
// the registry does.
func (h *Held) renew(ctx context.Context) {
	l := h.Lease()
	until := time.Now().Add(l.TTL)
	timer := time.NewTimer(l.TTL / renewals)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		sent := time.Now()
		renewed, err := h.once(ctx, until)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			until = sent.Add(renewed.TTL)
			h.set(renewed, nil)
		case !errors.Is(err, ErrUnavailable) && !fault.ClassOf(err).Retryable() || !time.Now().Before(until):
			h.set(l, ErrPortLost.Wrap(err, "%d", l.Port))
			close(h.lost)
			return
		}
		timer.Reset(min(l.TTL/renewals, max(time.Until(until), 0)))
	}
}

func (h *Held) once(ctx context.Context, until time.Time) (event.Lease, error) {
	bounded, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	l, err := h.c.Renew(bounded, h.Lease(), 0)
	if errors.Is(err, context.DeadlineExceeded) {
		err = ErrUnavailable.Wrap(err, "until the lease ended")
	}
	return l, err
}

func (h *Held) set(l event.Lease, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease, h.err = l, err
}

// A Listener listens on a leased port and gives it back when it is closed.
type Listener struct {
	net.Listener
	Held *Held
}

// Listen leases a port and listens on it, at address, which is 127.0.0.1 when it
// is empty. The port is bound before anybody hears of it, so nobody can take it in
// between; if a program that has no lease was quicker, another port is leased.
// The lease is renewed until the listener is closed.
func (c *Client) Listen(ctx context.Context, address string, w PortWish) (*Listener, error) {
	var err error
	for range maxBinds {
		var l event.Lease
		if l, err = c.Lease(ctx, w); err != nil {
			return nil, err
		}
		var bound net.Listener
		bound, err = (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(cmp.Or(address, "127.0.0.1"), strconv.Itoa(l.Port)))
		if err == nil {
			return &Listener{bound, c.Hold(l)}, nil
		}
		if e := c.Release(ctx, l); e != nil || w.Exact {
			return nil, errors.Join(err, e)
		}
	}
	return nil, err
}

// Close stops listening, then gives the port back.
func (l *Listener) Close() error { return errors.Join(l.Listener.Close(), l.Held.Close()) }
