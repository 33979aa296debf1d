package natsbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// Header fields of a dead letter, whose text is the event as it was.
const (
	headerReason   = "Onex-Reason"
	headerConsumer = "Onex-Consumer"
	headerAttempts = "Onex-Attempts"
	headerSequence = "Onex-Sequence"
)

// An acker settles one delivery.
type acker struct {
	sub      *durableSub
	msg      jetstream.Msg
	sequence uint64
	attempt  int
	id       event.ID
}

// settled returns the result of a settlement. Settling twice is harmless.
func (a *acker) settled(err error) error {
	a.sub.mu.Lock()
	a.sub.lastSign = time.Now()
	a.sub.mu.Unlock()
	switch {
	case errors.Is(err, jetstream.ErrMsgAlreadyAckd):
		return nil
	case errors.Is(err, nats.ErrConnectionClosed):
		return bus.ErrClosed
	}
	return coded(err, "settling %s", a.sub.bus.subject(a.msg.Subject()))
}

func (a *acker) Ack(context.Context) error        { return a.settled(a.msg.Ack()) }
func (a *acker) InProgress(context.Context) error { return a.settled(a.msg.InProgress()) }

func (a *acker) Nack(ctx context.Context, after time.Duration) error {
	o := &a.sub.o
	if a.attempt >= o.MaxDeliver {
		return a.bury(ctx, fmt.Sprintf("refused, attempt %d of %d", a.attempt, o.MaxDeliver))
	}
	if after <= 0 {
		after = o.Wait(a.attempt)
	}
	if after <= 0 {
		return a.settled(a.msg.Nak())
	}
	return a.settled(a.msg.NakWithDelay(after))
}

func (a *acker) Term(ctx context.Context, reason string) error { return a.bury(ctx, reason) }

// bury stores the dead letter, and only then ends the deliveries. When it cannot
// be stored the event comes again.
func (a *acker) bury(ctx context.Context, reason string) error {
	if err := a.store(ctx, reason); err != nil {
		_ = a.msg.NakWithDelay(giveBack)
		return err
	}
	a.sub.bus.meter.Buried(bus.DeadLetter{
		Subject: a.sub.bus.subject(a.msg.Subject()), Event: event.Event{ID: a.id}, Sequence: a.sequence,
		Consumer: a.sub.name, Attempts: a.attempt, Reason: reason, Time: time.Now(),
	})
	return a.settled(a.msg.TermWithReason(reason))
}

func (a *acker) store(ctx context.Context, reason string) error {
	b := a.sub.bus
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if _, err := b.deadStream(ctx); err != nil {
		return err
	}
	subject := b.subject(a.msg.Subject())
	m := &nats.Msg{Subject: b.prefix + "_dead." + string(subject), Data: a.msg.Data(), Header: nats.Header{}}
	m.Header.Set(headerReason, strings.Map(printable, reason))
	m.Header.Set(headerConsumer, a.sub.name)
	m.Header.Set(headerAttempts, strconv.Itoa(a.attempt))
	m.Header.Set(headerSequence, strconv.FormatUint(a.sequence, 10))
	// Two members that give up the same event make one dead letter.
	id := a.sub.name + "/" + strconv.FormatUint(a.sequence, 10)
	_, err := b.js.PublishMsg(ctx, m, jetstream.WithMsgID(id))
	return coded(err, "dead letter of %s", subject)
}

// printable keeps a reason on one line: it becomes a header field.
func printable(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}

// DeadLetters implements [bus.DeadLetters].
func (b *Bus) DeadLetters(ctx context.Context, limit int) ([]bus.DeadLetter, error) {
	if b.js == nil {
		return nil, bus.ErrUnsupported.With("dead letters: the server has no JetStream")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	stream, err := b.deadStream(ctx)
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return nil, coded(err, "dead letters")
	}
	var letters []bus.DeadLetter
	for seq := max(1, info.State.FirstSeq); seq <= info.State.LastSeq && len(letters) < limit; seq++ {
		m, err := stream.GetMsg(ctx, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return letters, coded(err, "dead letter %d", seq)
		}
		letter, err := b.letter(m)
		if err != nil {
			return letters, err
		}
		letters = append(letters, letter)
	}
	return letters, nil
}

func (b *Bus) letter(m *jetstream.RawStreamMsg) (bus.DeadLetter, error) {
	e, err := event.Decode(m.Data)
	if err != nil {
		return bus.DeadLetter{}, bus.ErrMalformed.Wrap(err, "dead letter %d", m.Sequence)
	}
	sequence, seqErr := strconv.ParseUint(m.Header.Get(headerSequence), 10, 64)
	attempts, err := strconv.Atoi(m.Header.Get(headerAttempts))
	if err := errors.Join(seqErr, err); err != nil {
		return bus.DeadLetter{}, bus.ErrMalformed.Wrap(err, "dead letter %d", m.Sequence)
	}
	return bus.DeadLetter{
		Number:  m.Sequence,
		Subject: event.Subject(strings.TrimPrefix(m.Subject, b.prefix+"_dead.")), Event: e, Sequence: sequence,
		Consumer: m.Header.Get(headerConsumer), Attempts: attempts, Reason: m.Header.Get(headerReason), Time: m.Time,
	}, nil
}
