package claim

import (
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

const (
	// ParkFor is how long a request waits at most for somebody else's call. Nodes
	// ask again sooner.
	ParkFor = 5 * time.Second

	// maxParked bounds the requests that wait; those beyond are told that the call
	// is running, and ask again.
	maxParked = 10_000

	// stripes bounds how many keys are dealt with at a time.
	stripes = 64
)

// A parked request waits for what another node does.
type parked struct {
	request event.CallClaimRequest
	owner   node.ID
	reply   func(event.CallClaimResponse)
	since   time.Time
}

// A lot is where requests wait, by key and claim.
type lot struct {
	mu    sync.Mutex
	keys  map[string]map[event.ID]parked
	count int
}

func newLot() lot { return lot{keys: map[string]map[event.ID]parked{}} }

// park keeps p, in place of what the same claim asked before, if there is room.
func (l *lot) park(now time.Time, key string, p parked) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count >= maxParked {
		l.sweep(now)
	}
	if l.count >= maxParked {
		return false
	}
	if l.keys[key] == nil {
		l.keys[key] = map[event.ID]parked{}
	}
	if _, again := l.keys[key][p.request.ClaimID]; !again {
		l.count++
	}
	l.keys[key][p.request.ClaimID] = p
	return true
}

// leave returns all that wait for key, and forgets them.
func (l *lot) leave(key string) []parked {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []parked
	for _, p := range l.keys[key] {
		all = append(all, p)
	}
	l.count -= len(all)
	delete(l.keys, key)
	return all
}

// waitingFor returns all that wait for a node, and forgets them.
func (l *lot) waitingFor(id node.ID) []parked {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []parked
	l.drop(func(p parked) bool {
		if p.owner != id {
			return false
		}
		all = append(all, p)
		return true
	})
	return all
}

// sweep forgets those who have asked again, or do not wait any more. l.mu is held.
func (l *lot) sweep(now time.Time) {
	l.drop(func(p parked) bool { return now.Sub(p.since) >= ParkFor })
}

func (l *lot) drop(which func(parked) bool) {
	for key, all := range l.keys {
		for id, p := range all {
			if which(p) {
				delete(all, id)
				l.count--
			}
		}
		if len(all) == 0 {
			delete(l.keys, key)
		}
	}
}

// stripe says which lock a key has. Keys are hex digits of a hash.
func stripe(key string) int {
	n := 0
	for _, c := range key[:2] {
		n = n*31 + int(c)
	}
	return n % stripes
}
