package zmqbus

import (
	"context"
	"errors"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// ErrForwarder is returned by Subscribe with a group when the peer is a foreign
// ZeroMQ program: sharing out is what only the forwarder of ONEX (onex up) does.
var ErrForwarder = fault.New("ONEX_BUS_061_NO_FORWARDER", fault.Unsupported, "the zmq address is not that of an onex forwarder").
	Hinted("start `onex up` with this zmq address, and let everybody connect to it")

// ErrNotReady is returned by Subscribe when the peer did not confirm the
// subscription in time. A plain ZeroMQ PUB socket cannot; the forwarder and any
// XPUB that echoes readiness topics (docs/zeromq.md) can.
var ErrNotReady = fault.New("ONEX_BUS_062_NOT_READY", fault.Timeout, "the subscription was not confirmed").
	Hinted("the peer is slow, or a plain PUB socket: then set zmq_unconfirmed (Options.Unconfirmed) and expect to lose the first events")

// refused says that we or the other side did not accept the credentials.
func refused(err error, format string, args ...any) error {
	return bus.ErrDenied.Wrap(err, format, args...).
		Hinted("check keys (zmq_secret_key, zmq_server_key, and zmq_allowed_keys of the forwarder), or user and password")
}

// coded returns err as an error of the bus.
func coded(err error, format string, args ...any) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, zmtp.ErrClosed):
		return bus.ErrClosed
	case errors.Is(err, zmtp.ErrDenied):
		return refused(err, format, args...)
	case errors.Is(err, zmtp.ErrFull):
		return bus.ErrQueueFull.Wrap(err, format, args...)
	case errors.Is(err, zmtp.ErrEndpoint):
		return bus.ErrAddress.Wrap(err, format, args...)
	case errors.Is(err, context.Canceled), errors.Is(err, zmtp.ErrInUse), errors.Is(err, zmtp.ErrUsage):
		return err
	}
	return bus.ErrUnavailable.Wrap(err, format, args...)
}
