// Package natsd is the NATS server inside `onex up`: the bus and the store of
// a project, in the same process, without a port.
//
//	s, err := natsd.Start(ctx, natsd.Options{Dir: data, Socket: runtime + "/bus.sock"})
//	defer s.Close(ctx)
//	conn, err := s.Dial()   // for natsbus.Options.Dialer, in this process
//
// Other processes of the same user reach it through the Unix socket, which is
// spliced to in-process connections; [DialSocket] is their end. Nothing listens
// on the network unless Options.Listen says so.
//
// # What is promised
//
// One server per data directory: it is locked, and a second Start fails with
// [ErrLocked] naming the holder, because two servers on one JetStream directory
// lose acknowledged messages without a word. It waits for a holder that said by
// [Server.Leaving] that it is about to end. One server per socket, too, in every
// profile: a file beside it is locked. What JetStream acknowledges is on
// disk before the acknowledgement ([ProfileDurable], the default); the weaker
// profiles say in the log what a power failure can cost. The server never
// handles signals and never ends the process. When the disk was full and is not any
// more, it goes on by itself: connections within this process and through the socket
// are lost once, and made again by those who use them. When Close returns, its store is
// closed in order, no goroutine is left, and the directory may be opened again.
//
// [Store] keeps the registry's records in a stream of the same server, many
// changes to one commit.
package natsd
