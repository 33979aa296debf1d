package lease

import (
	"net"
	"strconv"

	"github.com/omninode-ai/onex/event"
)

// choose returns the place that r gets: the port it prefers, or the next of the
// range that nobody has. Ports are given in turn, so that one that was just given
// back rests as long as possible: its old peers may still call.
func (t *Table) choose(u Purpose, r event.PortRequest) (place, error) {
	at := place{host: r.Host, protocol: r.Protocol, port: r.Port}
	if at.host == "" {
		at.host = t.o.Host
	}
	if at.protocol == "" {
		at.protocol = event.TCP
	}
	if r.Port != 0 {
		if !u.Range.Has(r.Port) {
			return place{}, ErrRequest.With("port %d is outside the range %s", r.Port, u.Range)
		}
		if t.free(at) {
			return at, nil
		}
		if r.Exact {
			return place{}, t.busy(at)
		}
	}
	return t.next(u, r.Purpose, at)
}

func (t *Table) next(u Purpose, purpose string, at place) (place, error) {
	n, asked := u.Range.len(), 0
	for i := range n {
		offset := (t.cursor[purpose] + i) % n
		at.port = u.Range.First + offset
		if t.places[at] != nil {
			continue
		}
		if t.free(at) {
			t.cursor[purpose] = offset + 1
			return at, nil
		}
		if asked++; asked == maxAsked {
			t.cursor[purpose] = offset + 1 // the next request looks on from here
			return place{}, ErrExhausted.With("%d ports of %s without a lease are in use by other programs", asked, u.Range)
		}
	}
	return place{}, ErrExhausted.With("all of %s", u.Range)
}

// free reports whether at has no lease and, where that can be asked, no user.
func (t *Table) free(at place) bool {
	return t.places[at] == nil && (at.host != t.o.Host || t.o.Free(at.protocol, at.port))
}

func (t *Table) busy(at place) error {
	if h := t.places[at]; h != nil {
		return ErrBusy.With("%d: leased to %s until it gives it back", at.port, h.holder())
	}
	return ErrBusy.With("%d: a program uses it without a lease", at.port)
}

func (h *held) holder() string {
	if h.Name != "" {
		return h.Name
	}
	return h.Requester.String()
}

// Free reports whether nobody listens on a port of this machine's loopback
// interface, by listening there for a moment.
func Free(p event.Protocol, port int) bool {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if p == event.UDP {
		c, err := net.ListenPacket("udp4", addr)
		return err == nil && c.Close() == nil
	}
	l, err := net.Listen("tcp4", addr)
	return err == nil && l.Close() == nil
}
