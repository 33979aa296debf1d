package ipcbus

import (
	"context"
	"errors"
	"time"
)

// standby is how often a Serve that is not the hub tries to become it. Clients
// try more often; whoever comes first is the hub.
const standby = 250 * time.Millisecond

// Serve is the hub at o.Path until ctx ends; then it hands over to the others and
// returns nil. While another process is the hub it stands by. It fails at once
// when the path is taken by something else ([ErrSocket]) or its directory is
// not safe ([ErrDirectory]).
func Serve(ctx context.Context, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	for {
		h, err := startHub(o)
		if err == nil {
			<-ctx.Done()
			return h.close(context.WithoutCancel(ctx)) // bounded by its own farewell
		}
		if !errors.Is(err, errHeld) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(standby):
		}
	}
}
