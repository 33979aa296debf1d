package zmtp

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxPath is what fits a socket's address on the systems that we build for, with
// room for the temporary name that a socket is made under.
const maxPath = 100

// probeTimeout is how long the owner of a socket file may take to accept before
// the file counts as in use by somebody busy.
const probeTimeout = time.Second

// An endpoint is where to listen or connect.
type endpoint struct {
	network string // "tcp" or "unix"
	address string // of package net; "@name" is an abstract socket
}

// parseEndpoint reads tcp://host:port, ipc:///path and ipc://@name. As in
// libzmq, host or port may be "*" where one listens.
func parseEndpoint(text string) (endpoint, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case !ok || rest == "" || strings.ContainsRune(rest, 0):
	case scheme == "tcp":
		return parseTCP(text, rest)
	case scheme == "ipc" && rest != "@" && len(rest) <= maxPath:
		return endpoint{"unix", rest}, nil
	case scheme == "ipc" && len(rest) > maxPath:
		return endpoint{}, ErrEndpoint.With("%q: a path has at most %d bytes", text, maxPath)
	}
	return endpoint{}, ErrEndpoint.With("%q", text)
}

func parseTCP(text, rest string) (endpoint, error) {
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		return endpoint{}, ErrEndpoint.Wrap(err, "%q", text)
	}
	if host == "*" {
		host = ""
	}
	if port == "*" {
		port = "0"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return endpoint{}, ErrEndpoint.With("%q: port %q", text, port)
	}
	return endpoint{"tcp", net.JoinHostPort(host, port)}, nil
}

func (e endpoint) String() string {
	if e.network == "unix" {
		return "ipc://" + e.address
	}
	return "tcp://" + e.address
}

func (e endpoint) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, e.network, e.address)
}

func (e endpoint) listen(ctx context.Context) (net.Listener, error) {
	if e.network == "unix" && !strings.HasPrefix(e.address, "@") {
		return listenPath(ctx, e.address)
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, e.network, e.address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, ErrInUse.Wrap(err, "%s", e)
	}
	if err != nil {
		return nil, ErrListen.Wrap(err, "%s", e)
	}
	return l, nil
}

// at returns e with the address that l was given.
func (e endpoint) at(l net.Listener) endpoint {
	if e.network == "tcp" {
		e.address = l.Addr().String()
	}
	return e
}
