package natsbus

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
)

// ErrUnknown is returned by Publish when the server did not acknowledge
// a durable event in time. The event may be stored or not. Publish it again: it
// keeps its ID and is stored once.
var ErrUnknown = fault.New("ONEX_BUS_041_PUBLISH_UNKNOWN", fault.Timeout, "the server did not acknowledge in time").
	Hinted("publish the same event again; it is stored once")

// coded returns err as one of our errors, with the thing that it happened to.
func coded(err error, format string, args ...any) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case untrusted(err), isAny(err, nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrPermissionViolation,
		nats.ErrAccountAuthExpired, nats.ErrNkeysNotSupported):
		return bus.ErrDenied.Wrap(err, format, args...)
	case errors.Is(err, nats.ErrReconnectBufExceeded): // what a client without a buffer says
		err = nats.ErrDisconnected
	}
	return bus.ErrUnavailable.Wrap(err, format, args...)
}

// untrusted reports whether err says that one side does not trust the other's
// certificate, or that a file with credentials cannot be read.
func untrusted(err error) bool {
	var alert *net.OpError // crypto/tls has no type of its own for what the other side says
	var certificate *tls.CertificateVerificationError
	var file *fs.PathError
	return errors.As(err, &alert) && alert.Op == "remote error" || errors.As(err, &certificate) || errors.As(err, &file) || errors.Is(err, nats.ErrTLS)
}

// gone reports whether err says that a stream or consumer does not exist.
func gone(err error) bool {
	return isAny(err, jetstream.ErrStreamNotFound, jetstream.ErrConsumerNotFound, jetstream.ErrNoStreamResponse,
		jetstream.ErrConsumerDeleted, jetstream.ErrConsumerDoesNotExist)
}

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
