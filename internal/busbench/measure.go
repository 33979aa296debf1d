package busbench

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// inFlight bounds the events that are on their way, in steps of batch: far
	// more than a round trip needs, and less than any queue holds.
	inFlight = 2048
	batch    = 64

	// firstCount is the number of events of the first attempt at a measurement,
	// which grows until it takes long enough.
	firstCount = 8 * batch

	// patience bounds the wait for the next event: what has not come then is lost.
	patience = 5 * time.Second
)

// Throughput returns how many events a second c carries, measured for about d.
func Throughput(ctx context.Context, c Conduit, senders int, d time.Duration) (float64, error) {
	for count := firstCount; ; {
		took, err := Carry(ctx, c, senders, count)
		if err != nil {
			return 0, err
		}
		rate := float64(count) / took.Seconds()
		if took >= d/2 {
			return rate, nil
		}
		count = batch * max(2*count, min(int(rate*d.Seconds()), 100*count)/batch*batch) / batch
	}
}

// Carry sends count events, a multiple of 64, by so many senders, and returns how
// long it took until the last had arrived. When that fails it closes c.
func Carry(ctx context.Context, c Conduit, senders, count int) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	f := newFlow(senders, count)
	began := time.Now()
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			if err := f.send(ctx, c); err != nil {
				cancel(err)
			}
		})
	}
	err := f.receive(ctx, cancel, c)
	took := time.Since(began)
	if err != nil {
		cancel(err) // which changes nothing if there was a cause before
	}
	all.Wait()
	return took, context.Cause(ctx)
}

// A flow is what is to be sent and what may be on its way, both in steps: counting
// each event would cost more than the fastest buses do.
type flow struct {
	count, step int
	work        chan struct{} // a token for each step; closed
	window      chan struct{} // full when enough is on its way
}

func newFlow(senders, count int) *flow {
	f := &flow{count: count, step: batch}
	if senders > 1 {
		f.step = 1 // else few of them would be at it at once
	}
	f.window = make(chan struct{}, inFlight/f.step)
	f.work = make(chan struct{}, count/f.step)
	for range count / f.step {
		f.work <- struct{}{}
	}
	close(f.work)
	return f
}

// send sends while there is work. It flushes before it waits.
func (f *flow) send(ctx context.Context, c Conduit) error {
	for range f.work {
		select {
		case f.window <- struct{}{}:
		default:
			if err := c.Flush(); err != nil {
				return err
			}
			select {
			case f.window <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for range f.step {
			if err := c.Send(ctx); err != nil {
				return err
			}
		}
	}
	return c.Flush()
}

// receive receives all events and makes room for more.
func (f *flow) receive(ctx context.Context, cancel context.CancelCauseFunc, c Conduit) error {
	var got atomic.Int64
	alarm := time.AfterFunc(patience, func() { cancel(ErrLost.With("%d of %d arrived", got.Load(), f.count)) })
	defer alarm.Stop()
	for i := 1; i <= f.count; i++ {
		if err := c.Receive(ctx); err != nil {
			return err
		}
		if i%f.step == 0 {
			<-f.window
		}
		if i%batch == 0 {
			got.Store(int64(i))
			alarm.Reset(patience)
		}
	}
	return nil
}

// Latency is the time of round trips.
type Latency struct{ P50, P99 time.Duration }

// RoundTrip measures for about d how long a question takes there and its answer back,
// one after the other. It closes both conduits.
func RoundTrip(ctx context.Context, there, back Conduit, d time.Duration) (Latency, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d+patience, ErrLost.With("a round trip"))
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	context.AfterFunc(ctx, func() { _, _ = there.Close(), back.Close() })
	all.Go(func() {
		for there.Receive(ctx) == nil && back.Send(ctx) == nil && back.Flush() == nil {
			continue
		}
	})
	var took []time.Duration
	for end := time.Now().Add(d); time.Now().Before(end) || len(took) < 100; {
		began := time.Now()
		if err := ask(ctx, there, back); err != nil {
			return Latency{}, cmp.Or(context.Cause(ctx), err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return Latency{took[len(took)/2], took[len(took)*99/100]}, nil
}

func ask(ctx context.Context, there, back Conduit) error {
	if err := there.Send(ctx); err != nil {
		return err
	}
	if err := there.Flush(); err != nil {
		return err
	}
	return back.Receive(ctx)
}
