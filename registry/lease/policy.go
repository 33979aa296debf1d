package lease

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Times and bounds.
const (
	// DefaultTTL is how long a lease lasts without being renewed. Holders renew
	// three times as often.
	DefaultTTL = time.Minute

	// MinTTL and MaxTTL bound what may be asked for; the lease says what it got.
	MinTTL = time.Second
	MaxTTL = 24 * time.Hour

	// Keep is how long the end of a lease is remembered, so that its holder
	// learns why, and a request from before does not bring it back.
	Keep = 10 * time.Minute

	// MaxLeases bounds the leases, and the ends remembered: all ports of the
	// default range, for each protocol.
	MaxLeases = 20_000

	// MaxPurposes bounds the purposes of a policy. A project has a handful.
	MaxPurposes = 100

	// MaxText bounds the name, the host and the purpose in a request.
	MaxText = 200

	// maxAsked bounds the ports that one request has the machine asked about. It
	// takes some ten microseconds for each.
	maxAsked = 512
)

// DefaultRange returns 20000-29999. It lies below the ports that Linux gives to outgoing connections
// (32768 and up), so that the two never collide.
func DefaultRange() Range { return Range{20000, 29999} }

// A Range has the ports from First to Last, both included.
type Range struct{ First, Last int }

// ParseRange reads a range such as 20000-29999, or one port. It fails with
// [ErrPolicy].
func ParseRange(s string) (Range, error) {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		to = from
	}
	first, e1 := strconv.Atoi(strings.TrimSpace(from))
	last, e2 := strconv.Atoi(strings.TrimSpace(to))
	r := Range{first, last}
	if e1 != nil || e2 != nil || !r.valid() {
		return Range{}, ErrPolicy.With("%q is not a range of ports", s)
	}
	return r, nil
}

// String returns r as ParseRange reads it.
func (r Range) String() string { return strconv.Itoa(r.First) + "-" + strconv.Itoa(r.Last) }

// Has reports whether port is one of r.
func (r Range) Has(port int) bool { return r.First <= port && port <= r.Last }

func (r Range) valid() bool { return r.First >= 1 && r.Last <= 65535 && r.First <= r.Last }
func (r Range) len() int    { return r.Last - r.First + 1 }

// A Purpose is what a group of leases is for, with a range and limits of its own.
type Purpose struct {
	Range        Range         // default that of the policy
	TTL          time.Duration // granted when none is asked for; default DefaultTTL
	Max          int           // leases at a time; 0 means as many as the range has ports
	PerRequester int           // leases that one requester may hold; 0 means no limit
}

// A Policy says which ports are leased for what. The zero value grants the
// default range to everybody.
type Policy struct {
	Default  Purpose            // of requests that name none
	Purposes map[string]Purpose // by name; ranges may overlap
}

// Check reports what is wrong with p, as [ErrPolicy].
func (p *Policy) Check() error {
	if len(p.Purposes) > MaxPurposes {
		return ErrPolicy.With("%d purposes, limit %d", len(p.Purposes), MaxPurposes)
	}
	if err := p.Default.check("default"); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Purposes)) {
		if err := p.Purposes[name].check(name); err != nil {
			return err
		}
	}
	return nil
}

func (p Purpose) check(name string) error {
	switch {
	case name == "" || len(name) > MaxText:
		return ErrPolicy.With("purpose %q: a name has 1 to %d bytes", name, MaxText)
	case p.Range != Range{} && !p.Range.valid():
		return ErrPolicy.With("purpose %s: %s is not a range of ports", name, p.Range)
	case p.TTL < 0 || p.Max < 0 || p.PerRequester < 0:
		return ErrPolicy.With("purpose %s: a TTL or a limit is below zero", name)
	}
	return nil
}

// purpose returns the purpose of that name, complete.
func (p *Policy) purpose(name string) (Purpose, error) {
	u := p.Default
	if name != "" {
		var ok bool
		if u, ok = p.Purposes[name]; !ok {
			if len(p.Purposes) == 0 {
				return Purpose{}, ErrRequest.With("purpose %q, but no purposes are set", name)
			}
			known := slices.Sorted(maps.Keys(p.Purposes))
			return Purpose{}, ErrRequest.With("purpose %q is not one of: %s", name, strings.Join(known, ", "))
		}
	}
	if u.Range == (Range{}) {
		u.Range = p.Default.Range
	}
	if u.Range == (Range{}) {
		u.Range = DefaultRange()
	}
	return u, nil
}

// granted returns the TTL that is given when asked is asked for.
func (p Purpose) granted(asked time.Duration) time.Duration {
	switch {
	case asked > 0:
	case p.TTL > 0:
		asked = p.TTL
	default:
		asked = DefaultTTL
	}
	return min(max(asked, MinTTL), MaxTTL)
}
