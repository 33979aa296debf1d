// Package lease decides who holds which port, and until when.
//
// A [Table] is a state machine without clock, disk or network. It takes requests
// and the time, and says what became of them:
//
//	t := lease.NewTable(&lease.Options{By: registryID, Free: lease.Free})
//	answer, changed, err := t.Request(now, e.ID, request)
//
// The registry owns one and serves it on the bus; its client leases a port or a
// listener by name (see [registry.Client.Listen]).
//
// # What is promised
//
// One holder. A port of a machine has at most one lease at a time, for each
// protocol. A port is granted only if the machine says that nobody uses it, where
// that can be asked; the holder of a lease is the only one to get the port from
// the table until it gives it back, dies, or is silent for the lease's TTL.
//
// Fencing. Every lease carries a token that is larger than those of all leases
// before it, restarts included. Whoever guards something by a lease refuses
// smaller tokens than the largest it has seen.
//
// Repetition. The requester chooses the id of the lease it asks for, so a request
// that arrives twice, or late, changes nothing the second time: not the lease, not
// its time, and not one that has ended. Ends are remembered for [Keep].
//
// Restarts. A table that is restored from its records has the same holders, each
// with its full TTL, because nobody could renew while it was gone.
//
// Concurrency. A Table belongs to one goroutine.
//
// Bounds. At most [MaxLeases] leases and as many remembered ends; limits for each
// purpose are set by its [Purpose].
//
// # In plain words
//
// Ask for a port and you get one that is yours alone, with a ticket number. Say
// every now and then that you still need it. If you vanish, somebody else gets it
// later, with a higher number, so that nobody mistakes you for the new owner.
//
// [registry.Client.Listen]: https://pkg.go.dev/github.com/omninode-ai/onex/registry#Client.Listen
package lease
