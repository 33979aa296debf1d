// Package zmqbus is the bus on ZeroMQ.
//
//	b, err := zmqbus.Dial(ctx, zmqbus.Options{URL: "zmq+ipc:///run/user/1000/onex.sock"})
//	defer b.Close(ctx)
//
// Everybody connects to one address, where a [Forwarder] passes messages from
// publishers to subscribers; `onex up` runs one, [Forward] makes one. Foreign
// programs that use libzmq (pyzmq, czmq) connect their PUB and SUB sockets to
// the same address. Without a daemon the first program may make the forwarder
// (Options.Bind), or the address may be that of one foreign program that binds.
//
// A message has three frames: the topic, which is the subject with a prefix; a header
// with epoch and sequence; the event's wire form. A message of two frames, topic and event,
// is accepted from everybody. docs/zeromq.md has the details, for people who
// write the other side.
//
// # What is promised
//
// The contract of package bus, with these particulars:
//
//   - The class is ephemeral: nothing is stored. The policy block is unsupported,
//     because a publisher elsewhere cannot be made to wait.
//   - A subscription is live for every publisher when Subscribe returns: the
//     peer has confirmed it, on a topic that only this subscription has. Nobody
//     sleeps. A foreign peer that cannot confirm makes it fail with [ErrNotReady],
//     unless Options.Unconfirmed accepts the loss.
//   - Who binds and who connects first does not matter.
//   - A queue that is full on the way drops its oldest messages. Each publisher
//     numbers what it publishes on a subject, so that a subscriber sees the gap with the
//     next event and counts it under bus.DroppedTransport. A loss after which
//     nothing more is published on the subject is counted by the forwarder only.
//   - Gaps are not seen in messages of foreign programs and in the shares
//     of groups.
//   - While the forwarder is away, Publish and Subscribe return bus.ErrUnavailable.
//     The address is tried again for ever, with growing, random pauses; then all
//     subscriptions are live again, and what their publishers sent meanwhile is counted.
//   - A group's events are shared out by the forwarder, in turn; with a foreign
//     peer there are no groups ([ErrForwarder]).
//
// # Testing
//
// Forward on zmq+tcp://127.0.0.1:0 and Dial its URL: both live in one process.
package zmqbus
