package natsbus

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Limits of the streams, when they are made here. Beyond them the oldest goes.
const (
	streamAge   = 7 * 24 * time.Hour
	streamBytes = 1 << 30
	deadAge     = 30 * 24 * time.Hour
	deadEvents  = 10_000

	// dedupeWindow is how long an event's ID is remembered. It covers the
	// retries of a publisher that waits for a server to return.
	dedupeWindow = 10 * time.Minute
)

// A store makes sure that the streams exist, once per connection.
type store struct {
	mu           sync.Mutex
	events, dead jetstream.Stream // nil until needed
}

func (b *Bus) streamName() string {
	return strings.ToUpper(strings.NewReplacer(".", "_", " ", "_").Replace(b.prefix))
}

// stream returns the stream of durable events.
func (b *Bus) stream(ctx context.Context) (jetstream.Stream, error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	if b.store.events != nil {
		return b.store.events, nil
	}
	var subjects []string
	for _, k := range event.Kinds() {
		if k.Durable() {
			subjects = append(subjects, b.prefix+"."+string(event.FilterKind(k)))
		}
	}
	s, err := b.ensure(ctx, jetstream.StreamConfig{
		Name: b.streamName(), Subjects: subjects, Storage: jetstream.FileStorage, Replicas: b.copies,
		MaxAge: streamAge, MaxBytes: streamBytes, Duplicates: dedupeWindow, AllowDirect: true, AllowAtomicPublish: true,
	})
	b.store.events = s
	return s, err
}

// deadStream returns the stream of dead letters.
func (b *Bus) deadStream(ctx context.Context) (jetstream.Stream, error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	if b.store.dead != nil {
		return b.store.dead, nil
	}
	s, err := b.ensure(ctx, jetstream.StreamConfig{
		Name: b.streamName() + "_DEAD", Subjects: []string{b.prefix + "_dead.>"}, Storage: jetstream.FileStorage,
		Replicas: b.copies, MaxAge: deadAge, MaxMsgs: deadEvents, Duplicates: dedupeWindow, AllowDirect: true,
	})
	b.store.dead = s
	return s, err
}

// forgetStreams makes the next call look again: they were deleted under us.
func (b *Bus) forgetStreams() {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.store.events, b.store.dead = nil, nil
}

// ensure returns the stream that c describes. One that exists keeps its
// settings; it only gets the subjects that a newer version has more.
func (b *Bus) ensure(ctx context.Context, c jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := b.js.Stream(ctx, c.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if s, err = b.js.CreateStream(ctx, c); errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			s, err = b.js.Stream(ctx, c.Name) // somebody else was faster
		}
	}
	if err != nil {
		return nil, coded(err, "stream %s", c.Name)
	}
	has := s.CachedInfo().Config
	before := len(has.Subjects)
	for _, subject := range c.Subjects {
		if !slices.Contains(has.Subjects, subject) {
			has.Subjects = append(has.Subjects, subject)
		}
	}
	if len(has.Subjects) > before {
		if s, err = b.js.UpdateStream(ctx, has); err != nil {
			return nil, coded(err, "stream %s", c.Name)
		}
	}
	return s, nil
}

// publishStored returns when the server has stored the event.
func (b *Bus) publishStored(ctx context.Context, to *target, id event.ID, wire []byte) (bus.Receipt, error) {
	s, err := b.stream(ctx)
	if err != nil {
		return bus.Receipt{}, err
	}
	if !s.CachedInfo().Config.AllowAtomicPublish { // it is older, or somebody else's
		return b.publishAlone(ctx, to, id, wire)
	}
	return b.commits.publish(ctx, to, id, wire)
}

// publishAlone stores one event.
func (b *Bus) publishAlone(ctx context.Context, to *target, id event.ID, wire []byte) (bus.Receipt, error) {
	m := &nats.Msg{Subject: to.wire, Data: wire, Header: nats.Header{}}
	ack, err := b.js.PublishMsg(ctx, m, jetstream.WithMsgID(id.String()), jetstream.WithRetryAttempts(0))
	if gone(err) {
		b.forgetStreams()
	}
	if err != nil {
		return bus.Receipt{}, unknown(err, to, id)
	}
	return bus.Receipt{Class: bus.Durable, Sequence: ack.Sequence, Duplicate: ack.Duplicate, Subscribers: -1}, nil
}

// unknown returns err, which ended the wait for an acknowledgement, with its code.
func unknown(err error, to *target, id event.ID) error {
	if isAny(err, context.DeadlineExceeded, nats.ErrTimeout) {
		return ErrUnknown.Wrap(err, "%s %s", to.Subject, id)
	}
	return coded(err, "%s %s", to.Subject, id)
}
