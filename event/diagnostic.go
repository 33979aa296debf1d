package event

import (
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/fault"
)

// A Reference names an event that a diagnostic speaks of, as far as it is known.
// A diagnostic is never about another diagnostic.
type Reference struct {
	EventID    ID
	EventType  Kind
	Subject    Subject
	Subscriber string // the subscription concerned
}

// BusStarted says that a bus is ready.
type BusStarted struct {
	Backend  string // required: memory, ipc, zmq, nats, embedded
	Endpoint string // its URL
	Classes  []string
	Prefix   string // of the subjects on its wire
}

// BusStopped says that a bus ends, and what it did.
type BusStopped struct {
	Backend   string // required
	Reason    string
	Published uint64
	Dropped   uint64
	Errors    uint64
}

// EventPublished is a trace of an event that a bus took.
type EventPublished struct {
	Reference
	Bytes       int
	Subscribers int // queues it was handed to; 0 also when the bus cannot know
}

// EventReceived is a trace of an event that a subscription gave to its handler.
type EventReceived struct{ Reference }

// EventDropped says that events were lost on the way to a subscription. The
// reference names the last of them.
type EventDropped struct {
	Reference
	Reason string // required
	Count  uint64 // since the last such diagnostic
}

// EventInvalidSchema says that something which is no valid event was received
// and dropped.
type EventInvalidSchema struct {
	Reference
	Error  fault.Report // required
	Bytes  int
	SHA256 string // of what was received, lower-case hex
}

// EventRetry says that an event will be delivered again.
type EventRetry struct {
	Reference
	Attempt int           // required; the one that follows
	Delay   time.Duration // until then
	Reason  string
}

// EventRetryLimitExceeded says that an event will not be delivered again, and
// where it went.
type EventRetryLimitExceeded struct {
	Reference
	Attempts   int    // required
	Reason     string // required; of the last attempt
	DeadLetter string // subject or stream that keeps the event
	Event      json.RawMessage
}

// EventBackpressure says that a publisher had to wait for a full queue.
type EventBackpressure struct {
	Reference
	Depth int           // events in the queue
	Limit int           // of the queue
	Wait  time.Duration // that the publisher lost
}

// EventSubscriberSlow says that a subscription falls behind.
type EventSubscriberSlow struct {
	Subscriber string // required
	Filter     Filter
	Depth      int
	Limit      int
	Lag        time.Duration // age of its oldest undelivered event
}

// A Replay names a range of past events.
type Replay struct {
	Filter Filter // required
	Since  time.Time
	From   uint64 // first sequence; 0 when not by sequence
	To     uint64 // last sequence; 0 when open
}

// EventReplayRequested says that somebody wants past events again.
type EventReplayRequested struct{ Replay }

// EventReplayDelivered says that they were delivered.
type EventReplayDelivered struct {
	Replay
	Count uint64
}

// EventReplayFailed says that they could not be.
type EventReplayFailed struct {
	Replay
	Error fault.Report // required
}

func (BusStarted) Kind() Kind              { return KindBusStarted }
func (BusStopped) Kind() Kind              { return KindBusStopped }
func (EventPublished) Kind() Kind          { return KindEventPublished }
func (EventReceived) Kind() Kind           { return KindEventReceived }
func (EventDropped) Kind() Kind            { return KindEventDropped }
func (EventInvalidSchema) Kind() Kind      { return KindEventInvalidSchema }
func (EventRetry) Kind() Kind              { return KindEventRetry }
func (EventRetryLimitExceeded) Kind() Kind { return KindEventRetryLimitExceeded }
func (EventBackpressure) Kind() Kind       { return KindEventBackpressure }
func (EventSubscriberSlow) Kind() Kind     { return KindEventSubscriberSlow }
func (EventReplayRequested) Kind() Kind    { return KindEventReplayRequested }
func (EventReplayDelivered) Kind() Kind    { return KindEventReplayDelivered }
func (EventReplayFailed) Kind() Kind       { return KindEventReplayFailed }

func (BusStarted) payload()              {}
func (BusStopped) payload()              {}
func (EventPublished) payload()          {}
func (EventReceived) payload()           {}
func (EventDropped) payload()            {}
func (EventInvalidSchema) payload()      {}
func (EventRetry) payload()              {}
func (EventRetryLimitExceeded) payload() {}
func (EventBackpressure) payload()       {}
func (EventSubscriberSlow) payload()     {}
func (EventReplayRequested) payload()    {}
func (EventReplayDelivered) payload()    {}
func (EventReplayFailed) payload()       {}
