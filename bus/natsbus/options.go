package natsbus

import (
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/bus"
)

const (
	// DefaultPrefix is put before every subject.
	DefaultPrefix = "onex.events"

	// dialTimeout bounds one attempt to connect to one server.
	dialTimeout = 2 * time.Second

	// firstPause and longestPause bound the pauses between attempts to
	// reconnect. They double, and are random up to the bound, so that a
	// returning server is not met by all its clients at once.
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second

	// A server that is silent for pingInterval × maxPings counts as lost: a
	// half-open connection has no other sign.
	pingInterval = 5 * time.Second
	maxPings     = 2
)

// Options say where the bus is and who we are.
type Options struct {
	URL         string                   // nats://host:port, tls://host:port, several separated by commas, or unix:///path; required without Dialer
	Dialer      func() (net.Conn, error) // used instead of the network, for a server in this process
	Prefix      string                   // of subjects; default DefaultPrefix
	Name        string                   // of the connection, in the server's monitoring; default "onex"
	Credentials Credentials
	Replicas    int          // copies of the stream in a cluster, when it is made here; default 1
	Log         *slog.Logger // default slog.Default()
}

// Credentials prove who we are. Files are read when connecting, again when
// reconnecting.
type Credentials struct {
	Token          string
	User, Password string
	NKeySeedFile   string // path of an NKey seed
	CredsFile      string // path of a NATS credentials file: JWT and NKey
	CA             string // path of the PEM certificates that the server's is checked against
	Cert, Key      string // paths of the client's PEM certificate and key
}

// natsOptions translates o, except for handlers.
func (o *Options) natsOptions() (string, []nats.Option, error) {
	dial, address, err := o.target()
	if err != nil {
		return "", nil, err
	}
	options := []nats.Option{
		nats.Name(o.Name),
		nats.Timeout(dialTimeout),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(false), // who is not there at first is an error to tell
		nats.CustomReconnectDelay(pause),
		nats.ReconnectBufSize(-1), // nothing is kept back in silence
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(maxPings),
	}
	if dial != nil {
		options = append(options, nats.SetCustomDialer(dialer(dial)), nats.IgnoreDiscoveredServers())
	}
	credentials, err := o.Credentials.natsOptions()
	return address, append(options, credentials...), err
}

// target returns how to dial, nil for the network, and what address to give to nats.go.
func (o *Options) target() (func() (net.Conn, error), string, error) {
	const nowhere = "nats://127.0.0.1:4222" // nats.go wants one; a dialer does not look at it
	if o.Dialer != nil {
		return o.Dialer, nowhere, nil
	}
	for one := range strings.SplitSeq(o.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		switch {
		case err != nil || u.Scheme == "":
			return nil, "", bus.ErrAddress.With("%q", Redacted(one))
		case u.Scheme == "unix" && u.Path != "" && one == o.URL:
			return func() (net.Conn, error) { return net.DialTimeout("unix", u.Path, dialTimeout) }, nowhere, nil
		case u.Scheme != "nats" && u.Scheme != "tls" || u.Host == "":
			return nil, "", bus.ErrAddress.With("%q: want nats://host:port, tls://host:port or unix:///path", Redacted(one))
		}
	}
	return nil, o.URL, nil
}

// Redacted returns addresses of servers as they may be told: without the token, or user and
// password, that stand before the @. They may be malformed, so they are not
// parsed.
func Redacted(addresses string) string {
	parts := strings.Split(addresses, ",")
	for i, one := range parts {
		scheme, rest, ok := strings.Cut(one, "//")
		if at := strings.LastIndex(rest, "@"); ok && at >= 0 {
			parts[i] = scheme + "//" + rest[at+1:]
		}
	}
	return strings.Join(parts, ",")
}

func (c *Credentials) natsOptions() ([]nats.Option, error) {
	var options []nats.Option
	if c.Token != "" {
		options = append(options, nats.Token(c.Token))
	}
	if c.User != "" {
		options = append(options, nats.UserInfo(c.User, c.Password))
	}
	if c.NKeySeedFile != "" {
		o, err := nats.NkeyOptionFromSeed(c.NKeySeedFile)
		if err != nil {
			return nil, bus.ErrDenied.Wrap(err, "nkey seed %s", c.NKeySeedFile)
		}
		options = append(options, o)
	}
	if c.CredsFile != "" {
		options = append(options, nats.UserCredentials(c.CredsFile))
	}
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		options = append(options, nats.ClientCert(c.Cert, c.Key))
	}
	return options, nil
}

// pause returns a random time that grows with the number of attempts.
func pause(attempts int) time.Duration {
	bound := longestPause
	if shift := min(attempts, 10); firstPause<<shift < bound {
		bound = firstPause << shift
	}
	return bound/4 + rand.N(bound)
}

type dialer func() (net.Conn, error)

func (d dialer) Dial(string, string) (net.Conn, error) { return d() }
