// Package busbench measures buses beside what they stand on: a Go channel,
// sockets that carry the same bytes through a relay.
//
//	c, err := busbench.OnBus(ctx, from, to, bus.Ephemeral)
//	rate, err := busbench.Throughput(ctx, c, time.Second)
//
// A [Conduit] carries events of [EventSize] bytes from a sender to a receiver;
// [Throughput] and [RoundTrip] measure any. The sender never has more than some
// thousand on their way, so that nothing need be lost; what is lost all the same is
// an error, never a better figure.
//
// Times on a shared machine mean little; ratios of one run mean something. Nothing
// here is for tests to judge by.
package busbench
