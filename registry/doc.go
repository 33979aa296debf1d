// Package registry knows which nodes are there, which tools they offer, and why
// it believes so.
//
// [Serve] keeps a registry on a bus; [Client] asks it:
//
//	err := registry.Serve(ctx, b, &registry.Options{Store: store})  // one per bus
//
//	c, err := registry.NewClient(ctx, b, nil)
//	tools, err := c.Tools(ctx, "greet")  // who offers it, and its contract
//
// The knowledge itself is a [State], a state machine that takes the time as a
// parameter and touches neither clock nor disk nor network. Serve is the loop
// around it.
//
// # What a node's life looks like
//
// A node announces itself and is accepted, with an incarnation, or rejected, with
// a reason. It is online as long as it beats, suspect when beats are missing or
// its connection broke, dead when it was silent for its TTL or its process ended,
// stopped when it said so. Dead is dead: only a new announcement brings the
// node back, in a new incarnation. Incarnations only grow; none is given twice,
// whatever is restarted. Every change has a time and a reason and is kept with
// the node, [MaxHistory] of them; dead and stopped nodes are listed for [Keep].
//
// Instances are told apart by their node_id. An instance that announces itself
// again is refreshed; the same node_id from another identity (name, manifest
// uuid, signer) is rejected. Several instances and several versions of a node
// live side by side.
//
// # What is promised
//
// Durability. An acceptance is sent when the store has the node. After a crash
// live nodes are unverified until they are heard of, which takes a beat; what is
// not heard of within TTL and [Grace] is dead, so that there are no ghosts.
//
// Routing. Only online and unverified nodes are offered to callers. A death that
// the registry has noticed is in every answer that it gives afterwards.
//
// No false deaths. Nobody is judged for silence that the registry could not
// have heard: before each judgement it sends itself a heartbeat and waits for it
// at the end of the queue of all heartbeats. If that took longer than [Slack],
// the registry was starved, stopped or cut off, and the time does not count.
//
// Conflicts. Different promises under one tool name are kept apart and reported
// side by side; no provider ever overwrites another.
//
// Concurrency. A State belongs to one goroutine; all else may be used from any.
//
// Bounds. At most [MaxNodes] instances, [MaxTools] tools each, [MaxProviders]
// providers per answer. Answers fit one event; longer lists come in pages.
//
// # Limits
//
// One registry leads on a bus, and others stand by: with [Options.Lead] by a lease in
// their common store, else by what the bus tells, where two may lead for a second after
// they could not hear each other. On other systems than Linux, and for nodes on
// other machines, the end of a process is noticed by silence only, or by the
// end of its connection.
//
// # Testing
//
// Test decisions against a State with times of your own, and nodes against Serve
// on bus.NewMemory inside testing/synctest.
package registry
