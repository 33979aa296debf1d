// Package natsbus is the bus on NATS: a server or cluster of one's own, or the
// one inside `onex up`.
//
//	b, err := natsbus.Dial(ctx, natsbus.Options{URL: "nats://localhost:4222"})
//	defer b.Close(ctx)
//
// Ephemeral events are core NATS messages; durable ones are stored in a
// JetStream stream and read through consumers of it. Subjects have a prefix,
// onex.events unless Options.Prefix says otherwise: an event on subject
// node_announce.greeter is the message onex.events.node_announce.greeter, and
// its text is the event's wire form. The header Nats-Msg-Id of a durable event is
// its ID.
//
// # What is promised
//
// The contract of package bus, with these particulars:
//
//   - A subscription is live for every publisher on the same server. In
//     a cluster, other servers hear of it some milliseconds later.
//   - The policy block is unsupported for ephemeral subscriptions: a publisher
//     elsewhere cannot be made to wait.
//   - While the connection is lost, Subscribe, and Publish of an ephemeral event,
//     return bus.ErrUnavailable at once; nothing is kept back to be sent later.
//     Publish of a durable event waits for the connection, or for the cluster's
//     next leader, until its context ends, five seconds when it has no deadline;
//     an event that was on its way is sent again and stored once. Its receipt may
//     then call it a duplicate, of itself. The connection is tried
//     again for ever, with growing, random pauses of at most two seconds; then
//     all subscriptions are live again. Ephemeral events published meanwhile
//     are lost, without a count, because nobody here saw them.
//   - A server without JetStream makes a bus with the class ephemeral only.
//   - Durable events that are published at the same time to a server that takes
//     its time for each, because it syncs, are sent in atomic batches: one sync for
//     all. Each Publish still returns the receipt, or the error, of its own event. A
//     batch that is refused or unanswered is sent again event by event.
//   - The stream is made when it is first needed, and holds one week or one
//     gigabyte. What an administrator changed about it stays.
//   - A position of a Group without a Name ends five minutes after its last member.
//   - A position that is gone while somebody reads at it, because it was deleted
//     or no connection was there for five minutes, is made again by the readers.
//     What was settled in about the last ten seconds then comes twice, and
//     attempts are counted anew.
//   - An attempt is a delivery to a process. What a process had fetched when it
//     was closed or killed counts as attempted.
//
// Dead letters are in a stream of their own, under <prefix>_dead, with the
// reason in a header.
package natsbus
