package natsbus

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const (
	// maxBatch and maxBatchBytes bound an atomic batch. The server takes 1000
	// events, and holds all of them in memory while it commits.
	maxBatch      = 500
	maxBatchBytes = 4 << 20

	// batchTimeout leaves those who wait for a batch the time to ask for each
	// event again.
	batchTimeout = askTimeout / 2

	// longestWait bounds the wait for those who may join a batch.
	longestWait = 10 * time.Millisecond
)

// A publication is a durable event that waits to be stored.
type publication struct {
	ctx  context.Context
	to   *target
	id   event.ID
	wire []byte

	done    chan struct{} // closed when the rest is set
	receipt bus.Receipt
	err     error
}

func (p *publication) settle(r bus.Receipt, err error) {
	p.receipt, p.err = r, err
	close(p.done)
}

// A committer gathers durable events that are published at the same time into
// atomic batches. A server that syncs before it acknowledges does so once for
// each event sent alone, and once for a batch. While one is on its way, those
// that come wait for it to return, and are the next batch. Who comes alone waits
// for nobody.
type committer struct {
	bus  *Bus
	pace pace

	mu      sync.Mutex
	closed  bool
	busy    bool // something is on its way; whoever sent it sees to what waits
	waiting []*publication
	want    int           // as many as this may be coming
	enough  chan struct{} // a token: as many as that wait
	tasks   sync.WaitGroup
}

// publish stores an event, together with others or alone.
func (c *committer) publish(ctx context.Context, to *target, id event.ID, wire []byte) (bus.Receipt, error) {
	if !c.pace.gather(time.Now()) {
		c.pace.sent(time.Now())
		defer func() { c.pace.acknowledged(time.Now()) }()
		return c.bus.publishAlone(ctx, to, id, wire)
	}
	c.mu.Lock()
	switch {
	case c.closed:
		c.mu.Unlock()
		return bus.Receipt{}, bus.ErrClosed
	case !c.busy:
		c.busy = true
		c.mu.Unlock()
		defer c.goOn()
		return c.bus.publishAlone(ctx, to, id, wire)
	}
	p := &publication{ctx: ctx, to: to, id: id, wire: wire, done: make(chan struct{})}
	c.waiting = append(c.waiting, p)
	if len(c.waiting) == c.want {
		signal(c.enough)
	}
	c.mu.Unlock()
	select {
	case <-p.done:
		return p.receipt, p.err
	case <-ctx.Done():
		return bus.Receipt{}, unknown(ctx.Err(), to, id)
	}
}

// goOn sends what waits, when there is something, and ends being busy.
func (c *committer) goOn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.busy = false
		return
	}
	c.tasks.Go(c.run)
}

// run sends batches while something waits. Those whose event has just been stored
// are likely to publish another: they get a part of the time that a batch takes
// to join the next one.
func (c *committer) run() {
	for {
		c.mu.Lock()
		batch := c.take()
		if len(batch) == 0 {
			c.busy = false
			c.mu.Unlock()
			return
		}
		c.want = len(batch)
		c.mu.Unlock()
		began := time.Now()
		c.commit(batch)
		c.await(min(time.Since(began)/8, longestWait))
	}
}

// await waits until as many wait as were in the last batch, or for d.
func (c *committer) await(d time.Duration) {
	alarm := time.NewTimer(d)
	defer alarm.Stop()
	for {
		c.mu.Lock()
		there := len(c.waiting) >= c.want || c.closed
		c.mu.Unlock()
		if there {
			return
		}
		select {
		case <-c.enough: // perhaps of an earlier time
		case <-alarm.C:
			return
		}
	}
}

// take returns the next batch: no event twice, and nobody who has given up.
func (c *committer) take() []*publication {
	var batch []*publication
	var left []*publication
	seen := map[event.ID]bool{}
	size := 0
	for _, p := range c.waiting {
		switch {
		case p.ctx.Err() != nil:
			p.settle(bus.Receipt{}, unknown(p.ctx.Err(), p.to, p.id))
		case seen[p.id] || len(batch) == maxBatch || len(batch) > 0 && size+len(p.wire) > maxBatchBytes:
			left = append(left, p)
		default:
			seen[p.id] = true
			size += len(p.wire)
			batch = append(batch, p)
		}
	}
	c.waiting = left
	return batch
}

// commit stores a batch. One that was refused, for instance because one of its
// events is stored already, or whose fate is not known, is sent again event by
// event: the server knows by their IDs which it has.
func (c *committer) commit(batch []*publication) {
	if c.pace.pays(len(batch), time.Now()) {
		began := time.Now()
		if last, err := c.bus.publishBatch(batch); err == nil {
			c.pace.batched(len(batch), time.Since(began), time.Now())
			for i, p := range batch {
				p.settle(bus.Receipt{Class: bus.Durable, Sequence: last - uint64(len(batch)-1-i), Subscribers: -1}, nil)
			}
			return
		}
	}
	var all sync.WaitGroup
	for _, p := range batch {
		all.Go(func() { p.settle(c.bus.publishAlone(p.ctx, p.to, p.id, p.wire)) })
	}
	all.Wait()
}

// close waits for what is on its way, which the end of the connection ends.
func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.tasks.Wait()
}

// publishBatch sends a batch, all of it or nothing, and returns the sequence of its
// last event.
func (b *Bus) publishBatch(batch []*publication) (last uint64, err error) {
	_, life := b.uplink.now()
	ctx, cancel := context.WithTimeout(life, batchTimeout)
	defer cancel()
	name := event.NewID().String()
	for i, p := range batch {
		m := &nats.Msg{Subject: p.to.wire, Data: p.wire, Header: nats.Header{
			jetstream.MsgIDHeader: {p.id.String()},
			"Nats-Batch-Id":       {name},
			"Nats-Batch-Sequence": {strconv.Itoa(i + 1)},
		}}
		if i < len(batch)-1 {
			if err := b.nc.PublishMsg(m); err != nil {
				return 0, err
			}
			continue
		}
		m.Header["Nats-Batch-Commit"] = []string{"1"}
		reply, err := b.nc.RequestMsgWithContext(ctx, m)
		if err != nil {
			return 0, err
		}
		return batchAck(reply.Data, name, len(batch))
	}
	return 0, nil
}

// batchAck reads the answer to a batch.
func batchAck(data []byte, name string, count int) (last uint64, err error) {
	var ack struct {
		Sequence uint64              `json:"seq"`
		Batch    string              `json:"batch"`
		Count    int                 `json:"count"`
		Error    *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(data, &ack); err != nil {
		return 0, err
	}
	if ack.Error != nil {
		return 0, ack.Error
	}
	if ack.Batch != name || ack.Count != count || ack.Sequence < uint64(count) {
		return 0, bus.ErrMalformed.With("batch %s of %d acknowledged as %s", name, count, data)
	}
	return ack.Sequence, nil
}
