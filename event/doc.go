// Package event is what travels on a bus: an [Event] is an envelope (who, when,
// because of what) around a [Payload] (what happened), one struct for each
// [Kind]. docs/events.md is the normative description of the wire form.
//
//	e := event.New(nodeID, event.NodeHeartbeat{NodeID: id, Incarnation: 3}, event.ID{})
//	data, err := event.Encode(e)
//	…
//	e, err := event.Decode(data)
//	switch p := e.Payload.(type) {
//	case event.NodeHeartbeat:
//	…
//
// What is guaranteed:
//
//   - Strictness. [Decode] accepts exactly what docs/events.md allows: keys match
//     case included, no key comes twice, nothing follows, at most [MaxSize] bytes
//     and [MaxDepth] levels. [Encode] refuses what Decode would.
//   - Nothing is lost. A kind that this version does not know becomes [Raw], an
//     unknown member of a known kind is kept in Event.Extra; both are written
//     again. JSON inside an event stays as it is, byte for byte.
//   - One form. Encode(Decode(Encode(e))) and Encode(e) are the same bytes.
//   - Events are values without hidden parts; whoever shares one must not change
//     what its slices hold. Nothing here blocks, does I/O or panics on input.
//
// A [Subject] says where an event is published, a [Filter] which are wanted.
// [Redact] makes the copy that may be logged. [ToCloudEvent] and
// [FromCloudEvent] speak CloudEvents 1.0.
//
// Tests compare events with go-cmp; testdata has one vector for each kind, which
// other implementations can use as well.
package event
