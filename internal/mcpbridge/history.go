package mcpbridge

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// eventsURI is the address of what happened under a correlation id.
const eventsURI = "onex://events"

// Limits of a look into the past.
const (
	maxEvents  = 200                    // returned
	maxScanned = 20_000                 // looked at: some seconds of a busy project
	quiet      = 250 * time.Millisecond // without another event, all have been seen
	scanTime   = 5 * time.Second        // for everything
	clockSkew  = 2 * time.Second        // between the machine that made an id and the store
	lookBack   = time.Hour              // for ids that do not say when they were made
)

// readEvents returns the events of a correlation that the bus has kept, oldest
// first, with their secrets replaced.
func (s *Server) readEvents(ctx context.Context, ref string) (json.RawMessage, error) {
	if callerOf(ctx).narrows() { // events tell of tools that are left out
		return nil, ErrHidden.With("events")
	}
	id, err := event.ParseID(ref)
	if err != nil {
		return nil, ErrHistory.Wrap(err, "correlation id")
	}
	if !slices.Contains(s.bus.Classes(), bus.Durable) {
		return nil, ErrHistory.With("this bus keeps no events")
	}
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	sub, err := s.bus.Subscribe(ctx, event.AllEvents, &bus.Options{
		Class: bus.Durable, Start: bus.StartTime, Since: began(id).Add(-clockSkew),
	})
	if err != nil {
		return nil, ErrHistory.Wrap(err, "subscribe")
	}
	defer sub.Close()
	found, err := scan(ctx, sub, id)
	if err != nil {
		return nil, err
	}
	return encode(found), nil
}

// scan reads what sub has until nothing follows.
func scan(ctx context.Context, sub bus.Subscription, id event.ID) ([]json.RawMessage, error) {
	found := []json.RawMessage{}
	for range maxScanned {
		wait, cancel := context.WithTimeout(ctx, quiet)
		d, err := sub.Next(wait)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) || len(found) == maxEvents {
			break
		}
		if err != nil {
			return nil, ErrHistory.Wrap(err, "read")
		}
		if err := d.Ack(ctx); err != nil {
			return nil, ErrHistory.Wrap(err, "read")
		}
		if d.Event.Correlation != id {
			continue
		}
		raw, err := event.Encode(event.Redact(d.Event))
		if err != nil {
			return nil, ErrHistory.Wrap(err, "event %s", d.Event.ID)
		}
		found = append(found, raw)
	}
	return found, nil
}

// began returns when an id was made, which a UUIDv7 says in its first 48 bits
// (RFC 9562, 5.7).
func began(id event.ID) time.Time {
	if id[6]>>4 != 7 {
		return time.Now().Add(-lookBack)
	}
	var ms [8]byte
	copy(ms[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:])))
}
