package lease

import "github.com/omninode-ai/onex/fault"

// The numbers 121-139 of NODE_REGISTRY are those of ports.

// ErrRequest is the answer to a request for a port that makes no sense: no
// requester, a negative TTL, a port outside the range of its purpose, a purpose
// that nobody configured. The message names the field and the value.
var ErrRequest = fault.New("ONEX_NODE_REGISTRY_121_INVALID_PORT_REQUEST", fault.Invalid, "invalid request for a port").
	Hinted("`ports:` in onex.yaml sets the ranges and purposes")

// ErrBusy is the answer to a request for exactly one port which somebody else
// leases, or which a program on the machine uses without a lease. Ask without
// --exact to get another one.
var ErrBusy = fault.New("ONEX_NODE_REGISTRY_122_PORT_BUSY", fault.Conflict, "the port is in use").
	Hinted("`onex ports list` shows who leases it; ask without --exact for another")

// ErrExhausted is the answer to a request for a port when the range has none
// left, or when its purpose or its requester has as many as it may. Release what
// is not needed, or widen the range in onex.yaml.
var ErrExhausted = fault.New("ONEX_NODE_REGISTRY_123_PORTS_EXHAUSTED", fault.Exhausted, "no port is left").
	Hinted("`onex ports list` shows who holds them; `ports:` in onex.yaml sets range and limits")

// ErrUnknown is the answer to a renewal or release of a lease that this registry
// does not know: it ended more than ten minutes ago, or never was.
var ErrUnknown = fault.New("ONEX_NODE_REGISTRY_124_LEASE_NOT_FOUND", fault.NotFound, "no such lease").
	Hinted("`onex ports list` shows the leases")

// ErrEnded is the answer to a renewal of a lease that has ended: it expired, was
// released, or its holder was seen to die. The port may be somebody else's by now:
// stop using it and ask for a new one.
var ErrEnded = fault.New("ONEX_NODE_REGISTRY_125_LEASE_ENDED", fault.Conflict, "the lease has ended").
	Hinted("stop using the port, and lease another")

// ErrForeign is the answer to a request that speaks of somebody else's lease: it
// has another requester, or another fencing token than the lease.
var ErrForeign = fault.New("ONEX_NODE_REGISTRY_126_NOT_THE_HOLDER", fault.Denied, "the lease belongs to somebody else").
	Hinted("name the requester and the token that the lease was given with")

// ErrRecord is logged when a saved lease cannot be read at start: the record is
// damaged, or a newer version wrote it. Its holder is told so when it renews.
var ErrRecord = fault.New("ONEX_NODE_REGISTRY_127_CORRUPT_LEASE", fault.Corrupt, "the saved record of a lease cannot be read")

// ErrPolicy is returned at start when `ports:` in onex.yaml is wrong: a range that
// is empty or outside 1-65535, a TTL or a limit below zero, too many purposes.
var ErrPolicy = fault.New("ONEX_NODE_REGISTRY_128_INVALID_PORT_POLICY", fault.Invalid, "invalid policy for ports").
	Hinted("a range is written as 20000-29999")
