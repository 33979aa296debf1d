package host

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/omninode-ai/onex/node"
)

// What a tool with idempotency "key" remembers by itself, so that a repetition is
// attached to the call that runs, and needs no question. On a bus the registry
// remembers for longer, and beyond the node's life (see claims).
const (
	KeysKept  = 4096             // calls, the oldest go first
	KeysBytes = 16 << 20         // of arguments and results
	KeysFor   = 10 * time.Minute // longer than any caller retries
)

// errKeysFull is rare: it takes more calls at once than are remembered.
var errKeysFull = ErrBusy.With("%d keyed calls run at once", KeysKept)

// keys remembers the calls that were made with idempotency keys.
type keys struct {
	mu    sync.Mutex
	calls map[string]*keyed
	order []string // of completion
	bytes int
}

// A keyed call runs or has run.
type keyed struct {
	args []byte        // canonical
	done chan struct{} // closed when outcome is set
	at   time.Time     // of completion

	outcome Outcome
}

func newKeys() *keys { return &keys{calls: map[string]*keyed{}} }

// once runs the call of r's key unless it was run before, and returns its
// outcome. The execution does not end with the first caller's patience, because
// those who come back with the key want its result.
func (h *Host) once(ctx context.Context, t *tool, r request) Outcome {
	c, begin, err := t.keys.join(r, time.Now())
	if err != nil {
		return rejected(err)
	}
	if begin {
		h.begin(ctx, t, r, c)
	}
	select {
	case <-c.done:
		return c.outcome
	case <-ctx.Done():
		return ran(context.Cause(ctx))
	}
}

// begin runs a keyed call in the background; c is told of its outcome.
func (h *Host) begin(ctx context.Context, t *tool, r request, c *keyed) {
	patience := ctx
	base := context.WithoutCancel(ctx)
	ended := func() {}
	if r.life != nil { // an orderly end waits for the call, for the drain time
		base = withDialogue(WithCorrelation(r.life.calls, Correlation(ctx)), dialogueOf(ctx))
		r.life.active.Add(1)
		ended = r.life.active.Done
	}
	ctx, cancel := context.WithCancelCause(base)
	done := func(o Outcome) { t.keys.complete(r.key, c, o, time.Now()) }
	execute := func() Outcome { return h.execute(ctx, t, r.args) }
	h.calls.Go(func() {
		defer ended()
		defer cancel(nil)
		if r.life == nil {
			done(execute())
			return
		}
		r.life.claims.run(patience, r, execute, done)
	})
	h.calls.Go(func() {
		select {
		case <-h.ending:
			cancel(ErrCutOff.With("node %q was closed", h.manifest.Name))
		case <-c.done:
		}
	})
}

// canonical returns args in canonical form: the same call has the same.
func canonical(args []byte) []byte {
	c, err := node.Canonical(args)
	if err != nil { // numbers that have no canonical form: the same call has the same text
		return bytes.Clone(args)
	}
	return c
}

// join finds the call of r's key, or makes it: then the caller must run it.
func (k *keys) join(r request, now time.Time) (c *keyed, begin bool, err error) {
	args := canonical(r.args)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(now)
	if c, ok := k.calls[r.key]; ok {
		if !bytes.Equal(c.args, args) {
			return nil, false, ErrKey.With("key %q, tool %q", r.key, r.tool)
		}
		return c, false, nil
	}
	if len(k.calls)-len(k.order) >= KeysKept {
		return nil, false, errKeysFull
	}
	c = &keyed{args: args, done: make(chan struct{})}
	k.calls[r.key] = c
	return c, true, nil
}

// complete records the outcome of a call. What was not run is not remembered.
func (k *keys) complete(key string, c *keyed, o Outcome, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c.outcome, c.at = o, now
	close(c.done)
	if o.Rejected || o.open || o.asks() {
		delete(k.calls, key)
		return
	}
	k.order = append(k.order, key)
	k.bytes += c.size()
	k.forget(now)
}

// forget drops completed calls that are too many, too large or too old.
func (k *keys) forget(now time.Time) {
	for len(k.order) > 0 {
		c := k.calls[k.order[0]]
		if len(k.order) <= KeysKept && k.bytes <= KeysBytes && now.Sub(c.at) < KeysFor {
			return
		}
		k.bytes -= c.size()
		delete(k.calls, k.order[0])
		k.order = k.order[1:]
	}
}

func (c *keyed) size() int { return len(c.args) + len(c.outcome.Result) }
