package event

import (
	"time"

	"github.com/omninode-ai/onex/fault"
)

// A Lease is a port held until a time. Whoever acts on it shows Token, which
// only grows: a holder with a smaller one has lost the port.
type Lease struct {
	LeaseID   ID     // required
	Port      int    // required; 1 to 65535
	Requester ID     // required; who holds it
	Name      string // what it is for
	Host      string
	Token     uint64    // fencing_token
	ExpiresAt time.Time // unless renewed
}

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
	LeaseID   ID            // of the lease to renew or release
	Port      int           // wanted; 0 means any
	Name      string        // what it is for
	Host      string        // where it will be bound
	Token     uint64        // fencing_token of the lease to renew or release
	TTL       time.Duration // 0 means the registry's default
}

// PortAllocated says that a port is held.
type PortAllocated struct{ Lease }

// PortRenewed says that a port is held for longer.
type PortRenewed struct{ Lease }

// PortReleased says that the holder gave a port back.
type PortReleased struct {
	Lease
	Reason string
}

// PortExpired says that a lease ended because nobody renewed it.
type PortExpired struct {
	Lease
	Reason string
}

// PortRejected says that a [PortRequest] was refused.
type PortRejected struct {
	Action    PortAction
	Requester ID // required
	Port      int
	Error     fault.Report // required
}

func (PortRequest) Kind() Kind   { return KindPortRequest }
func (PortAllocated) Kind() Kind { return KindPortAllocated }
func (PortRenewed) Kind() Kind   { return KindPortRenewed }
func (PortReleased) Kind() Kind  { return KindPortReleased }
func (PortExpired) Kind() Kind   { return KindPortExpired }
func (PortRejected) Kind() Kind  { return KindPortRejected }

func (PortRequest) payload()   {}
func (PortAllocated) payload() {}
func (PortRenewed) payload()   {}
func (PortReleased) payload()  {}
func (PortExpired) payload()   {}
func (PortRejected) payload()  {}
