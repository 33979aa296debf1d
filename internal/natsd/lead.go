package natsd

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/registry"
)

// Times of the lease of a shared store. Nobody's clock is compared with another's:
// who waits counts from when it saw the lease first, who holds it from before it was
// renewed.
const (
	leaseTTL   = 3 * time.Second
	leaseRenew = leaseTTL / 3
	leasePoll  = leaseTTL / 6
)

// A Shared store has several writers, of which one at a time may write: the one that
// leads. Leading is a lease in the store itself, and every save begins with it, so
// that what a former leader still writes is refused.
type Shared struct {
	*Store
	lead  string // subject of the lease
	owner string

	mu   sync.Mutex // held while the lease or records are written
	term uint64     // of the lease as it was written last; 0 without
	sent time.Time  // before that
}

// A holding is the lease as it is stored.
type holding struct {
	Owner string `json:"owner"` // empty: given up
}

// Share makes s a store with several writers. Owner is the same after a restart,
// and nobody else's: who restarts need not wait for its own lease.
func (s *Store) Share(owner string) *Shared {
	return &Shared{Store: s, lead: s.lead, owner: owner}
}

// Campaign implements [registry.Leadership].
func (s *Shared) Campaign(ctx context.Context) (registry.Term, error) {
	var seen uint64
	var since time.Time
	for {
		sequence, free, err := s.look(ctx)
		if err != nil || sequence != seen { // a time in which nothing could be seen does not count
			seen, since = sequence, time.Now()
		}
		if err == nil && (free || time.Since(since) > leaseTTL) {
			if term, ok := s.take(ctx, sequence); ok {
				return term, nil
			}
		}
		select {
		case <-time.After(leasePoll):
		case <-ctx.Done():
			return registry.Term{}, ctx.Err()
		}
	}
}

// look returns the sequence number of the lease, and whether it may be taken now.
func (s *Shared) look(ctx context.Context) (sequence uint64, free bool, err error) {
	m, err := s.stream.GetLastMsgForSubject(ctx, s.lead)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, ErrStore.Wrap(err, "the lease")
	}
	var h holding
	err = json.Unmarshal(m.Data, &h)
	return m.Sequence, err != nil || h.Owner == "" || h.Owner == s.owner, nil
}

// take begins a term, unless somebody was faster.
func (s *Shared) take(ctx context.Context, after uint64) (registry.Term, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.term = after
	if err := s.write(ctx, nil, s.owner); err != nil {
		s.term = 0
		return registry.Term{}, false
	}
	over, stop := make(chan struct{}), make(chan struct{})
	var keeping sync.WaitGroup
	keeping.Go(func() { s.keep(stop, over) })
	return registry.Term{Token: s.term, Over: over, Resign: func() {
		close(stop)
		keeping.Wait()
		s.resign()
	}}, true
}

// keep renews the lease until stop, or until it is lost: taken by another, or not
// renewed for so long that another may take it.
func (s *Shared) keep(stop, over chan struct{}) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if !s.renew() {
			close(over)
			return
		}
	}
}

func (s *Shared) renew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), leaseRenew)
	defer cancel()
	err := s.write(ctx, nil, s.owner)
	if superseded(err) && !s.regain(ctx) {
		s.term = 0
		return false
	}
	return err == nil || time.Since(s.sent) < leaseTTL-leaseRenew
}

// regain looks whether the lease is ours all the same: the answer to a write can get
// lost, and what was written then is newer than we know.
func (s *Shared) regain(ctx context.Context) bool {
	m, err := s.stream.GetLastMsgForSubject(ctx, s.lead)
	if err != nil {
		return false
	}
	var h holding
	if json.Unmarshal(m.Data, &h) != nil || h.Owner != s.owner {
		return false
	}
	s.term = m.Sequence
	return true
}

func (s *Shared) resign() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.term == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaseRenew)
	defer cancel()
	_ = s.write(ctx, nil, "") // else it runs out
	s.term = 0
}

// write commits changes and the lease together, if the lease is as it was written
// last. The caller holds mu.
func (s *Shared) write(ctx context.Context, changes []*nats.Msg, owner string) error {
	data, err := json.Marshal(holding{owner})
	if err != nil {
		return err
	}
	sent := time.Now()
	lease := &nats.Msg{Subject: s.lead, Header: nats.Header{}, Data: data}
	lease.Header.Set(jetstream.ExpectedLastSubjSeqHeader, decimal(s.term))
	sequence, err := s.commit(ctx, append(changes, lease))
	if err != nil {
		return err
	}
	s.term, s.sent = sequence, sent
	return nil
}

// Save implements [registry.Store]. It fails when this process does not lead.
func (s *Shared) Save(ctx context.Context, puts map[string][]byte, deletes []string) error {
	changes, err := s.changes(puts, deletes)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(changes) > 0 {
		n := min(len(changes), MaxBatch-1)
		if s.term == 0 {
			return ErrStore.With("another process leads")
		}
		if err := s.write(ctx, changes[:n:n], s.owner); err != nil {
			if superseded(err) && !s.regain(ctx) {
				s.term = 0
			}
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// superseded reports whether a write was refused because the lease is another by now.
func superseded(err error) bool {
	var refused *jetstream.APIError
	return errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}
