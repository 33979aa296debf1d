package natsbus

import (
	"time"

	"github.com/omninode-ai/onex/bus"
)

// Gather makes b gather durable events for an hour, whatever the server's pace.
func Gather(b bus.Bus) {
	p := &b.(*Bus).commits.pace
	p.until, p.alone = time.Now().Add(time.Hour), time.Hour
}

// A Pace is a pace with a clock of its own.
type Pace struct {
	p   pace
	now time.Time
}

// NewPace returns a Pace that knows nothing.
func NewPace() *Pace { return &Pace{now: time.Now()} }

// Pass lets time pass.
func (p *Pace) Pass(d time.Duration) { p.now = p.now.Add(d) }

// Alone tells of n events that were sent at once, and acknowledged one after the
// other with some time between.
func (p *Pace) Alone(n int, between time.Duration) {
	for range n {
		p.p.sent(p.now)
	}
	for range n {
		p.Pass(between)
		p.p.acknowledged(p.now)
	}
}

// Batch tells of a batch of n.
func (p *Pace) Batch(n int, took time.Duration) {
	p.Pass(took)
	p.p.batched(n, took, p.now)
}

// Gathers reports whether events are gathered now.
func (p *Pace) Gathers() bool { return p.p.gather(p.now) }
