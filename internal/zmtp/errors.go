package zmtp

import "github.com/omninode-ai/onex/fault"

// ErrClosed is returned by every call on a ZeroMQ socket after Close.
var ErrClosed = fault.New("ONEX_ZMQ_001_CLOSED", fault.Unavailable, "the socket is closed")

// ErrEndpoint is returned for an address that is not tcp://host:port,
// ipc:///path or ipc://@name.
var ErrEndpoint = fault.New("ONEX_ZMQ_002_INVALID_ENDPOINT", fault.Invalid, "invalid endpoint").
	Hinted("write tcp://host:port, ipc:///path or ipc://@name")

// ErrInUse is returned by Bind when somebody listens on the address already. A
// socket file that nobody listens on any more is replaced without asking.
var ErrInUse = fault.New("ONEX_ZMQ_003_ADDRESS_IN_USE", fault.Exists, "the address is in use").
	Hinted("end the other program, connect to it instead, or choose another address")

// ErrListen is returned by Bind when the address cannot be listened on: a port
// that needs privileges, a directory that does not exist.
var ErrListen = fault.New("ONEX_ZMQ_004_LISTEN", fault.Unavailable, "cannot listen")

// ErrProtocol is seen in monitor events: the peer sent something that is not
// ZMTP 3, and was disconnected. It is another kind of program, an old libzmq
// (before 4.0), or an attacker.
var ErrProtocol = fault.New("ONEX_ZMQ_005_PROTOCOL", fault.Corrupt, "not ZMTP 3").
	Hinted("check that the other side is a ZeroMQ 4 program and that the port is the right one")

// ErrTooLarge is seen in monitor events when a peer announced a frame, a message
// or a command beyond our limits and was disconnected, and returned by Send for
// a message beyond them.
var ErrTooLarge = fault.New("ONEX_ZMQ_006_TOO_LARGE", fault.Invalid, "larger than the limit")

// ErrHandshake is seen in monitor events when two programs met but do not fit:
// another security mechanism, a socket type that does not go with ours, or no
// answer in time.
var ErrHandshake = fault.New("ONEX_ZMQ_007_HANDSHAKE", fault.Unsupported, "handshake failed").
	Hinted("both sides need the same mechanism (NULL, PLAIN or CURVE) and matching socket types")

// ErrDenied is seen in monitor events when user, password or key of a peer were
// refused, by us or by it, or when a local peer belongs to another user.
var ErrDenied = fault.New("ONEX_ZMQ_008_DENIED", fault.Denied, "access refused").
	Hinted("check user and password, the server's public key, and that our own key is on its list")

// ErrLimit is seen in monitor events when a connection was refused or a peer
// disconnected because a stated bound was reached: connections, handshakes at
// a time, subscriptions of one peer.
var ErrLimit = fault.New("ONEX_ZMQ_009_LIMIT", fault.Exhausted, "a limit is reached")

// ErrFull is returned by Send when every peer's queue stayed full until the
// context ended, or when there was no peer. The message was not sent.
var ErrFull = fault.New("ONEX_ZMQ_010_QUEUE_FULL", fault.Exhausted, "no peer could take the message in time")

// ErrSlow is seen in monitor events when a peer was disconnected because it did
// not read fast enough and the policy is disconnect.
var ErrSlow = fault.New("ONEX_ZMQ_011_SLOW_PEER", fault.Exhausted, "the peer reads too slowly")

// ErrSilent is seen in monitor events when a peer sent nothing for longer than
// the heartbeat's timeout: it hangs, or the network between is broken.
var ErrSilent = fault.New("ONEX_ZMQ_012_SILENT_PEER", fault.Timeout, "the peer is silent")

// ErrLinger is returned by Close when messages were still waiting to be sent as
// its time ended; they are lost. The message says how many.
var ErrLinger = fault.New("ONEX_ZMQ_013_LINGER", fault.Timeout, "messages were not sent before the socket closed")

// ErrUsage is returned for calls that a type of socket does not have, such as
// Send on a SUB socket, and for options and keys that cannot be.
var ErrUsage = fault.New("ONEX_ZMQ_014_USAGE", fault.Invalid, "not possible with this socket")

// ErrUnroutable is returned by Send on a ROUTER socket for a peer that is not
// connected, and on a REP socket when the asker is gone.
var ErrUnroutable = fault.New("ONEX_ZMQ_015_UNROUTABLE", fault.Unavailable, "the receiver is not connected")
