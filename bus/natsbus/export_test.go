package natsbus

import (
	"time"

	"github.com/omninode-ai/onex/bus"
)

// Gather makes b gather durable events for an hour, whatever the server's pace.
func Gather(b bus.Bus) { b.(*Bus).commits.pace.until = time.Now().Add(time.Hour) }

// NewPace returns a function that tells a pace of n events that were sent at once
// and acknowledged one after the other, and returns whether to gather then.
func NewPace() func(n int, between time.Duration) bool {
	p, now := new(pace), time.Now()
	return func(n int, between time.Duration) bool {
		now = now.Add(gatherFor)
		for range n {
			p.sent(now)
		}
		for range n {
			now = now.Add(between)
			p.acknowledged(now)
		}
		return p.gather(now)
	}
}
