package natsd

import (
	"context"
	"net"

	"github.com/nats-io/nats.go"
)

// OpenStore returns the store called name over a connection within this
// process, and the function that ends the connection. See [OpenStore] for a
// connection of the caller's.
func (s *Server) OpenStore(ctx context.Context, name string) (store *Store, done func(), err error) {
	nc, err := nats.Connect(inProcess, nats.SetCustomDialer(dialer(s.Dial)), nats.MaxReconnects(-1), nats.Name("onex store"))
	if err != nil {
		return nil, nil, ErrStore.Wrap(err, "%s", name)
	}
	store, err = OpenStore(ctx, nc, name)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return store, nc.Close, nil
}

// inProcess stands where the client library wants a URL; nothing listens there,
// and nothing is dialed.
const inProcess = "nats://in-process:4222"

// A dialer makes the client library take a connection that is there.
type dialer func() (net.Conn, error)

func (d dialer) Dial(string, string) (net.Conn, error) { return d() }

// SkipTLSHandshake says that what dial returns is ready for NATS.
func (dialer) SkipTLSHandshake() bool { return true }
