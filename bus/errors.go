package bus

import "github.com/omninode-ai/onex/fault"

// ErrClosed is returned by every call on a bus or subscription after Close. The
// program is shutting down, or holds on to a bus that somebody else closed.
var ErrClosed = fault.New("ONEX_BUS_001_CLOSED", fault.Unavailable, "the bus is closed")

// ErrUnsupported is returned when a bus is asked for a delivery class, a policy
// or a start that it does not have. ONEX never falls back to a weaker guarantee
// on its own: choose a bus that has it (embedded: and nats: have all), or ask
// for less.
var ErrUnsupported = fault.New("ONEX_BUS_002_UNSUPPORTED", fault.Unsupported, "the bus does not offer this").
	Hinted("use a bus with this guarantee, such as embedded: or nats:, or ask for less")

// ErrUnavailable is returned when the bus cannot be reached now. Nothing is
// lost that was acknowledged; calls succeed again when it is back, without a
// restart. When it never was there, check its address and that it runs.
var ErrUnavailable = fault.New("ONEX_BUS_003_UNAVAILABLE", fault.Unavailable, "the bus cannot be reached").
	Hinted("check the address (--bus, ONEX_BUS) and that the bus is running; `onex up` starts one")

// ErrOptions is returned by Subscribe for options that contradict each other or
// are out of range. The message names the field and the value.
var ErrOptions = fault.New("ONEX_BUS_005_INVALID_OPTIONS", fault.Invalid, "invalid subscription options")

// ErrMismatch is returned by Publish when the subject names another kind than
// the event's. It is a defect of the program that publishes.
var ErrMismatch = fault.New("ONEX_BUS_006_SUBJECT_MISMATCH", fault.Invalid, "subject and event do not fit")

// ErrQueueFull is returned by Publish when a subscription with the policy block
// had no room until the publisher's context ended. That subscription did not
// get the event and counts it; the others did.
var ErrQueueFull = fault.New("ONEX_BUS_007_QUEUE_FULL", fault.Exhausted, "a subscriber's queue stayed full").
	Hinted("make the subscriber faster, its queue longer, or its policy drop_oldest")

// ErrNameTaken is returned by Subscribe for a Name or Group whose position was
// made with another filter. A position means nothing under another filter:
// choose another name.
var ErrNameTaken = fault.New("ONEX_BUS_008_NAME_TAKEN", fault.Conflict, "the name holds a position of another filter").
	Hinted("choose another name")

// ErrNoAnswer is returned by Caller.Do when its context ended before an answer
// came. Whether the request took effect is not known; an answer that comes
// later is counted and discarded.
var ErrNoAnswer = fault.New("ONEX_BUS_009_NO_ANSWER", fault.Timeout, "no answer in time").
	Hinted("see with `onex nodes` whether the receiver is alive, or allow more time")

// ErrHandler is what a handler's panic becomes: the event counts as failed and,
// when durable, is tried again. The message holds the panic's value.
var ErrHandler = fault.New("ONEX_BUS_010_HANDLER_PANIC", fault.Internal, "an event handler panicked").
	Hinted("this is a defect in the handler")

// ErrDenied is returned when the bus refuses the credentials, or refuses to let
// them publish or subscribe where asked.
var ErrDenied = fault.New("ONEX_BUS_011_DENIED", fault.Denied, "the bus refused access").
	Hinted("check token, user, NKey, certificate and the permissions on the server")

// ErrMalformed is counted, never returned by Next: something that is not an
// event arrived on a subject of ours and was dropped.
var ErrMalformed = fault.New("ONEX_BUS_012_MALFORMED", fault.Corrupt, "received bytes are not an event")

// ErrAddress is returned when the address of a bus cannot be understood.
var ErrAddress = fault.New("ONEX_BUS_013_INVALID_ADDRESS", fault.Invalid, "invalid bus address").
	Hinted("write memory:, embedded:, ipc:///path, nats://host:port or tls://host:port")

// ErrLimit is returned by Subscribe when a bus that keeps positions in memory has
// as many as it may have. Close subscriptions that are no longer used, and use
// the same Name again rather than a new one each time.
var ErrLimit = fault.New("ONEX_BUS_018_TOO_MANY_POSITIONS", fault.Exhausted, "the bus keeps no further position").
	Hinted("close subscriptions that are not used, and use their names again")
