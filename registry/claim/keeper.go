package claim

import (
	"context"
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Bounds.
const (
	KeepFor = 24 * time.Hour // a key is remembered after its last change: longer than anybody retries
	MaxKey  = 255            // bytes of a key

	// grace is how much longer than its limit a call may take to be completed:
	// the time in which a node that stops lets its calls finish, and then some.
	grace = 15 * time.Second

	// attempts bounds the races lost against other keepers on the same store.
	attempts = 8
)

// A Store keeps values with compare-and-set. Keys have at most 64 characters of
// [0-9a-f].
type Store interface {
	// Get returns the value of key and its revision, which is 0 when there is none.
	Get(ctx context.Context, key string) (value []byte, revision uint64, err error)

	// Swap replaces the value of key if its revision is still the given one, 0
	// for none, and says whether it was. When it returns true the value survives
	// what the store promises to survive; after an error either may be the case.
	// Values may be forgotten after [KeepFor], not before: a store without room
	// refuses a new key with [ErrFull].
	Swap(ctx context.Context, key string, value []byte, revision uint64) (bool, error)
}

// Options say how to keep claims. The zero value keeps them in memory.
type Options struct {
	Store Store // default [NewMemory]

	// Alive reports whether a life of a node may still be at work. Default: always,
	// so that only the time of a call tells that nothing will come of it.
	Alive func(context.Context, node.ID, node.Incarnation) bool
}

// A Keeper answers who may run a call. It may be used from any goroutine.
type Keeper struct {
	o     Options
	locks [stripes]chan struct{} // by key: who looks and who changes do not miss each other
	lot   lot
}

// NewKeeper returns a keeper.
func NewKeeper(o *Options) *Keeper {
	k := &Keeper{lot: newLot()}
	if o != nil {
		k.o = *o
	}
	if k.o.Store == nil {
		k.o.Store = NewMemory()
	}
	if k.o.Alive == nil {
		k.o.Alive = func(context.Context, node.ID, node.Incarnation) bool { return true }
	}
	for i := range k.locks {
		k.locks[i] = make(chan struct{}, 1)
	}
	return k
}

// Handle deals with a request and calls reply, from this goroutine or another's
// Handle: at once, or, when another node runs the call, when that has changed.
// Who was not answered in [ParkFor] asks again.
func (k *Keeper) Handle(ctx context.Context, now time.Time, r event.CallClaimRequest, reply func(event.CallClaimResponse)) {
	if r.IdempotencyKey == "" || len(r.IdempotencyKey) > MaxKey {
		reply(refused(ErrKey.With("%d bytes", len(r.IdempotencyKey))))
		return
	}
	key := storeKey(r.ToolName, r.IdempotencyKey)
	lock := k.locks[stripe(key)]
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return
	}
	a := k.answer(ctx, now, key, r)
	if a.State == event.ClaimRunning && k.lot.park(now, key, parked{r, a.NodeID, reply, now}) {
		<-lock
		return
	}
	var woken []parked
	if r.Action != event.ClaimBegin && a.State != event.ClaimRefused {
		woken = k.lot.leave(key)
	}
	<-lock
	reply(a)
	for _, w := range woken {
		k.Handle(ctx, now, w.request, w.reply)
	}
}

// Gone tells that a node has died: those who wait for it are answered.
func (k *Keeper) Gone(ctx context.Context, now time.Time, id node.ID) {
	for _, w := range k.lot.waitingFor(id) {
		k.Handle(ctx, now, w.request, w.reply)
	}
}

func (k *Keeper) answer(ctx context.Context, now time.Time, key string, r event.CallClaimRequest) event.CallClaimResponse {
	for range attempts {
		known, revision, err := k.get(ctx, key)
		if err != nil {
			return refused(err)
		}
		next, a := k.decide(ctx, now, known, revision, r)
		if next == nil {
			return a
		}
		swapped, err := k.put(ctx, key, *next, revision)
		if err != nil {
			return refused(err)
		}
		if swapped {
			return a
		}
	}
	return refused(ErrStore.With("tool %q: the claim changes all the time", r.ToolName))
}

// decide says what is known of a call, what becomes of it by the request, nil for
// nothing, and the answer.
func (k *Keeper) decide(ctx context.Context, now time.Time, known record, revision uint64, r event.CallClaimRequest) (*record, event.CallClaimResponse) {
	none := revision == 0 || known.State == event.ClaimReleased || now.Sub(known.Changed) >= KeepFor
	switch {
	case r.Action == event.ClaimBegin && none:
		next := newRecord(now, r)
		return &next, next.response(event.ClaimGranted)
	case r.Action == event.ClaimBegin:
		return nil, k.look(ctx, now, known, r)
	case r.Action == event.ClaimComplete && none:
		next := newRecord(now, r).completed(now, r)
		return &next, next.response(event.ClaimCompleted)
	case r.Action == event.ClaimRelease && none:
		return nil, known.response(event.ClaimReleased)
	case known.Claim != r.ClaimID:
		return nil, refused(ErrLost.With("tool %q, node %s has it", r.ToolName, known.Node))
	case known.State == event.ClaimCompleted: // told twice
		return nil, known.response(event.ClaimCompleted)
	case r.Action == event.ClaimRelease:
		next := known
		next.State, next.Changed = event.ClaimReleased, now
		return &next, next.response(event.ClaimReleased)
	}
	next := known.completed(now, r)
	return &next, next.response(event.ClaimCompleted)
}

// look is the answer to who asks for a call that was claimed before.
func (k *Keeper) look(ctx context.Context, now time.Time, known record, r event.CallClaimRequest) event.CallClaimResponse {
	switch {
	case known.Args != r.ArgumentsHash:
		return known.response(event.ClaimConflict)
	case known.State == event.ClaimCompleted:
		return known.response(event.ClaimCompleted)
	case known.Claim == r.ClaimID: // the answer was lost
		return known.response(event.ClaimGranted)
	case known.Node == r.NodeID && known.Life != r.Incarnation, // it would know the call if it ran
		now.After(known.Until), !k.o.Alive(ctx, known.Node, known.Life):
		return known.response(event.ClaimUnknown)
	}
	return known.response(event.ClaimRunning)
}

func (k *Keeper) get(ctx context.Context, key string) (record, uint64, error) {
	data, revision, err := k.o.Store.Get(ctx, key)
	var c record
	if err == nil && revision != 0 {
		err = json.Unmarshal(data, &c)
	}
	return c, revision, storing(err)
}

func (k *Keeper) put(ctx context.Context, key string, c record, revision uint64) (bool, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return false, storing(err)
	}
	swapped, err := k.o.Store.Swap(ctx, key, data, revision)
	return swapped, storing(err)
}

// storing makes an error of a store one that says that nothing was run.
func storing(err error) error {
	switch fault.ClassOf(err) {
	case "", fault.Exhausted, fault.Unsupported, fault.Denied: // clear as they are
		return err
	}
	return ErrStore.Wrap(err, "the store")
}
