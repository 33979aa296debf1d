package natsd_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/registry"
)

func share(t *testing.T, s *natsd.Server, owner string) *natsd.Shared {
	t.Helper()
	return open(t, s).Share(owner)
}

func campaign(t *testing.T, s *natsd.Shared) registry.Term {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	term, err := s.Campaign(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return term
}

// One leads at a time, tokens grow, and what a former leader writes is refused.
func TestLeadership(t *testing.T) {
	s := start(t, natsd.Options{Dir: t.TempDir()})
	a, b := share(t, s, "a"), share(t, s, "b")
	put := func(s *natsd.Shared, v string) error {
		return s.Save(t.Context(), map[string][]byte{"k": []byte(v)}, nil)
	}
	if err := put(a, "too early"); !errors.Is(err, natsd.ErrStore) {
		t.Errorf("before a term: %v", err)
	}
	first := campaign(t, a)
	if err := put(a, "a"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if _, err := b.Campaign(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two lead: %v", err)
	}
	first.Resign()
	second := campaign(t, b)
	if second.Token <= first.Token {
		t.Errorf("token %d after %d", second.Token, first.Token)
	}
	if err := put(a, "a again"); !errors.Is(err, natsd.ErrStore) {
		t.Errorf("after its term: %v", err)
	}
	if err := put(b, "b"); err != nil {
		t.Error(err)
	}

	// Who was killed and is back has its lease at once, and its former self is fenced.
	began := time.Now()
	reborn := share(t, s, "b")
	third := campaign(t, reborn)
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("it took %s to have its own lease again", d)
	}
	big := map[string][]byte{}
	for n := range 2*natsd.MaxBatch + 1 {
		big[fmt.Sprint(n)] = []byte("x")
	}
	if err := reborn.Save(t.Context(), big, []string{"k"}); err != nil {
		t.Error(err)
	}
	got, err := reborn.Load(t.Context())
	if err != nil || len(got) != len(big) {
		t.Errorf("%d records, %v; want %d", len(got), err, len(big))
	}
	third.Resign()
	second.Resign() // of the former self; nothing is left to give up, or it was its own again
}

// A leader that cannot renew its lease, because somebody took it, learns it.
func TestALostLeaseIsNoticed(t *testing.T) {
	s := start(t, natsd.Options{Dir: t.TempDir()})
	a := share(t, s, "a")
	term := campaign(t, a)
	nc := connect(t, s.Dial)
	if err := nc.Publish("onex.lead.registry", []byte(`{"owner":"thief"}`)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-term.Over:
	case <-time.After(30 * time.Second):
		t.Fatal("it still believes that it leads")
	}
	if err := a.Save(t.Context(), map[string][]byte{"k": nil}, nil); !errors.Is(err, natsd.ErrStore) {
		t.Errorf("it still writes: %v", err)
	}
	term.Resign()
}
