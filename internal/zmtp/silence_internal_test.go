package zmtp

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// A lateConn is one whose deadline passed while its bytes were on their way: so
// it looks to a process that was stopped meanwhile.
type lateConn struct {
	net.Conn
	deadline time.Time
	late     int // reads that find the deadline passed
}

func (c *lateConn) SetReadDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *lateConn) Read(p []byte) (int, error) {
	if c.late > 0 {
		c.late--
		return 0, os.ErrDeadlineExceeded
	}
	return copy(p, "\x00\x01x"), nil
}

func TestWhoIsSilentIsAskedTwice(t *testing.T) {
	for _, tt := range []struct {
		name string
		late int
		want error
	}{
		{"in time", 0, nil},
		{"stopped, the peer was not silent", 1, nil},
		{"silent", 2, os.ErrDeadlineExceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := listening(tt.late, time.Minute)
			err := p.hear()
			if !errors.Is(err, tt.want) {
				t.Errorf("hear = %v, want %v", err, tt.want)
			}
			if _, body, ok, _ := p.in.cut(); tt.want == nil && (!ok || string(body) != "x") {
				t.Errorf("heard %q, %v", body, ok)
			}
		})
	}
}

// TestATimeToLiveCanBeTakenBack has a peer whose PING limits its silence and then
// another whose does not.
func TestATimeToLiveCanBeTakenBack(t *testing.T) {
	p, conn := listening(0, -1)
	for _, ttl := range []time.Duration{time.Second, 0} {
		p.ttl.Store(int64(ttl))
		if err := p.hear(); err != nil {
			t.Fatal(err)
		}
		if got := conn.deadline; got.IsZero() != (ttl == 0) {
			t.Errorf("after a TTL of %v the deadline is %v", ttl, got)
		}
	}
}

func listening(late int, silence time.Duration) (*peer, *lateConn) {
	conn := &lateConn{late: late}
	p := &peer{conn: conn, in: &reader{src: conn, limit: 1 << 10}, socket: &Socket{options: &Options{Silence: silence}}}
	p.minor = 1
	return p, conn
}

// TestNoTTLThatLibzmqMisreads: it computes milliseconds in 16 bits.
func TestNoTTLThatLibzmqMisreads(t *testing.T) {
	for ttl, want := range map[time.Duration]time.Duration{
		0: 0, time.Millisecond: ttlUnit, 15 * time.Second: 15 * time.Second,
		maxTTL: maxTTL, maxTTL + 1: 0, 3 * time.Minute: 0,
	} {
		frame := ping(ttl)
		if got, _, err := parsePing(frame[2+len("\x04PING"):]); err != nil || got != want {
			t.Errorf("a TTL of %v is sent as %v, %v; want %v", ttl, got, err, want)
		}
	}
}
