package natsbus

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// peekFor is how long the server keeps a consumer that looked at one event and
// could not be deleted.
const peekFor = 5 * time.Second

// Last implements [bus.Historian]. It asks by a consumer that begins at the last
// event: the server's other ways to ask take no wildcards.
func (b *Bus) Last(ctx context.Context, f event.Filter) (bus.Kept, error) {
	kept, err := b.last(ctx, f)
	return kept, b.meter.Failed(err)
}

func (b *Bus) last(ctx context.Context, f event.Filter) (bus.Kept, error) {
	if b.js == nil {
		return bus.Kept{}, bus.ErrUnsupported.With("past events: the server has no JetStream")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	stream, err := b.stream(ctx)
	if err != nil {
		return bus.Kept{}, err
	}
	c, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubject: b.prefix + "." + string(f), DeliverPolicy: jetstream.DeliverLastPolicy,
		AckPolicy: jetstream.AckNonePolicy, InactiveThreshold: peekFor, MemoryStorage: true, Replicas: 1,
	})
	if err != nil {
		return bus.Kept{}, coded(err, "%s", f)
	}
	defer func() { _ = stream.DeleteConsumer(ctx, c.CachedInfo().Name) }() // else it ends by itself
	if c.CachedInfo().NumPending == 0 {
		return bus.Kept{}, nil
	}
	m, err := c.Next(jetstream.FetchContext(ctx))
	if err != nil {
		return bus.Kept{}, coded(err, "%s", f)
	}
	meta, err := m.Metadata()
	if err != nil {
		return bus.Kept{}, coded(err, "%s", f)
	}
	return bus.Kept{Sequence: meta.Sequence.Stream, Time: meta.Timestamp}, nil
}

// Redrive implements [bus.Redriver]. The stored copy carries an identifier of
// its own for the server, which would otherwise take it for the event that it
// remembers for ten minutes.
func (b *Bus) Redrive(ctx context.Context, number uint64) (bus.Receipt, error) {
	r, err := b.redrive(ctx, number)
	return r, b.meter.Failed(err)
}

func (b *Bus) redrive(ctx context.Context, number uint64) (bus.Receipt, error) {
	if b.js == nil {
		return bus.Receipt{}, bus.ErrUnsupported.With("dead letters: the server has no JetStream")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	dead, err := b.deadStream(ctx)
	if err != nil {
		return bus.Receipt{}, err
	}
	letter, err := dead.GetMsg(ctx, number)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return bus.Receipt{}, bus.ErrNoLetter.With("number %d", number)
	}
	if err != nil {
		return bus.Receipt{}, coded(err, "dead letter %d", number)
	}
	subject := strings.TrimPrefix(letter.Subject, b.prefix+"_dead.")
	m := &nats.Msg{Subject: b.prefix + "." + subject, Data: letter.Data, Header: nats.Header{}}
	id := "redrive/" + letter.Time.UTC().Format(time.RFC3339Nano) + "/" + strconv.FormatUint(number, 10)
	ack, err := b.js.PublishMsg(ctx, m, jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0))
	if err != nil {
		return bus.Receipt{}, coded(err, "redriving dead letter %d", number)
	}
	r := bus.Receipt{Class: bus.Durable, Sequence: ack.Sequence, Duplicate: ack.Duplicate, Subscribers: -1}
	return r, coded(dead.DeleteMsg(ctx, number), "removing dead letter %d", number)
}
