package registry

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry/lease"
)

// Waits between attempts of a store that fails.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// A batch is what one save writes, and the answers that depend on it.
type batch struct {
	puts    map[string][]byte
	deletes []string
	replies map[node.ID]acceptance
	leases  []leased
}

// A retry says when a store that failed is tried again; zero when it works.
type retry struct {
	at   time.Time
	wait time.Duration
}

// save writes batches, one after the other.
func (l *loop) save(ctx context.Context) {
	for {
		select {
		case b := <-l.batches:
			l.saved <- l.o.Store.Save(ctx, b.puts, b.deletes)
		case <-ctx.Done():
			return
		}
	}
}

// flush hands what has changed to the saver when that is idle. While it writes
// one batch, the next gathers: a storm of announcements costs few writes, and a
// single one is written at once.
func (l *loop) flush(now time.Time) {
	if l.saving != nil || now.Before(l.retry.at) || !l.dirty() && len(l.waiting) == 0 && len(l.ports.waiting) == 0 {
		return
	}
	puts, deletes, err := l.changes()
	if err != nil {
		l.log.Error("a node cannot be saved", "error", err)
	}
	b := &batch{puts, deletes, map[node.ID]acceptance{}, l.ports.saved()}
	for id, a := range l.waiting {
		if !l.s.saves.dirty[id] {
			b.replies[id] = a
			delete(l.waiting, id)
		}
	}
	if len(puts)+len(deletes) == 0 {
		l.accept(b) // refreshed without a change
		return
	}
	l.saving = b
	l.batches <- b // has room: the saver is idle
}

// settle deals with what became of the batch that was being saved.
func (l *loop) settle(now time.Time, err error) {
	b := l.saving
	l.saving = nil
	if err == nil {
		l.retry = retry{}
		l.accept(b)
		return
	}
	l.retry.wait = min(max(2*l.retry.wait, retryFirst), retryMost)
	l.retry.at = now.Add(l.retry.wait)
	l.log.Error("the registry cannot save its state; no node is accepted until it can", "error", err, "retry", l.retry.wait)
	l.unsaved(b)
	for id, a := range b.replies {
		if _, newer := l.waiting[id]; !newer {
			l.waiting[id] = a
		}
	}
}

func (l *loop) accept(b *batch) {
	for _, a := range b.replies {
		l.reply(a.request, a.payload)
	}
	for _, p := range b.leases {
		l.grant(p)
	}
}

// changes returns what has changed, of nodes and of leases.
func (l *loop) changes() (puts map[string][]byte, deletes []string, err error) {
	puts, deletes, err = l.s.Flush(MaxBatch)
	leases, ended := l.ports.table.Flush(MaxBatch)
	maps.Copy(puts, leases)
	return puts, append(deletes, ended...), err
}

func (l *loop) dirty() bool { return l.s.Dirty() || l.ports.table.Dirty() }

// unsaved takes back what did not reach the store.
func (l *loop) unsaved(b *batch) {
	l.ports.unsaved(b)
	isLease := func(key string) bool { return lease.Owns(key) }
	maps.DeleteFunc(b.puts, func(key string, _ []byte) bool { return isLease(key) })
	l.s.Unsaved(b.puts, slices.DeleteFunc(b.deletes, isLease))
}
