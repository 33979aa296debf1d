package ipcbus

import "github.com/omninode-ai/onex/fault"

// ErrFrame says that the other side of a bus socket does not speak our
// protocol, or not correctly. The connection is closed after it, and a client
// connects again. When it happens again and again, another program uses the
// socket, or one of a much older or newer version: see which with
// `ss -xp` and choose another path.
var ErrFrame = fault.New("ONEX_BUS_051_FRAME", fault.Corrupt, "malformed frame on the bus socket").
	Hinted("check that every program on this socket speaks this version of ONEX")

// ErrSocket is returned when the path of the bus is taken by something that is
// not a bus of ours: a file, or a socket on which another program listens.
// Neither is ever removed. Choose another path.
var ErrSocket = fault.New("ONEX_BUS_052_SOCKET_TAKEN", fault.Conflict, "the path of the bus socket is taken").
	Hinted("choose another path in ipc:///path")

// ErrDirectory is returned when the directory of the bus socket cannot be used:
// it cannot be made, or other users may write to it and could put a socket of
// theirs in our place. Use a directory of your own, mode 0700.
var ErrDirectory = fault.New("ONEX_BUS_053_SOCKET_DIRECTORY", fault.Denied, "the directory of the bus socket is not safe").
	Hinted("use a directory that only you can write to: chmod 700")

// ErrPeer is returned when the process at the other end of the socket belongs
// to another user. Only processes of one user share a bus.
var ErrPeer = fault.New("ONEX_BUS_054_OTHER_USER", fault.Denied, "the other end of the bus socket belongs to another user").
	Hinted("run all programs of one bus as one user, or use a NATS bus")

// ErrUnknown is returned by Publish when the connection was lost or the context
// ended before the hub confirmed the event. It may have been delivered or not.
// Publish the same event again: it keeps its ID.
var ErrUnknown = fault.New("ONEX_BUS_055_PUBLISH_UNCONFIRMED", fault.Timeout, "the hub did not confirm the event").
	Hinted("publish the same event again; it keeps its id")

// ErrBusy is returned when a hub has as many connections, or a connection as
// many subscriptions, as it may have.
var ErrBusy = fault.New("ONEX_BUS_056_HUB_LIMIT", fault.Exhausted, "the hub has reached a limit").
	Hinted("close connections and subscriptions that are no longer used")

// ErrSettle is returned when a delivery is settled after its connection to
// the hub was lost. The hub gives the event to somebody again.
var ErrSettle = fault.New("ONEX_BUS_057_SETTLED_TOO_LATE", fault.Unavailable, "the delivery came over a connection that is lost")

// ErrNobody is returned by WaitForSubscribers when its context ended before
// enough subscriptions were there. See with `onex nodes` who is.
var ErrNobody = fault.New("ONEX_BUS_058_NO_SUBSCRIBERS", fault.Timeout, "not enough subscribers").
	Hinted("start the receivers, or wait longer")
