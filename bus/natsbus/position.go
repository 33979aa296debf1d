package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// A position is a consumer on the server, and what is needed to make it again.
// After open it belongs to the goroutine that pulls.
type position struct {
	consumer jetstream.Consumer
	config   jetstream.ConsumerConfig
	floor    uint64    // everything up to this sequence was settled, by whoever reads here
	looked   time.Time // when floor was true
	born     time.Time // of the stream that floor counts in
}

// open finds or makes the consumer.
func (s *durableSub) open(ctx context.Context, f event.Filter) error {
	stream, err := s.bus.stream(ctx)
	if err != nil {
		return err
	}
	c := s.wanted(f)
	s.consumer, err = stream.Consumer(ctx, c.Durable)
	if gone(err) {
		if s.consumer, err = stream.CreateConsumer(ctx, c); errors.Is(err, jetstream.ErrConsumerExists) {
			s.consumer, err = stream.Consumer(ctx, c.Durable)
		}
	}
	if err != nil {
		if gone(err) {
			s.bus.forgetStreams()
		}
		return coded(err, "%s", f)
	}
	has := s.consumer.CachedInfo()
	s.config, s.floor, s.looked, s.born = c, has.AckFloor.Stream, time.Now(), stream.CachedInfo().Created
	if has := has.Config; has.FilterSubject != c.FilterSubject {
		return bus.ErrNameTaken.With("%q has filter %q, not %q", s.name, s.bus.subject(has.FilterSubject), f)
	}
	return nil
}

func (s *durableSub) wanted(f event.Filter) jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		FilterSubject: s.bus.prefix + "." + string(f),
		AckPolicy:     jetstream.AckExplicitPolicy, AckWait: s.o.AckWait, MaxAckPending: s.o.Queue,
		MaxDeliver:        -1, // we count, so that the last failure has a reason
		InactiveThreshold: abandoned,
	}
	switch {
	case s.o.Name != "":
		s.name, c.Durable, c.InactiveThreshold = s.o.Name, "name_"+s.o.Name, 0
	case s.o.Group != "":
		s.name, c.Durable = "@"+s.o.Group, "group_"+s.o.Group
	default:
		s.name = "#" + nuid.Next()
		c.Durable = "sub_" + s.name[1:]
	}
	switch s.o.Start {
	case bus.StartAll:
		c.DeliverPolicy = jetstream.DeliverAllPolicy
	case bus.StartTime:
		c.DeliverPolicy, c.OptStartTime = jetstream.DeliverByStartTimePolicy, &s.o.Since
	case bus.StartSeq:
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, s.o.Sequence
	case bus.StartLast:
		c.DeliverPolicy = jetstream.DeliverLastPerSubjectPolicy
	default:
		c.DeliverPolicy = jetstream.DeliverNewPolicy
	}
	return c
}

// look asks how far the position is. One that is gone, because it was deleted or
// the server took it for abandoned, is made again.
func (s *durableSub) look(ctx context.Context) {
	if !s.bus.nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	info, err := s.consumer.Info(ctx)
	if gone(err) {
		s.bus.log.Warn("a position on the bus is gone; it is made again", "name", s.name, "after", s.floor)
		s.bus.meter.Failed(s.again(ctx))
		return
	}
	if err == nil {
		s.floor, s.looked = info.AckFloor.Stream, time.Now()
	}
}

// again makes the position anew, behind the last event that is known to be
// settled. Of those who share it one is first; what they knew differs only in
// how much comes twice.
func (s *durableSub) again(ctx context.Context) error {
	s.bus.forgetStreams()
	stream, err := s.bus.stream(ctx)
	if err != nil {
		return err
	}
	c := s.config
	c.DeliverPolicy, c.OptStartSeq, c.OptStartTime = jetstream.DeliverByStartSequencePolicy, s.floor+1, nil
	if born := stream.CachedInfo().Created; !born.Equal(s.born) {
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverAllPolicy, 0 // another stream counts anew
	}
	consumer, err := stream.CreateConsumer(ctx, c)
	if errors.Is(err, jetstream.ErrConsumerExists) {
		consumer, err = stream.Consumer(ctx, c.Durable)
	}
	if err != nil {
		return coded(err, "making the position of %s again", s.name)
	}
	s.consumer, s.born = consumer, stream.CachedInfo().Created
	s.floor, s.looked = consumer.CachedInfo().AckFloor.Stream, time.Now()
	s.mu.Lock()
	s.fetched = nil // all of it comes again
	s.mu.Unlock()
	return nil
}
