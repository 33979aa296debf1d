package event

import (
	"time"

	"github.com/omninode-ai/onex/fault"
)

// A Lease is a port held until a time. Whoever acts on it shows Token, which
// only grows: a holder with a smaller one has lost the port.
type Lease struct {
	LeaseID     ID       // required
	Port        int      // required; 1 to 65535
	Protocol    Protocol // of the port; empty means tcp
	Requester   ID       // required; who holds it
	Name        string   // what it is for
	Purpose     string   // whose range and limits it falls under
	Host        string   // the machine that the port belongs to
	Token       uint64   // fencing_token
	AllocatedBy string   // the registry's id
	AllocatedAt time.Time
	RenewedAt   time.Time     // the last sign of life of its holder
	ExpiresAt   time.Time     // unless renewed
	TTL         time.Duration // as granted
}

func (p *Lease) fields(c *codec) {
	c.id("lease_id", &p.LeaseID, required)
	integer(c, "port", &p.Port, required)
	enum(c, "protocol", &p.Protocol, optional, protocols)
	c.id("requester", &p.Requester, required)
	text(c, "name", &p.Name, optional)
	text(c, "purpose", &p.Purpose, optional)
	text(c, "host", &p.Host, optional)
	unsigned(c, "fencing_token", &p.Token, always)
	text(c, "allocated_by", &p.AllocatedBy, optional)
	c.time("port_allocation_ts", &p.AllocatedAt, optional)
	c.time("last_heartbeat_ts", &p.RenewedAt, optional)
	c.time("expires_at", &p.ExpiresAt, optional)
	c.duration("ttl_ms", &p.TTL, optional)
	c.port("port", p.Port)
}

// Protocol is what is spoken to a port's address: each has ports of its own.
type Protocol string

// The protocols.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// PortAction is what a [PortRequest] wants.
type PortAction string

// The actions.
const (
	PortAllocate PortAction = "allocate"
	PortRenew    PortAction = "renew"
	PortRelease  PortAction = "release"
)

// PortRequest asks a registry for a lease, for more time, or gives it back. The
// answer is [PortAllocated], [PortRenewed], [PortReleased] or [PortRejected].
type PortRequest struct {
	Action    PortAction    // required
	Requester ID            // required
	LeaseID   ID            // of the lease to renew or release; to allocate, chosen by the requester, who may so ask twice
	Port      int           // preferred, or to be found; 0 means any
	Protocol  Protocol      // empty means tcp
	Name      string        // what it is for
	Purpose   string        // whose range and limits it falls under
	Host      string        // the machine where it will be bound; empty means the registry's
	Exact     bool          // no other port than Port will do
	Token     uint64        // fencing_token of the lease to renew or release
	TTL       time.Duration // 0 means the registry's default
}

func (p PortRequest) visit(c *codec) Payload {
	enum(c, "action", &p.Action, required, portActions)
	c.id("requester", &p.Requester, required)
	c.id("lease_id", &p.LeaseID, optional)
	integer(c, "port", &p.Port, optional)
	enum(c, "protocol", &p.Protocol, optional, protocols)
	text(c, "name", &p.Name, optional)
	text(c, "purpose", &p.Purpose, optional)
	text(c, "host", &p.Host, optional)
	c.flag("exact", &p.Exact, optional)
	unsigned(c, "fencing_token", &p.Token, optional)
	c.duration("ttl_ms", &p.TTL, optional)
	if p.Port != 0 {
		c.port("port", p.Port)
	}
	return keep(c, p)
}

// PortAllocated says that a port is held.
type PortAllocated struct{ Lease }

func (p PortAllocated) visit(c *codec) Payload {
	p.Lease.fields(c)
	return keep(c, p)
}

// PortRenewed says that a port is held for longer.
type PortRenewed struct{ Lease }

func (p PortRenewed) visit(c *codec) Payload {
	p.Lease.fields(c)
	return keep(c, p)
}

// PortReleased says that the holder gave a port back.
type PortReleased struct {
	Lease
	Reason string
}

func (p PortReleased) visit(c *codec) Payload {
	p.Lease.fields(c)
	text(c, "reason", &p.Reason, optional)
	return keep(c, p)
}

// PortExpired says that a lease ended because nobody renewed it.
type PortExpired struct {
	Lease
	Reason string
}

func (p PortExpired) visit(c *codec) Payload {
	p.Lease.fields(c)
	text(c, "reason", &p.Reason, optional)
	return keep(c, p)
}

// PortRejected says that a [PortRequest] was refused.
type PortRejected struct {
	Action    PortAction
	Requester ID // required
	Port      int
	Error     fault.Report // required
}

func (p PortRejected) visit(c *codec) Payload {
	enum(c, "action", &p.Action, optional, portActions)
	c.id("requester", &p.Requester, required)
	integer(c, "port", &p.Port, optional)
	c.report("error", &p.Error, required)
	return keep(c, p)
}

// PortDiscoveryRequest asks a registry which ports are held. The answers come in
// pages, in the order of tokens.
type PortDiscoveryRequest struct {
	After uint64 // the largest token of the page before; 0 begins
}

func (p PortDiscoveryRequest) visit(c *codec) Payload {
	unsigned(c, "after_token", &p.After, optional)
	return keep(c, p)
}

// PortDiscoveryResponse answers [PortDiscoveryRequest]; without leases it is the
// last page.
type PortDiscoveryResponse struct {
	RegistryID string
	Leases     []Lease
}

func (p PortDiscoveryResponse) visit(c *codec) Payload {
	text(c, "registry_id", &p.RegistryID, optional)
	for i := range list(c, "leases", &p.Leases, always) {
		c.item(i)
		p.Leases[i].fields(c)
		c.end()
	}
	c.endList()
	return keep(c, p)
}

func (PortRequest) Kind() Kind   { return KindPortRequest }
func (PortAllocated) Kind() Kind { return KindPortAllocated }
func (PortRenewed) Kind() Kind   { return KindPortRenewed }
func (PortReleased) Kind() Kind  { return KindPortReleased }
func (PortExpired) Kind() Kind   { return KindPortExpired }
func (PortRejected) Kind() Kind  { return KindPortRejected }

func (PortDiscoveryRequest) Kind() Kind  { return KindPortDiscoveryRequest }
func (PortDiscoveryResponse) Kind() Kind { return KindPortDiscoveryResponse }

func (PortRequest) payload()   {}
func (PortAllocated) payload() {}
func (PortRenewed) payload()   {}
func (PortReleased) payload()  {}
func (PortExpired) payload()   {}
func (PortRejected) payload()  {}

func (PortDiscoveryRequest) payload()  {}
func (PortDiscoveryResponse) payload() {}
