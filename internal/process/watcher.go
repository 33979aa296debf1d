package process

import (
	"errors"
	"sync"

	"github.com/omninode-ai/onex/event"
)

// DefaultLimit is how many processes a watcher watches unless told otherwise.
// Each costs a descriptor and a goroutine; four thousand leave room below the
// usual hard limit of descriptors, and few machines run more nodes.
const DefaultLimit = 4096

// errGone says that the process had ended before it could be watched.
var errGone = errors.New("the process has ended")

// Options say how to watch. The zero value is ready.
type Options struct {
	Limit int // most processes watched at a time; default DefaultLimit
}

// A Watcher watches processes of this machine.
type Watcher struct {
	limit  int
	exited sync.WaitGroup // one for each goroutine

	mu      sync.Mutex
	watched map[event.Process]*watch
	closed  bool
}

// A watch is one process that somebody waits for.
type watch struct {
	handle *handle
	gone   map[*call]struct{}
}

// A call is one caller's wish to be told; its address is its identity.
type call struct{ gone func() }

// NewWatcher returns a watcher of nothing.
func NewWatcher(o *Options) *Watcher {
	w := &Watcher{limit: DefaultLimit, watched: map[event.Process]*watch{}}
	if o != nil && o.Limit > 0 {
		w.limit = o.Limit
	}
	return w
}

// Watch calls gone once, from another goroutine, when p has ended; at once, when
// it ended before. The function stop ends the watch; it is idempotent and does
// not wait for a call of gone that is under way.
//
// It fails with [ErrElsewhere] when p is not of this machine, with
// [ErrUnsupported] when this system cannot tell, and with [ErrTooMany] at the
// limit.
func (w *Watcher) Watch(p event.Process, gone func()) (stop func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, ErrClosed
	}
	t := w.watched[p]
	if t == nil {
		t, err = w.open(p)
		if errors.Is(err, errGone) {
			w.exited.Go(gone)
			return func() {}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	c := &call{gone}
	t.gone[c] = struct{}{}
	return func() { w.forget(p, t, c) }, nil
}

// open begins to watch p. The lock is held.
func (w *Watcher) open(p event.Process) (*watch, error) {
	if len(w.watched) >= w.limit {
		return nil, ErrTooMany.With("process %d, limit %d", p.PID, w.limit)
	}
	h, err := open(p)
	if err != nil {
		return nil, err
	}
	t := &watch{handle: h, gone: map[*call]struct{}{}}
	w.watched[p] = t
	w.exited.Go(func() { w.await(p, t) })
	return t, nil
}

// await tells everybody when p has ended. It returns early when nobody is left
// to be told, because forget or Close has closed the handle then.
func (w *Watcher) await(p event.Process, t *watch) {
	err := t.handle.wait()
	w.mu.Lock()
	calls := t.gone
	t.gone = nil
	if w.watched[p] == t {
		delete(w.watched, p)
		t.handle.close()
	}
	w.mu.Unlock()
	if err != nil {
		return
	}
	for c := range calls {
		c.gone()
	}
}

func (w *Watcher) forget(p event.Process, t *watch, c *call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := t.gone[c]; !ok {
		return
	}
	delete(t.gone, c)
	if len(t.gone) == 0 && w.watched[p] == t {
		delete(w.watched, p)
		t.handle.close()
	}
}

// Close ends all watches and waits for calls under way. It is idempotent.
func (w *Watcher) Close() error {
	w.mu.Lock()
	w.closed = true
	for p, t := range w.watched {
		delete(w.watched, p)
		t.handle.close()
	}
	w.mu.Unlock()
	w.exited.Wait()
	return nil
}
