package bustest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// The load of the case bounded_memory: 10 MB/s for 10 s. The bound is well above
// what any backend may hold for one subscription (see each one's limits) and
// well below what an unbounded queue would hold.
const (
	loadEvent = 10 << 10
	loadTotal = 100 << 20
	loadTime  = 10 * time.Second
	loadBound = 64 << 20
	loadQueue = 100
)

var loadCases = []Case{
	{Name: "bounded_memory", Why: "one slow reader makes a busy program grow until the system kills it", test: func(c *check) {
		s := c.subscribe(notes, &bus.Options{Queue: loadQueue})
		var read atomic.Uint64
		var reader sync.WaitGroup
		stop := make(chan struct{})
		reader.Go(func() { c.readSlowly(s, &read, stop) })
		before, peak := heap(), uint64(0)
		const n = loadTotal / loadEvent
		c.load(n, func(i int) {
			if i%(n/10) == n/10-1 {
				peak = max(peak, heap())
			}
		})
		for ctx := c.within(); ctx.Err() == nil && read.Load()+s.Dropped().Total()+loadQueue < n; {
			pause()
		}
		close(stop)
		for ctx := c.within(); ctx.Err() == nil && read.Load()+s.Dropped().Total() < n; {
			pause()
		}
		s.Close()
		reader.Wait()
		if got := read.Load() + s.Dropped().Total(); got != n {
			c.Errorf("%d read + %v dropped = %d, published %d", read.Load(), s.Dropped(), got, n)
		}
		if peak > before+loadBound {
			c.Errorf("the heap grew from %d to %d MB", before>>20, peak>>20)
		}
	}},
	{Name: "largest_events", Why: "events that are allowed are too large for the bus when there are many", test: func(c *check) {
		const n = 20
		s := c.subscribe(notes, &bus.Options{Queue: n})
		for i := range n {
			c.publish(sized(i, event.MaxSize-2000))
		}
		for i := range n {
			if got := c.number(c.next(s).Event); got != i {
				c.Errorf("event %d, want %d", got, i)
			}
		}
		c.dropped(s, bus.Drops{})
	}},
}

// load publishes n events of loadEvent bytes, in loadTime, or as fast as the bus
// takes them in short tests and where patience is short.
func (c *check) load(n int, each func(i int)) {
	c.Helper()
	const slice = 10 * time.Millisecond
	perSlice := n
	var tick <-chan time.Time
	if !testing.Short() && c.Patience > loadTime {
		t := time.NewTicker(slice)
		defer t.Stop()
		tick, perSlice = t.C, n/int(loadTime/slice)
	}
	for i := range n {
		if tick != nil && i%perSlice == 0 {
			<-tick
		}
		c.publish(sized(i, loadEvent))
		each(i)
	}
}

// readSlowly reads an event now and then, and all there is once stop is closed.
func (c *check) readSlowly(s bus.Subscription, read *atomic.Uint64, stop <-chan struct{}) {
	for {
		if _, err := s.Next(c.within()); err != nil {
			return
		}
		read.Add(1)
		select {
		case <-stop:
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// sized returns a note that carries n in about the given number of bytes.
func sized(n, bytes int) event.Event {
	e := note(n)
	e.Payload = event.Raw{Type: "TEST_NOTE", Data: fmt.Appendf(nil, `{"n":%d,"fill":"%s"}`, n, strings.Repeat("x", bytes))}
	return e
}

// heap returns what the program holds.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
