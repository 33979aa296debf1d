package natsbus

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// retryPause is the pause before a durable event is sent again while there is
// a connection: a stream that is electing a leader needs some hundred
// milliseconds. Without a connection nothing is sent; its return ends the wait.
const retryPause = 50 * time.Millisecond

// An uplink tells whether there is a connection, to those who wait for one and
// to those who wait for an answer over the one there was.
type uplink struct {
	mu   sync.Mutex
	up   chan struct{}   // closed while there is a connection
	life context.Context // ends with the connection; ended while there is none
	end  context.CancelFunc
}

func (u *uplink) connected() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.life != nil && u.life.Err() == nil {
		return
	}
	u.life, u.end = context.WithCancel(context.Background())
	if u.up == nil {
		u.up = make(chan struct{})
	}
	close(u.up)
}

func (u *uplink) lost() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.life != nil && u.life.Err() == nil {
		u.end()
		u.up = make(chan struct{})
	}
}

// now returns a channel that is closed when there is a connection, and
// a context that ends with the one of now.
func (u *uplink) now() (<-chan struct{}, context.Context) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.up, u.life
}

// publishDurable returns when the server has stored the event. It outlasts the
// loss of the connection, and of the stream's leader, until ctx ends; without
// a deadline it has askTimeout. What was on its way when the connection broke is
// sent again: by its ID it is stored once.
func (b *Bus) publishDurable(ctx context.Context, to *target, id event.ID, wire []byte) (bus.Receipt, error) {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askTimeout)
		defer cancel()
	}
	for sent := false; ; {
		r, now, err := b.attempt(ctx, to, id, wire)
		switch {
		case err == nil || !passing(err) || b.isClosed():
			return r, err
		case ctx.Err() != nil && sent: // an earlier attempt may have been stored
			return r, unknown(ctx.Err(), to, id)
		case ctx.Err() != nil:
			return r, err
		}
		sent = sent || now
		pauseFor(ctx, retryPause)
	}
}

// attempt waits for a connection and publishes over it. It ends with the
// connection. An event that was not sent is not stored, whatever the error.
func (b *Bus) attempt(ctx context.Context, to *target, id event.ID, wire []byte) (r bus.Receipt, sent bool, err error) {
	if !b.awaitConnection(ctx) {
		if ctx.Err() == nil {
			return bus.Receipt{}, false, bus.ErrClosed
		}
		return bus.Receipt{}, false, bus.ErrUnavailable.Wrap(ctx.Err(), "%s %s: no connection", to.Subject, id)
	}
	if !b.nc.IsConnected() { // it was lost, and we have not been told yet
		return bus.Receipt{}, false, bus.ErrUnavailable.Wrap(nats.ErrDisconnected, "%s %s", to.Subject, id)
	}
	_, life := b.uplink.now()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	r, err = b.publishStored(ctx, to, id, wire)
	return r, true, err
}

// awaitConnection waits until there is a connection. It reports false when ctx has
// ended, or the bus.
func (b *Bus) awaitConnection(ctx context.Context) bool {
	up, _ := b.uplink.now()
	select {
	case <-up:
		return true
	default:
	}
	select {
	case <-up:
		return true
	case <-b.ended:
	case <-ctx.Done():
	}
	return false
}

// temporarilyUnavailable is the server's code for a cluster without a leader.
const temporarilyUnavailable = 10008

// passing reports whether err may be over when the same is tried again: the
// connection or the leader was lost, or the stream must be made again.
func passing(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) && api.ErrorCode == temporarilyUnavailable {
		return true
	}
	if broken := new(net.OpError); errors.As(err, &broken) { // seen before the client has noticed the loss
		return true
	}
	return gone(err) || isAny(err, io.EOF, io.ErrClosedPipe, jetstream.ErrJetStreamNotEnabled, context.Canceled, context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders,
		nats.ErrReconnectBufExceeded, nats.ErrDisconnected, nats.ErrStaleConnection, nats.ErrConnectionReconnecting)
}
