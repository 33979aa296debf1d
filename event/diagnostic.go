package event

import (
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/fault"
)

// A Reference names an event that a diagnostic speaks of, as far as it is known.
// A diagnostic is never about another diagnostic.
type Reference struct {
	Backend    string // of the bus that says so: memory, ipc, zmq, nats
	EventID    ID
	EventType  Kind
	Subject    Subject
	Subscriber string // the subscription concerned
}

func (p *Reference) fields(c *codec) {
	text(c, "backend", &p.Backend, optional)
	c.id("event_id", &p.EventID, optional)
	text(c, "event_type", &p.EventType, optional)
	text(c, "subject", &p.Subject, optional)
	text(c, "subscriber", &p.Subscriber, optional)
}

// BusStarted says that a bus is ready.
type BusStarted struct {
	Backend  string // required; memory, ipc, zmq, nats, embedded
	Endpoint string // its URL
	Classes  []string
	Prefix   string // of the subjects on its wire
}

func (p BusStarted) visit(c *codec) Payload {
	text(c, "backend", &p.Backend, required)
	text(c, "endpoint", &p.Endpoint, optional)
	texts(c, "classes", &p.Classes, optional)
	text(c, "subject_prefix", &p.Prefix, optional)
	return keep(c, p)
}

// BusStopped says that a bus ends, and what it did.
type BusStopped struct {
	Backend   string // required
	Reason    string
	Published uint64
	Dropped   uint64
	Errors    uint64
}

func (p BusStopped) visit(c *codec) Payload {
	text(c, "backend", &p.Backend, required)
	text(c, "reason", &p.Reason, optional)
	unsigned(c, "published", &p.Published, always)
	unsigned(c, "dropped", &p.Dropped, always)
	unsigned(c, "errors", &p.Errors, always)
	return keep(c, p)
}

// EventPublished is a trace of an event that a bus took.
type EventPublished struct {
	Reference
	Bytes       int
	Subscribers int // queues it was handed to; 0 also when the bus cannot know
}

func (p EventPublished) visit(c *codec) Payload {
	p.Reference.fields(c)
	integer(c, "bytes", &p.Bytes, optional)
	integer(c, "subscribers", &p.Subscribers, optional)
	return keep(c, p)
}

// EventReceived is a trace of an event that a subscription gave to its handler.
type EventReceived struct{ Reference }

func (p EventReceived) visit(c *codec) Payload {
	p.Reference.fields(c)
	return keep(c, p)
}

// EventDropped says that events were lost on the way to a subscription. The
// reference names the last of them.
type EventDropped struct {
	Reference
	Reason string // required
	Count  uint64 // since the last such diagnostic
}

func (p EventDropped) visit(c *codec) Payload {
	p.Reference.fields(c)
	text(c, "reason", &p.Reason, required)
	unsigned(c, "count", &p.Count, always)
	return keep(c, p)
}

// EventInvalidSchema says that something which is no valid event was received
// and dropped.
type EventInvalidSchema struct {
	Reference
	Error  fault.Report // required
	Bytes  int
	SHA256 string // of what was received, lower-case hex
}

func (p EventInvalidSchema) visit(c *codec) Payload {
	p.Reference.fields(c)
	c.report("error", &p.Error, required)
	integer(c, "bytes", &p.Bytes, optional)
	text(c, "sha256", &p.SHA256, optional)
	return keep(c, p)
}

// EventRetry says that events are delivered again, because they were not
// acknowledged. The reference names the last of them.
type EventRetry struct {
	Reference
	Attempt int           // required; the one that follows
	Delay   time.Duration // until then; 0 when it is now
	Reason  string
	Count   uint64 // since the last such diagnostic
}

func (p EventRetry) visit(c *codec) Payload {
	p.Reference.fields(c)
	integer(c, "attempt", &p.Attempt, required)
	c.duration("delay_ms", &p.Delay, always)
	text(c, "reason", &p.Reason, optional)
	unsigned(c, "count", &p.Count, optional)
	return keep(c, p)
}

// EventRetryLimitExceeded says that an event will not be delivered again, and
// where it went.
type EventRetryLimitExceeded struct {
	Reference
	Attempts   int             // required
	Reason     string          // required; of the last attempt
	DeadLetter string          // subject or stream that keeps the event
	Event      json.RawMessage // the event itself, if there is room for it
}

func (p EventRetryLimitExceeded) visit(c *codec) Payload {
	p.Reference.fields(c)
	integer(c, "attempts", &p.Attempts, required)
	text(c, "reason", &p.Reason, required)
	text(c, "dead_letter", &p.DeadLetter, optional)
	c.object("event", &p.Event, optional)
	return keep(c, p)
}

// EventBackpressure says that publishers had to wait for a full queue.
type EventBackpressure struct {
	Reference
	Depth int           // events in the queue
	Limit int           // of the queue; 0 when it is counted in bytes
	Wait  time.Duration // that publishers lost since the last such diagnostic
}

func (p EventBackpressure) visit(c *codec) Payload {
	p.Reference.fields(c)
	integer(c, "depth", &p.Depth, always)
	integer(c, "limit", &p.Limit, always)
	c.duration("wait_ms", &p.Wait, always)
	return keep(c, p)
}

// EventSubscriberSlow says that a subscription falls behind.
type EventSubscriberSlow struct {
	Backend    string // of the bus that says so
	Subscriber string // required
	Filter     Filter
	Depth      int
	Limit      int
	Lag        time.Duration // age of its oldest undelivered event
}

func (p EventSubscriberSlow) visit(c *codec) Payload {
	text(c, "backend", &p.Backend, optional)
	text(c, "subscriber", &p.Subscriber, required)
	text(c, "filter", &p.Filter, optional)
	integer(c, "depth", &p.Depth, always)
	integer(c, "limit", &p.Limit, always)
	c.duration("lag_ms", &p.Lag, optional)
	return keep(c, p)
}

// A Replay names a range of past events.
type Replay struct {
	Backend string // of the bus that says so
	Filter  Filter // required
	Since   time.Time
	From    uint64 // first sequence; 0 when not by sequence
	To      uint64 // last sequence; 0 when open
}

func (p *Replay) fields(c *codec) {
	text(c, "backend", &p.Backend, optional)
	text(c, "filter", &p.Filter, required)
	c.time("since", &p.Since, optional)
	unsigned(c, "from_sequence", &p.From, optional)
	unsigned(c, "to_sequence", &p.To, optional)
}

// EventReplayRequested says that somebody wants past events again.
type EventReplayRequested struct{ Replay }

func (p EventReplayRequested) visit(c *codec) Payload {
	p.Replay.fields(c)
	return keep(c, p)
}

// EventReplayDelivered says that they were delivered.
type EventReplayDelivered struct {
	Replay
	Count uint64
}

func (p EventReplayDelivered) visit(c *codec) Payload {
	p.Replay.fields(c)
	unsigned(c, "count", &p.Count, always)
	return keep(c, p)
}

// EventReplayFailed says that they could not be.
type EventReplayFailed struct {
	Replay
	Error fault.Report // required
}

func (p EventReplayFailed) visit(c *codec) Payload {
	p.Replay.fields(c)
	c.report("error", &p.Error, required)
	return keep(c, p)
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
