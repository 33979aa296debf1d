package bus

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// A Reason says why events were dropped.
type Reason string

// The reasons. A backend may add its own.
const (
	DroppedOldest    Reason = "drop_oldest" // the queue was full and forgot it
	DroppedNewest    Reason = "drop_newest" // the queue was full and refused it
	DroppedBlocked   Reason = "blocked"     // the queue stayed full until the publisher gave up
	DroppedEvicted   Reason = "evicted"     // the store was full before a durable subscription read it
	DroppedMalformed Reason = "malformed"   // what arrived was not an event
	DroppedTransport Reason = "transport"   // the connection below lost it: its buffer was full
)

// Drops counts lost events by reason.
type Drops map[Reason]uint64

// Total returns the sum over all reasons.
func (d Drops) Total() uint64 {
	var n uint64
	for _, v := range d {
		n += v
	}
	return n
}

// Health is the state and the counters of a bus, the same for all backends.
// What a bus cannot know is -1, never a guess.
type Health struct {
	Backend     string    `json:"backend"`
	Connected   bool      `json:"connected"`
	Detail      string    `json:"detail,omitempty"` // for people: what is wrong, or where it is connected to
	Events      uint64    `json:"event_count"`      // published by this process
	Delivered   uint64    `json:"delivered_count"`  // returned by Next, redeliveries included
	Redelivered uint64    `json:"redelivered_count"`
	Errors      uint64    `json:"error_count"` // failed calls and failed handlers
	DeadLetters uint64    `json:"dead_letter_count"`
	Drops       Drops     `json:"drops"`
	LastEvent   time.Time `json:"last_event_ts,omitzero"` // time of the event published last
	Subscribers int       `json:"subscriber_count"`       // of this bus value
	QueueDepth  int       `json:"queue_depth"`            // deliveries waiting in this process
	Reconnects  uint64    `json:"reconnects"`
}

// A Meter keeps the counters of a [Health]. Backends embed one value and hand
// its address to their queues. The zero value is ready; methods may be called
// from any goroutine.
type Meter struct {
	events atomic.Uint64
	last   atomic.Int64 // Unix nanoseconds

	_ [64]byte // those who publish and those who read count on cache lines of their own

	delivered, redelivered, errors, dead, reconnects atomic.Uint64

	journal Journal

	mu    sync.Mutex
	drops Drops
}

// Published counts e as published.
func (m *Meter) Published(e event.Event) {
	m.events.Add(1)
	m.last.Store(e.Time.UnixNano())
}

// Delivered counts a delivery of the given attempt.
func (m *Meter) Delivered(attempt int) {
	m.delivered.Add(1)
	if attempt > 1 {
		m.redelivered.Add(1)
	}
}

// Failed counts err, unless it is nil, and returns it.
func (m *Meter) Failed(err error) error {
	if err != nil {
		m.errors.Add(1)
		m.journal.add(Note{What: HappenedError, Error: fault.ReportOf(err), Count: 1})
	}
	return err
}

// Dropped counts n lost events.
func (m *Meter) Dropped(r Reason, n uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.drops == nil {
		m.drops = Drops{}
	}
	m.drops[r] += n
	m.journal.add(Note{What: HappenedDrop, Reason: r, Count: n})
}

// Buried counts a dead letter.
func (m *Meter) Buried(l DeadLetter) {
	m.dead.Add(1)
	m.journal.add(Note{What: HappenedDeadLetter, Subject: l.Subject, Letter: &l, Count: 1})
}

// Reconnected counts a reconnection.
func (m *Meter) Reconnected() {
	m.reconnects.Add(1)
	m.journal.add(Note{What: HappenedReconnect, Count: 1})
}

// Health returns a Health with the counters of m. The backend adds the rest.
func (m *Meter) Health(backend string) Health {
	h := Health{
		Backend: backend, Connected: true,
		Events: m.events.Load(), Delivered: m.delivered.Load(), Redelivered: m.redelivered.Load(),
		Errors: m.errors.Load(), DeadLetters: m.dead.Load(), Reconnects: m.reconnects.Load(),
		Drops: Drops{},
	}
	if n := m.last.Load(); n != 0 {
		h.LastEvent = time.Unix(0, n).UTC()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.Copy(h.Drops, m.drops)
	return h
}
