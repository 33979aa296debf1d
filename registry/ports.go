package registry

import (
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/registry/lease"
)

// maxLeasePage bounds the leases in one answer: with the longest texts they take
// half of an event.
const maxLeasePage = 512

// ports are the leases of a loop.
type ports struct {
	requests chan bus.Delivery
	table    *lease.Table
	waiting  []leased // until what they say is saved
}

// A leased request is answered when the store knows of it.
type leased struct {
	request event.Event
	lease   event.ID
	answer  event.Payload
	changed bool // so that others are told, too
}

func newPorts(o Options) (ports, error) {
	t, err := lease.NewTable(&lease.Options{By: o.ID, Host: o.Host, Policy: o.Ports, Free: o.Free})
	return ports{requests: make(chan bus.Delivery), table: t}, err
}

// port takes in one request for a lease.
func (l *loop) port(now time.Time, e event.Event) {
	r, ok := e.Payload.(event.PortRequest)
	if !ok || e.NodeID == l.o.ID {
		return
	}
	answer, changed, err := l.ports.table.Request(now, e.ID, r)
	if err != nil {
		l.log.Info("request for a port rejected", "action", string(r.Action), "requester", r.Requester.String(), "error", err)
		l.reply(e, event.PortRejected{Action: r.Action, Requester: r.Requester, Port: r.Port, Error: fault.ReportOf(err)})
		return
	}
	l.ports.waiting = append(l.ports.waiting, leased{e, leaseOf(answer), answer, changed})
}

func leaseOf(p event.Payload) event.ID {
	switch p := p.(type) {
	case event.PortAllocated:
		return p.LeaseID
	case event.PortRenewed:
		return p.LeaseID
	case event.PortReleased:
		return p.LeaseID
	}
	return event.ID{}
}

// saved takes out the answers whose leases are in the batch that is being made,
// or saved before.
func (p *ports) saved() []leased {
	var out, rest []leased
	for _, a := range p.waiting {
		if p.table.Saved(a.lease) {
			out = append(out, a)
		} else {
			rest = append(rest, a)
		}
	}
	p.waiting = rest
	return out
}

// unsaved takes back a batch that did not reach the store.
func (p *ports) unsaved(b *batch) {
	p.table.Unsaved(b.puts, b.deletes)
	p.waiting = append(b.leases, p.waiting...)
}

// grant answers a request, and tells others what it changed.
func (l *loop) grant(a leased) {
	l.reply(a.request, a.answer)
	if a.changed {
		l.publishLease(a.answer, a.request.Correlation)
	}
}

func (l *loop) publishLease(p event.Payload, correlation event.ID) {
	l.outbox.send(leaseOf(p).String(), event.NewSubject(p.Kind(), l.o.Name), event.New(l.o.ID, p, correlation))
}

// endLeases gives back what a node held that is not there any more.
func (l *loop) endLeases(t Transition) {
	requester, err := event.ParseID(string(t.NodeID))
	if err != nil {
		return
	}
	for _, p := range l.ports.table.Gone(t.Time, requester, "its holder is "+string(t.To)+": "+t.Reason) {
		l.log.Info("port released", "port", p.Port, "reason", p.Reason)
		l.publishLease(p, event.ID{})
	}
}

// expireLeases ends what nobody renewed.
func (l *loop) expireLeases(now time.Time) {
	for _, p := range l.ports.table.Expire(now) {
		l.log.Warn("port expired", "port", p.Port, "name", p.Name, "requester", p.Requester.String())
		l.publishLease(p, event.ID{})
	}
}
