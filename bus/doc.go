// Package bus is how nodes talk: it carries events from those who publish them
// to those who subscribed to their subjects.
//
// [Bus] is the contract that every backend keeps and that package bustest
// checks; [Memory] is its reference implementation, for one process. A node
// publishes and handles:
//
//	r, err := b.Publish(ctx, event.NewSubject(e.Kind(), "greeter"), e)
//	err = bus.Handle(ctx, b, "node_announce.*", nil, func(ctx context.Context, d bus.Delivery) error {
//		return remember(d.Event)
//	})
//
// [Handle] is a loop around [Subscription].Next, which whoever wants to pull
// calls directly. [Caller] and [Answer] make question and answer of two events.
//
// # What is promised
//
// Readiness. A subscription is live when Subscribe returns: whatever is
// published after that is delivered to it or counted as dropped. There is
// nothing to sleep for.
//
// Order. Events of one publisher on one subject arrive in the order in which
// their calls of Publish were made, one after the other. Between publishers and
// between subjects there is no order. A redelivered event comes late.
//
// Classes. An [Ephemeral] event is delivered at most once, to the subscriptions
// that are live. A [Durable] event is stored before Publish returns, and each
// durable subscription gets it at least once: again and again, until it is
// acknowledged, terminated, or out of attempts; then it becomes a [DeadLetter]
// with a reason. The class follows from the event's kind and subject
// ([ClassOf]); a bus without the class Durable carries everything as Ephemeral,
// and says so in the [Receipt]. An ephemeral subscription sees the events of
// both classes. A bus that keeps events in memory only offers the class [Retained]
// in place of Durable.
//
// Duplicates. At least once means sometimes twice: handlers are idempotent by
// the event's ID. An event published again under the ID of a stored one is not
// stored twice; its [Receipt] says so.
//
// Bounds. Every queue has a bound ([Options].Queue, default [DefaultQueue]) and
// a [Policy] for what happens beyond it. No event is lost without being counted
// under a [Reason], in the subscription's [Drops] and the bus's [Health]. One
// slow subscription never delays another, unless it asked for [Block], which
// delays publishers: that is its meaning.
//
// Atomicity. An event is delivered whole or not at all, and what is delivered is
// what was published. Several events are never one transaction.
//
// Honesty. A bus that lacks the class, policy or start that a subscription asks
// for says [ErrUnsupported]; it never falls back to something weaker.
//
// Concurrency. Every method of a Bus, a Subscription and a Delivery may be called
// from any goroutine at any time, Close included.
//
// # Closing
//
// Close of a subscription or of a bus ends what comes in. What an ephemeral
// queue already holds can still be read; then Next returns [ErrClosed]. Durable
// events that were not acknowledged come again to the next subscription of
// the same Name.
//
// # Testing
//
// Test nodes against NewMemory(nil): it keeps the whole contract without files
// or sockets and works inside testing/synctest. Test a backend of your own with
// one call of bustest.Run.
package bus
