// Package zmtp is ZeroMQ in Go: sockets that speak ZMTP 3.1 with libzmq and with
// each other.
//
//	pub, err := zmtp.New(zmtp.PUB, nil)
//	where, err := pub.Bind(ctx, "tcp://127.0.0.1:0")
//	sub, err := zmtp.New(zmtp.SUB, nil)
//	err = sub.Subscribe("news.")
//	err = sub.Connect(where)
//	err = pub.Send(ctx, zmtp.Message{[]byte("news.today"), []byte("hello")})
//	m, err := sub.Receive(ctx)
//
// It exists because no library would do: the C library costs the static binary,
// and the Go library can be crashed by anybody who can connect, stops accepting
// for one silent client, and starves all subscribers for one that is stuck.
// docs/spec/zmtp.md says which part of the protocol is here, and the limits.
//
// # What is promised
//
// Concurrency. Every method may be called from any goroutine at any time, Close
// included. Every call that may wait takes a context.
//
// Order. Messages of one connection arrive in the order they were sent. A message
// arrives whole or not at all.
//
// Isolation. Each peer has queues of its own, bounded in messages and bytes. What
// happens beyond the bound is the [Policy]; whatever is dropped is counted and told to the
// monitor. No peer delays another, except under [Block], which delays the sender.
//
// Connections. Connect keeps one connection to its endpoint for ever: after a
// loss it tries again, with random pauses that grow up to a bound, and repeats
// the subscriptions. A peer that says nothing for too long counts as lost.
//
// Strangers. Whatever a peer sends costs at most its own connection: every length
// is checked before memory is taken, handshakes have a deadline and their
// number a bound, local peers must be of our user.
//
// Memory. Sending encodes a message once for all its receivers. Receiving takes
// no allocation of its own: small messages share blocks of 128 KiB, so that
// who keeps one for long should copy it.
//
// # How it works
//
// A [Socket] has listeners and links, which make connections; a connection whose
// handshake is done is a peer. Each peer has a goroutine that reads frames into
// the socket's inbox, one that writes its outbox, and one for heartbeats. What is
// special about a type of socket, whom messages go to and which ones are wanted,
// is its pattern.
//
// # Testing
//
// Both ends can live in one test, on tcp://127.0.0.1:0 or an abstract ipc://@name.
package zmtp
