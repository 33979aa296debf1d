package bus

import (
	"context"
	"time"

	"github.com/omninode-ai/onex/event"
)

// A Bus carries events between nodes.
type Bus interface {
	// Publish sends e on subject s. When it returns without error, an ephemeral
	// event has been handed to every live subscription's queue or to the
	// transport, and a durable one is stored. The class is [ClassOf](s), or
	// Ephemeral on a bus that has no other: the receipt says which.
	//
	// An error of class timeout or canceled leaves open whether the event was
	// published. Publishing the same event again is safe: it keeps its ID.
	Publish(ctx context.Context, s event.Subject, e event.Event) (Receipt, error)

	// Subscribe returns a subscription that is live: every event published
	// after Subscribe returns and matching f is delivered or counted as dropped.
	// The context bounds the call, not the subscription's life.
	Subscribe(ctx context.Context, f event.Filter, o *Options) (Subscription, error)

	// Classes returns the delivery classes that the bus really has.
	Classes() []Class

	// Health describes the bus now. It waits for nothing beyond ctx.
	Health(ctx context.Context) Health

	// Close refuses further calls, hands what was published to the transport
	// until ctx ends, wakes all who wait, and closes every subscription. It is
	// idempotent.
	Close(ctx context.Context) error
}

// A Subscription is a bounded queue of deliveries.
type Subscription interface {
	// Next waits for the next delivery. It returns [ErrClosed] when the
	// subscription or its bus is closed and the queue is empty, and ctx's error
	// when ctx ends first; in that case no delivery is lost.
	Next(ctx context.Context) (Delivery, error)

	// Dropped returns how many events this subscription lost, by reason.
	Dropped() Drops

	// Close ends the subscription, wakes Next, and is idempotent.
	Close() error
}

// DeadLetters is implemented by buses that keep the events whose last attempt
// failed; a bus with the class [Durable] should.
type DeadLetters interface {
	// DeadLetters returns at most limit dead letters, oldest first.
	DeadLetters(ctx context.Context, limit int) ([]DeadLetter, error)
}

// A DeadLetter is a durable event that one consumer could not handle.
type DeadLetter struct {
	Number   uint64 // of the letter, among all that this bus ever kept
	Subject  event.Subject
	Event    event.Event
	Sequence uint64    // of the event in the store
	Consumer string    // Name or Group of the subscription; generated when it had none
	Attempts int       // deliveries made
	Reason   string    // why there will be no further one
	Time     time.Time // when it was given up
}

// Notifier is implemented by buses whose connection can be lost and found again.
type Notifier interface {
	// Reconnected returns a channel that gets a value after each reconnection,
	// when all subscriptions are live again, until ctx ends. A value that nobody
	// has taken stands for all that followed it. The channel is closed with the
	// bus; each call returns a channel of its own.
	Reconnected(ctx context.Context) <-chan struct{}
}

// Limits that every backend keeps.
const (
	// DefaultQueue is the bound of a queue that asked for none: a second of
	// a busy subject, some hundred kilobytes.
	DefaultQueue = 1000

	// MaxQueue is the largest bound that may be asked for; more than a million
	// waiting events are a store, not a queue.
	MaxQueue = 1 << 20

	// DefaultAckWait is how long a durable event may be handled before it is
	// given to somebody else. InProgress extends it.
	DefaultAckWait = 30 * time.Second

	// DefaultMaxDeliver is the number of attempts before the dead letter.
	DefaultMaxDeliver = 5
)

// Policy says what happens when a subscription's queue is full.
type Policy string

// The policies. The zero value means DropOldest for ephemeral subscriptions and
// Block for durable ones. A durable subscription knows only Block: what does
// not fit its queue stays in the store, and nobody waits.
const (
	Block      Policy = "block"       // the publisher waits, until its context ends
	DropOldest Policy = "drop_oldest" // the queue forgets its oldest event
	DropNewest Policy = "drop_newest" // the arriving event is forgotten
)

// Start says where a durable subscription begins.
type Start string

// The starts. The zero value is StartNew. A subscription whose Name has a
// position goes on from there, wherever it was asked to start.
const (
	StartNew  Start = "new"
	StartAll  Start = "all"
	StartTime Start = "time"     // events stored at Options.Since or later
	StartSeq  Start = "sequence" // events from Options.Sequence on
	StartLast Start = "last"     // the last event of each subject, then new ones
)

// Options say how to subscribe. The zero value is an ephemeral subscription to
// new events with a queue of [DefaultQueue].
type Options struct {
	Class      Class           // default Ephemeral
	Queue      int             // bound of the queue in events, of a durable one also of events not yet acknowledged; default DefaultQueue
	Policy     Policy          // when the queue is full
	Group      string          // one of the members of a group gets each event
	Start      Start           // durable only
	Since      time.Time       // for StartTime
	Sequence   uint64          // for StartSeq: first sequence wanted
	AckWait    time.Duration   // durable: redelivered when not acknowledged in time; default DefaultAckWait
	MaxDeliver int             // durable: attempts before the dead letter; default DefaultMaxDeliver
	Backoff    []time.Duration // durable: waits before attempts 2, 3, … after a Nack without a time; the last repeats; default at once
	Name       string          // durable: position survives under this name; empty means it ends with the subscription
}

// A Receipt says what became of a published event.
type Receipt struct {
	Class       Class
	Sequence    uint64 // of a durable event in the store; 0 for ephemeral
	Duplicate   bool   // a durable event with this id was stored before
	Subscribers int    // queues it was handed to; -1 when the bus cannot know
}
