package registry

import (
	"context"
	"errors"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// A PortWish says which port is wanted. Its zero value wants any TCP port of the
// default range on this machine.
type PortWish struct {
	Requester event.ID       // who holds it: a node's id, so that its death gives the port back; default a new one
	Name      string         // what it is for, for people
	Purpose   string         // one of the registry's purposes
	Port      int            // preferred
	Exact     bool           // no other than Port
	Protocol  event.Protocol // default tcp
	Host      string         // the machine; default the registry's
	TTL       time.Duration  // default the purpose's
}

// Lease asks for a port and returns the lease, which lasts for its TTL: the caller
// renews it, or holds it with [Client.Hold]. A registry that is asked again because
// its answer was lost answers with the same lease.
//
// It fails with the errors of package lease and with [ErrUnavailable].
func (c *Client) Lease(ctx context.Context, w PortWish) (event.Lease, error) {
	if w.Requester.IsZero() {
		w.Requester = event.NewID()
	}
	p, err := askPort[event.PortAllocated](ctx, c, event.PortRequest{
		Action: event.PortAllocate, LeaseID: event.NewID(), Requester: w.Requester, Port: w.Port, Exact: w.Exact,
		Protocol: w.Protocol, Name: w.Name, Purpose: w.Purpose, Host: w.Host, TTL: w.TTL,
	})
	return p.Lease, err
}

// Renew gives a lease its TTL anew, or another TTL if that is not zero. It fails
// with lease.ErrEnded when the port is lost.
func (c *Client) Renew(ctx context.Context, l event.Lease, ttl time.Duration) (event.Lease, error) {
	p, err := askPort[event.PortRenewed](ctx, c, event.PortRequest{
		Action: event.PortRenew, LeaseID: l.LeaseID, Requester: l.Requester, Token: l.Token, TTL: ttl,
	})
	return p.Lease, err
}

// Release gives a lease back. Giving it back twice is no error.
func (c *Client) Release(ctx context.Context, l event.Lease) error {
	_, err := askPort[event.PortReleased](ctx, c, event.PortRequest{
		Action: event.PortRelease, LeaseID: l.LeaseID, Requester: l.Requester, Token: l.Token,
	})
	return err
}

// Leases returns the leases in force, in the order in which they were given.
func (c *Client) Leases(ctx context.Context) ([]event.Lease, error) {
	all := []event.Lease{}
	for after := uint64(0); ; after = all[len(all)-1].Token {
		p, err := ask[event.PortDiscoveryResponse](ctx, c, event.PortDiscoveryRequest{After: after})
		if err != nil || len(p.Leases) == 0 {
			return all, err
		}
		all = append(all, p.Leases...)
	}
}

// askPort is ask for requests that may be refused.
func askPort[A event.Payload](ctx context.Context, c *Client, q event.PortRequest) (answer A, err error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	e, err := c.repeat(bounded, q)
	if errors.Is(err, bus.ErrNoAnswer) && ctx.Err() == nil {
		return answer, ErrUnavailable.Wrap(err, "within %s", c.timeout)
	}
	if err != nil {
		return answer, err
	}
	switch p := e.Payload.(type) {
	case A:
		return p, nil
	case event.PortRejected:
		return answer, p.Error.Err()
	}
	return answer, ErrUnavailable.With("the answer to %s is a %s", q.Kind(), e.Kind())
}
