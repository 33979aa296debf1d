package natsd

import "github.com/omninode-ai/onex/fault"

// ErrLocked is returned by Start when another process serves the data
// directory. The message names its process id. Use that server, or stop it
// first; there is no state in which both may run.
var ErrLocked = fault.New("ONEX_BUS_031_STORE_LOCKED", fault.Conflict, "another process holds the data directory").
	Hinted("`onex up` is running already for this project; stop it first, or use it")

// ErrSocket is returned by Start when somebody listens on the Unix socket. A
// socket left behind by a killed process is recognised and replaced; a live one
// is never taken away from its owner.
var ErrSocket = fault.New("ONEX_BUS_032_SOCKET_IN_USE", fault.Conflict, "somebody listens on the socket").
	Hinted("stop the process that owns it, or choose another runtime directory")

// ErrStart is returned by Start when the embedded server does not come up: a
// data directory that cannot be written, damaged files, or an address that is
// taken. The message has the server's own words.
var ErrStart = fault.New("ONEX_BUS_033_SERVER_START", fault.Unavailable, "the embedded server does not start")

// ErrListen is returned by Start for a listen address that is malformed, or
// that is not loopback while neither a token nor client certificates are asked
// for: such a server would be open to everyone who can reach the machine. Also
// for a certificate, key or authority that cannot be used.
var ErrListen = fault.New("ONEX_BUS_034_LISTEN", fault.Invalid, "cannot listen there").
	Hinted("write host:port, and set a token unless the host is 127.0.0.1 or ::1")

// ErrProfile is returned by Start for an unknown durability profile.
var ErrProfile = fault.New("ONEX_BUS_035_PROFILE", fault.Invalid, "unknown durability profile").
	Hinted("choose durable, file or memory")

// ErrStore is returned when the registry's records cannot be read or written.
// Nothing of a Save that failed is kept in part, up to [MaxBatch] changes.
var ErrStore = fault.New("ONEX_BUS_036_STORE", fault.Unavailable, "the store does not answer")

// ErrKey is returned by Save for a key that is empty or too long.
var ErrKey = fault.New("ONEX_BUS_037_STORE_KEY", fault.Invalid, "invalid key")
