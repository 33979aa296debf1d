package natsbus

import (
	"sync"
	"time"
)

const (
	// slowPace is the time between two acknowledgements from which on batches are
	// tried. A server that does not sync takes 6 to 20 µs for an event alone.
	slowPace = 60 * time.Microsecond

	// crowd is how many events must be on their way at once for the time between
	// acknowledgements to say something of the server, and sampleAcks how many
	// acknowledgements are a sample.
	crowd      = 8
	sampleAcks = 32

	// mostAlone is how many are sent alone before the others wait for an answer: a
	// slow server would otherwise have all to do one by one before it is known as such.
	mostAlone = 64

	// firstGather is the time after the first sample of a slow server to the next:
	// it may have been slow to start. The time doubles with each that says the same,
	// up to longestGather; taking one costs as much as sampleAcks events alone.
	firstGather   = 250 * time.Millisecond
	longestGather = 8 * time.Second

	// forgetAfter is how long it is remembered what a batch takes.
	forgetAfter = 30 * time.Second
)

// A pace tells whether durable events that are published at the same time should be
// gathered into batches. No server says of itself whether it syncs; and a batch, for
// which the server makes files of its own, costs some milliseconds whatever its
// size. So both are measured.
type pace struct {
	mu       sync.Mutex
	inFlight int
	since    time.Time // when the sample began; zero when none has
	acks     int       // of the sample
	until    time.Time // gather until then
	period   time.Duration

	alone   time.Duration // between two acknowledgements, of the last sample
	batch   time.Duration // what the last batch took; zero when not known
	batchAt time.Time     // when that was
}

// gather reports whether events should be gathered now.
func (p *pace) gather(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Before(p.until) || p.inFlight >= mostAlone
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
		p.alone = now.Sub(p.since) / sampleAcks
		p.period = min(2*p.period, longestGather)
		if p.alone > slowPace && p.paysLocked(p.inFlight+1, now) {
			p.period = max(p.period, firstGather)
			p.until = now.Add(p.period)
		} else {
			p.period = 0
		}
		p.since = time.Time{}
	} else if p.inFlight < crowd/2 {
		p.since = time.Time{} // too few to say anything
	}
}

// pays reports whether n events take less time in a batch than one by one.
func (p *pace) pays(n int, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paysLocked(n, now)
}

func (p *pace) paysLocked(n int, now time.Time) bool {
	if p.batch == 0 || now.Sub(p.batchAt) > forgetAfter {
		return n >= crowd
	}
	return time.Duration(n)*p.alone > p.batch
}

// batched notes what a batch of n took. One that did not pay ends the gathering.
func (p *pace) batched(n int, took time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.batch, p.batchAt = took, now
	if time.Duration(n)*p.alone < took {
		p.until, p.period = time.Time{}, 0
	}
}
