// Package ipcbus is the bus between the processes of one user on one machine,
// over a Unix socket, with nothing else running: one of the processes is the
// hub, and when it ends another takes its place.
//
//	b, err := ipcbus.Dial(ctx, ipcbus.Options{Path: "/run/user/1000/onex/bus.sock"})
//	defer b.Close(ctx)
//
// Whoever dials and finds nobody becomes the hub: it holds the lock beside the
// socket, listens, and hands events from connection to connection. [Serve] is
// a hub alone, for a daemon. Short-lived programs set Options.NoHub. The frames
// are described in docs/ipc.md, so that programs in other languages can join.
//
// # What is promised
//
// The contract of package bus, with these particulars:
//
//   - Classes are ephemeral and [Retained]. There is no class durable: what a hub
//     keeps ends with the hub, so it is not called that. Events of durable kinds are
//     published as ephemeral, and kept by the hub besides: the receipt's Sequence
//     is their number there, and the same event again is recognised.
//   - A subscription is live for every publisher. A retained one gets what
//     the hub keeps, from where it asks, with acknowledgement, redelivery,
//     groups, names and dead letters as durable ones elsewhere.
//   - All three policies. With the policy block each event that the subscription
//     wants is confirmed before Publish returns.
//   - A receipt's Subscribers is exact for confirmed events: those of durable kinds,
//     those that somebody blocks, and the first on a subject after any
//     subscription came or went. For the others it is what the hub said last.
//   - Publish writes and does not wait for the hub otherwise. What it wrote is lost
//     when the hub dies before reading it, without a count, as in every loss of
//     a connection. Close waits until the hub has handed it on.
//   - Each connection has 8 MiB at the hub for what it has not read yet. Beyond
//     that it loses events, and its subscriptions count each as
//     bus.DroppedTransport. Nobody else waits.
//   - When the hub ends, the others elect one within milliseconds, and each
//     subscription is live again before Reconnected says so. Meanwhile Publish and
//     Subscribe wait, at most two seconds, then return bus.ErrUnavailable.
//   - A hub that is stopped (SIGSTOP) holds its lock, and nobody can take over. Its
//     clients notice after twice Options.Ping.
//
// On a new hub, names and sequences of retained subscriptions begin anew, and each
// gets all that was published since it began.
//
// # Who may connect
//
// Processes of the same user. The directory is made with mode 0700, the socket has
// 0600, and both ends ask the system who the other is (on Linux and macOS; elsewhere the
// modes must do). A directory to which others may write is refused. A socket is
// removed only by who holds the lock, and only when nobody listens on it.
//
// # Testing
//
// Dial in a t.TempDir() needs nothing else. The path must stay short:
// systems bound it at about a hundred bytes.
package ipcbus
