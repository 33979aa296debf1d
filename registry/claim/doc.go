// Package claim sees to it that a call with an idempotency key takes effect at
// most once, whoever repeats it and whatever dies meanwhile.
//
// A node that is given such a call asks a [Keeper] before it runs it, and tells it
// afterwards what came of it:
//
//	k := claim.NewKeeper(&claim.Options{Store: store})
//	k.Handle(ctx, time.Now(), request, func(r event.CallClaimResponse) { … })
//
// The registry owns one and serves it on the bus (CALL_CLAIM_REQUEST).
//
// # What is promised
//
// One claim. Of all who ask with a key, one is told to run the call, and the store
// has that before it is told. Whoever asks meanwhile waits and gets what came of it;
// whoever asks later gets the same at once, other arguments are a conflict.
//
// Honesty. When the node that had the claim is gone, or its time is up, and nothing
// is known of how it ended, the answer is "unknown", and the call is not run again:
// it may have taken effect. If the node was only slow and tells after all, what it
// tells is what counts from then on.
//
// Restarts. Everything that matters is in the store. Keepers beside each other, on
// one store, are as good as one.
//
// Bounds. A key is remembered for [KeepFor] after its last change, and a store that
// is full refuses new keys rather than forget old ones.
//
// # In plain words
//
// A cloakroom: the first with a number hands in the coat, everybody else with that
// number gets the same coat, and if the attendant ran away with it you are told so
// instead of being given another.
package claim
