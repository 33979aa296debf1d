package claim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry/claim"
)

var begun = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func ask(key, args string, id node.ID, life node.Incarnation) event.CallClaimRequest {
	return event.CallClaimRequest{
		Action: event.ClaimBegin, ClaimID: event.NewID(), ToolName: "pay", IdempotencyKey: key, ArgumentsHash: args,
		NodeID: id, Incarnation: life, Limit: time.Minute,
	}
}

func with(r event.CallClaimRequest, a event.ClaimAction, result string) event.CallClaimRequest {
	r.Action = a
	if a == event.ClaimComplete {
		r.Status, r.Result = node.Success, []byte(result)
	}
	return r
}

// answer returns k's answer to r, nil when r waits.
func answer(k *claim.Keeper, now time.Time, r event.CallClaimRequest) *event.CallClaimResponse {
	var got *event.CallClaimResponse
	k.Handle(context.Background(), now, r, func(a event.CallClaimResponse) { got = &a })
	return got
}

func wants(t *testing.T, why string, got *event.CallClaimResponse, want event.ClaimState) {
	t.Helper()
	if got == nil || got.State != want {
		t.Errorf("%s: got %+v, want %s", why, got, want)
	}
}

func TestAClaim(t *testing.T) {
	gone := map[node.ID]bool{}
	k := claim.NewKeeper(&claim.Options{Alive: func(_ context.Context, id node.ID, _ node.Incarnation) bool { return !gone[id] }})
	a, b := ask("k", "1", "a", 1), ask("k", "1", "b", 2)
	wants(t, "the first", answer(k, begun, a), event.ClaimGranted)
	wants(t, "the first again, because the answer was lost", answer(k, begun, a), event.ClaimGranted)
	wants(t, "other arguments", answer(k, begun, ask("k", "2", "b", 2)), event.ClaimConflict)
	wants(t, "another key", answer(k, begun, ask("l", "2", "b", 2)), event.ClaimGranted)
	wants(t, "the next life of the same node", answer(k, begun, ask("k", "1", "a", 3)), event.ClaimUnknown)
	wants(t, "when its time is up", answer(k, begun.Add(2*time.Minute), ask("k", "1", "c", 3)), event.ClaimUnknown)

	var waiting *event.CallClaimResponse
	k.Handle(t.Context(), begun, b, func(a event.CallClaimResponse) { waiting = &a })
	if waiting != nil {
		t.Errorf("the second did not wait: %+v", waiting)
	}
	gone["a"] = true
	k.Gone(t.Context(), begun, "x")
	if waiting != nil {
		t.Errorf("another's death woke it: %+v", waiting)
	}
	k.Gone(t.Context(), begun, "a")
	wants(t, "when the first died", waiting, event.ClaimUnknown)

	wants(t, "somebody else's result", answer(k, begun, with(b, event.ClaimComplete, `2`)), event.ClaimRefused)
	wants(t, "the result, late", answer(k, begun, with(a, event.ClaimComplete, `1`)), event.ClaimCompleted)
	wants(t, "it was released, too late", answer(k, begun, with(a, event.ClaimRelease, ``)), event.ClaimCompleted)
	got := answer(k, begun, ask("k", "1", "c", 9))
	wants(t, "a repetition", got, event.ClaimCompleted)
	if string(got.Result) != "1" || got.Status != node.Success || got.NodeID != "a" {
		t.Errorf("got %+v", got)
	}
	wants(t, "a day later", answer(k, begun.Add(claim.KeepFor), ask("k", "2", "c", 9)), event.ClaimGranted)
}

func TestAReleasedClaimGoesToOneOfThoseWhoWait(t *testing.T) {
	k := claim.NewKeeper(nil)
	a := ask("k", "1", "a", 1)
	answer(k, begun, a)
	states := map[event.ClaimState]int{}
	for i := range 3 {
		k.Handle(t.Context(), begun, ask("k", "1", node.ID(fmt.Sprint("b", i)), 1), func(a event.CallClaimResponse) { states[a.State]++ })
	}
	wants(t, "a release", answer(k, begun, with(a, event.ClaimRelease, ``)), event.ClaimReleased)
	if states[event.ClaimGranted] != 1 || len(states) != 1 {
		t.Errorf("those who waited got %v, want one grant", states)
	}
}

// A node that gives a call back twice, because the answer was lost, or gives back
// what is forgotten by now, is not told that somebody else has it.
func TestAReleaseIsToldTwice(t *testing.T) {
	k := claim.NewKeeper(nil)
	a := ask("k", "1", "a", 1)
	answer(k, begun, a)
	wants(t, "a release", answer(k, begun, with(a, event.ClaimRelease, ``)), event.ClaimReleased)
	wants(t, "the same release again", answer(k, begun, with(a, event.ClaimRelease, ``)), event.ClaimReleased)
	wants(t, "a release of what nobody knows", answer(k, begun, with(ask("l", "1", "a", 1), event.ClaimRelease, ``)), event.ClaimReleased)
	b := ask("k", "1", "b", 1)
	wants(t, "another's claim", answer(k, begun, b), event.ClaimGranted)
	wants(t, "a release of what another has", answer(k, begun, with(a, event.ClaimRelease, ``)), event.ClaimRefused)
}

// Who waits takes room, of which there is so much; those who must have asked again
// or gone away since give it up.
func TestThereIsRoomForThoseWhoWait(t *testing.T) {
	k := claim.NewKeeper(nil)
	answer(k, begun, ask("k", "1", "a", 1))
	const enough = 20_000
	n := 0
	for ; n < enough && answer(k, begun, ask("k", "1", "b", 1)) == nil; n++ {
	}
	if n == 0 || n == enough {
		t.Fatalf("%d wait", n)
	}
	wants(t, "one too many", answer(k, begun, ask("k", "1", "b", 1)), event.ClaimRunning)
	wants(t, "a little later", answer(k, begun.Add(claim.ParkFor-1), ask("k", "1", "b", 1)), event.ClaimRunning)
	if got := answer(k, begun.Add(claim.ParkFor), ask("k", "1", "b", 1)); got != nil {
		t.Errorf("when the others have gone: %+v, want that it waits", got)
	}
}

func TestBadKeysAndABrokenStoreAreRefused(t *testing.T) {
	for name, key := range map[string]string{"empty": "", "long": strings.Repeat("x", claim.MaxKey+1)} {
		got := answer(claim.NewKeeper(nil), begun, ask(key, "", "a", 1))
		if wants(t, name, got, event.ClaimRefused); got.Error.Code != claim.ErrKey.Code {
			t.Errorf("%s: %+v", name, got.Error)
		}
	}
	got := answer(claim.NewKeeper(&claim.Options{Store: broken{}}), begun, ask("k", "", "a", 1))
	if wants(t, "a broken store", got, event.ClaimRefused); got.Error.Code != claim.ErrStore.Code {
		t.Errorf("%+v", got.Error)
	}
	got = answer(claim.NewKeeper(&claim.Options{Store: full{claim.NewMemory()}}), begun, ask("k", "", "a", 1))
	if wants(t, "a full store", got, event.ClaimRefused); got.Error.Code != claim.ErrFull.Code {
		t.Errorf("%+v", got.Error)
	}
}

type broken struct{}

func (broken) Get(context.Context, string) ([]byte, uint64, error) {
	return nil, 0, errors.New("disk on fire")
}
func (broken) Swap(context.Context, string, []byte, uint64) (bool, error) { return false, nil }

type full struct{ *claim.Memory }

func (full) Swap(context.Context, string, []byte, uint64) (bool, error) {
	return false, claim.ErrFull.With("0 keys")
}

// TestLawOneEffectPerKey: whatever is asked, lost, repeated and killed, on however
// many keepers of one store, no two claims of a key are granted unless the first was
// given back unrun.
func TestLawOneEffectPerKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := claim.NewMemory()
		gone := map[node.ID]bool{}
		alive := func(_ context.Context, id node.ID, _ node.Incarnation) bool { return !gone[id] }
		keepers := []*claim.Keeper{
			claim.NewKeeper(&claim.Options{Store: store, Alive: alive}), claim.NewKeeper(&claim.Options{Store: store, Alive: alive}),
		}
		var asked []event.CallClaimRequest
		holders := map[string]event.ID{} // by key: who was told to run it
		results := map[string]string{}
		check := func(r event.CallClaimRequest) func(event.CallClaimResponse) {
			return func(a event.CallClaimResponse) {
				holder, held := holders[r.IdempotencyKey]
				switch {
				case r.Action != event.ClaimBegin:
				case a.State == event.ClaimGranted && held && holder != r.ClaimID:
					t.Fatalf("key %s is granted to %s and %s", r.IdempotencyKey, holder, r.ClaimID)
				case a.State == event.ClaimGranted:
					holders[r.IdempotencyKey] = r.ClaimID
				case a.State == event.ClaimCompleted:
					if first, ok := results[r.IdempotencyKey]; !ok || first != string(a.Result) {
						t.Fatalf("key %s: result %s, want %s", r.IdempotencyKey, a.Result, first)
					}
				}
			}
		}
		now := begun
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			k := rapid.SampledFrom(keepers).Draw(t, "keeper")
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			switch what := rapid.SampledFrom([]string{"ask", "repeat", "complete", "release", "kill"}).Draw(t, "what"); {
			case what == "ask":
				r := ask(rapid.SampledFrom([]string{"k", "l"}).Draw(t, "key"), "1", node.ID(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "node")), 1)
				asked = append(asked, r)
				k.Handle(context.Background(), now, r, check(r))
			case what == "kill":
				gone["a"] = true
				k.Gone(context.Background(), now, "a")
			case len(asked) > 0:
				r := rapid.SampledFrom(asked).Draw(t, "request")
				holds := holders[r.IdempotencyKey] == r.ClaimID
				switch _, done := results[r.IdempotencyKey]; {
				case what == "repeat":
					k.Handle(context.Background(), now, r, check(r))
				case !holds || done: // only who runs it can tell
				case what == "complete":
					results[r.IdempotencyKey] = `"` + r.ClaimID.String() + `"`
					c := with(r, event.ClaimComplete, results[r.IdempotencyKey])
					k.Handle(context.Background(), now, c, check(c))
				case what == "release":
					delete(holders, r.IdempotencyKey)
					c := with(r, event.ClaimRelease, "")
					k.Handle(context.Background(), now, c, check(c))
				}
			}
		}
	})
}
