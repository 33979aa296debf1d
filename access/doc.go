// Package access decides who may call which tool.
//
//	g := access.NewGuard(access.Policy{Rules: rules}, &access.Options{Key: readKey})
//	caller, err := g.Caller(subject, event)                  // who is it?
//	leave, err := g.Enter(time.Now(), caller, tool, size)    // may it?
//	defer leave()
//
// # What is promised
//
// The first [Rule] that fits a call decides. When none does, a local caller may call
// everything, and everybody else what has no effects.
//
// Local is who has shown it: by a [Key] that only this user on this machine can read,
// with which the call is signed ([Key.Prove]), or because nobody else can reach the
// bus at all. A proof covers all of a call, and is good once and for [ProofFor]. It says nothing
// about which of the user's programs it was: the names that callers give themselves are
// told apart by rules for the sake of order, not of security.
//
// Of other callers a name proves what the bus proves: nothing, unless its server lets
// each publish under a name of its own only (docs/security.md).
//
// A Guard may be used from any goroutine. It remembers at most [maxCallers] callers and
// [maxSeen] proofs.
package access
