// Package invoke calls tools by their names, wherever on the bus they are.
//
//	c, err := invoke.NewClient(ctx, b, nil)
//	defer c.Close()
//	r, err := c.Invoke(ctx, invoke.Call{Tool: "greet", Args: []byte(`{"name":"Ada"}`)})
//
// A [Client] asks the registry who offers the tool and what it promises, checks
// the arguments, chooses one of the nodes by the call's policy, sends the call to
// it alone, waits for the answer, and checks the result.
//
// # What is promised
//
// At most once. A call is sent again only if it is certain that nothing
// happened: it could not be handed to the bus, or the node rejected it before
// execution; or if the node died and the contract says that repeating the call is
// harmless (idempotency pure), or the call has an idempotency key that the tool
// takes: the registry remembers keys beyond the life of a node, so that whichever
// node gets the call next learns whether it was begun, waits for it, or hands
// over what came of it.
//
// Certainty. An error says whether the tool may have run: [ErrNotSent] and every
// rejection mean that it did not, [ErrOutcomeUnknown] that it may have. Both the
// end of the time and the death of the node lead there, the latter at once.
// [Reply.Outcome] says the same in one word for every reply.
//
// No late answers. An answer that comes after Invoke has returned is counted
// ([Client.Late]) and never delivered. The node is told that nobody waits.
//
// Both ends. Arguments are checked before anything is sent and results before
// they are returned, whatever the node did.
//
// What the registry said is used for two seconds without asking again, or longer
// when the registry is silent; meanwhile the client listens for nodes that die,
// stop or appear. All methods may be used from any number of goroutines.
//
// # Testing
//
// Use bus.NewMemory with registry.Serve and a host.Host, as this package's own
// tests do: it takes a millisecond.
package invoke
