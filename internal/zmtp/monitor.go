package zmtp

// What says what an [Event] of a monitor is about.
type What string

// What can happen.
const (
	Listening    What = "listening"    // Endpoint is where
	Connected    What = "connected"    // the handshake is done; Type, Identity and User are the peer's
	Refused      What = "refused"      // a handshake went wrong; Err says why
	Disconnected What = "disconnected" // Err says why, or is nil when we ended it
	Retrying     What = "retrying"     // a connection will be tried again; Err is why it is not there
	Subscribed   What = "subscribed"   // the peer subscribed to Topic
	Unsubscribed What = "unsubscribed" // the peer unsubscribed from Topic
	Dropped      What = "dropped"      // Count messages for the peer since the last such event; at most one a second
	AcceptFailed What = "accept_failed"
)

// An Event is something that happened to a socket.
type Event struct {
	What     What
	Endpoint string // ours, or the one that we connect to
	Peer     string // address of the peer; empty for local ones
	Type     Type   // of the peer
	Identity string // of the peer
	User     string // PLAIN: the user; CURVE: the peer's public key
	Metadata map[string]string
	Topic    string
	Count    uint64
	Err      error
}
