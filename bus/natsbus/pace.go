package natsbus

import (
	"sync"
	"time"
)

const (
	// slowPace is the time between two acknowledgements from which on batches pay.
	// A server that does not sync takes 6 to 20 µs for an event alone and 12 µs in
	// a batch; one that syncs takes 200 µs and more, or the same 12 µs.
	slowPace = 60 * time.Microsecond

	// crowd is how many events must be on their way at once for the time between
	// acknowledgements to say something of the server, and sampleAcks how many
	// acknowledgements are a sample.
	crowd      = 8
	sampleAcks = 16

	// gatherFor is the time between two samples of a server that was slow. Taking
	// one costs as much as sampleAcks events alone.
	gatherFor = 5 * time.Second
)

// A pace tells whether the server acknowledges events that are sent at the same
// time so slowly, one by one, that they should be gathered. No server says of
// itself whether it syncs.
type pace struct {
	mu       sync.Mutex
	inFlight int
	since    time.Time // when the sample began; zero when none has
	acks     int       // of the sample
	until    time.Time // gather until then
}

// gather reports whether events should be gathered now.
func (p *pace) gather(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Before(p.until)
}

// sent notes that an event was sent alone.
func (p *pace) sent(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight++
	if p.inFlight >= crowd && p.since.IsZero() {
		p.since, p.acks = now, 0
	}
}

// acknowledged notes that an event that was sent alone has been answered.
func (p *pace) acknowledged(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	if p.since.IsZero() {
		return
	}
	if p.acks++; p.acks == sampleAcks {
		if now.Sub(p.since) > sampleAcks*slowPace {
			p.until = now.Add(gatherFor)
		}
		p.since = time.Time{}
	} else if p.inFlight < crowd/2 {
		p.since = time.Time{} // too few to say anything
	}
}
