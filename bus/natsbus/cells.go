package natsbus

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/registry/claim"
)

// Bounds of [Cells].
const (
	cellsBytes = 1 << 30            // of disk; a value may be as large as a result
	cellsFull  = cellsBytes / 4 * 3 // no new key from here on: what is there must have room to change
	cellsKeys  = 250_000            // about three a second for a day
	cellsLook  = time.Second        // how old what is known of the size may be
)

// Cells keep values by key with compare-and-set, in a bucket of JetStream's
// key-value store: the [claim.Store] of a registry. What Swap returned true for is
// as durable as the server makes it. Any number of processes may use one bucket.
type Cells struct {
	kv jetstream.KeyValue

	mu     sync.Mutex
	looked time.Time
	full   error
}

var _ claim.Store = (*Cells)(nil)

// Cells returns the bucket called name of this bus's prefix, made when it does not
// exist. Values are forgotten keep after their last change. It fails with
// [bus.ErrUnsupported] on a server without JetStream.
func (b *Bus) Cells(ctx context.Context, name string, keep time.Duration) (*Cells, error) {
	if b.js == nil {
		return nil, bus.ErrUnsupported.With("the server has no JetStream, which %s are kept in", name)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	kv, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: strings.NewReplacer(".", "_", "-", "_").Replace(b.prefix) + "_" + name,
		TTL:    keep, MaxBytes: cellsBytes, Storage: jetstream.FileStorage, Replicas: b.copies,
	})
	if err != nil {
		return nil, coded(err, "the bucket of %s", name)
	}
	return &Cells{kv: kv}, nil
}

// Get implements [claim.Store].
func (c *Cells) Get(ctx context.Context, key string) ([]byte, uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	e, err := c.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, coded(err, "key %s", key)
	}
	return e.Value(), e.Revision(), nil
}

// Swap implements [claim.Store].
func (c *Cells) Swap(ctx context.Context, key string, value []byte, revision uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if revision == 0 {
		if err := c.room(ctx); err != nil {
			return false, err
		}
		_, err := c.kv.Create(ctx, key, value)
		return settled(err, key)
	}
	_, err := c.kv.Update(ctx, key, value, revision)
	return settled(err, key)
}

// settled reads what became of a change.
func settled(err error, key string) (bool, error) {
	var refused *jetstream.APIError
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, jetstream.ErrKeyExists),
		errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence:
		return false, nil
	}
	return false, coded(err, "key %s", key)
}

// room reports whether another key fits.
func (c *Cells) room(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < cellsLook {
		return c.full
	}
	s, err := c.kv.Status(ctx)
	if err != nil {
		return coded(err, "the bucket's size")
	}
	c.looked, c.full = time.Now(), nil
	if s.Values() >= cellsKeys || s.Bytes() >= cellsFull {
		c.full = claim.ErrFull.With("%d keys, %d MiB", s.Values(), s.Bytes()>>20)
	}
	return c.full
}
