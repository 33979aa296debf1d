package registry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
	"github.com/omninode-ai/onex/registry/claim"
)

// A scepter is held by one registry at a time.
type scepter chan struct{}

func (s scepter) Campaign(ctx context.Context) (registry.Term, error) {
	select {
	case s <- struct{}{}:
		return registry.Term{Token: 1, Resign: func() { <-s }}, nil
	case <-ctx.Done():
		return registry.Term{}, ctx.Err()
	}
}

// claimFor asks for a key in the name of a node and returns all answers.
func (w *world) claimFor(id node.ID) []event.CallClaimResponse {
	w.t.Helper()
	sub, err := w.bus.Subscribe(w.ctx, event.AllEvents, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer sub.Close()
	q := event.CallClaimRequest{
		Action: event.ClaimBegin, ClaimID: event.NewID(), ToolName: "pay", IdempotencyKey: "order-1",
		NodeID: id, Incarnation: 1, Limit: time.Minute,
	}
	if _, err := w.bus.Publish(w.ctx, event.NewSubject(q.Kind(), "payer"), event.New("payer", q, event.ID{})); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.ctx, 2*time.Second)
	defer cancel()
	var answers []event.CallClaimResponse
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return answers
		}
		if a, ok := d.Event.Payload.(event.CallClaimResponse); ok {
			answers = append(answers, a)
		}
	}
}

// TestOneRegistryKeepsTheKeys has two registries on one bus: who leads answers, and
// who takes over grants nothing that the other may have granted.
func TestOneRegistryKeepsTheKeys(t *testing.T) {
	for name, shared := range map[string]bool{"one store": true, "a store each": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { takeOver(t, shared) })
		})
	}
}

func takeOver(t *testing.T, shared bool) {
	first, second := registry.Options{ID: "a"}, registry.Options{ID: "b"}
	if shared {
		one, store := make(scepter, 1), claim.NewMemory()
		first.Lead, second.Lead, first.Claims, second.Claims = one, one, store, store
	}
	w := newWorld(t, &first)
	defer w.close()
	b := candidateOn(t, w.bus, second)
	defer b.stop()
	granted := w.claimFor("payer-1")
	for len(granted) == 0 { // nobody listens for claims yet
		granted = w.claimFor("payer-1")
	}
	if a := granted; len(a) != 1 || a[0].RegistryID != "a" || a[0].State != event.ClaimGranted {
		t.Errorf("two registries answered %+v", a)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	for w.leads() != "b" {
	}
	a := w.claimFor("payer-2")
	if len(a) != 1 || a[0].RegistryID != "b" || a[0].State == event.ClaimGranted {
		t.Fatalf("the second registry answered %+v", a)
	}
	if a[0].State != event.ClaimRefused {
		if !shared {
			t.Errorf("without a store of all it answered %+v", a[0])
		}
		return
	}
	if shared || fault.Code(a[0].Error.Code) != registry.ErrUnshared.Code {
		t.Errorf("it refused with %+v", a[0].Error)
	}
}
