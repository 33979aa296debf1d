package mcpbridge

import (
	"sync"
	"time"
)

// maxCallers bounds the clients whose calls are counted one by one; beyond, the
// one that was quiet for longest begins anew.
const maxCallers = 1024

// rates counts the calls of each client: a bucket that holds a tenth of the calls
// of a minute and fills evenly.
type rates struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	level float64 // calls that may be made at once
	at    time.Time
}

// take reports whether the client may make a call now.
func (r *rates) take(name string, perMinute int, now time.Time) bool {
	if perMinute <= 0 {
		return true
	}
	burst := max(1, float64(perMinute)/10)
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.buckets[name]
	if b == nil {
		r.shrink()
		b = &bucket{burst, now}
		r.buckets[name] = b
	}
	b.level = min(burst, b.level+now.Sub(b.at).Minutes()*float64(perMinute))
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// shrink makes room for one more.
func (r *rates) shrink() {
	if r.buckets == nil {
		r.buckets = map[string]*bucket{}
	}
	if len(r.buckets) < maxCallers {
		return
	}
	quietest := ""
	for name, b := range r.buckets {
		if quietest == "" || b.at.Before(r.buckets[quietest].at) {
			quietest = name
		}
	}
	delete(r.buckets, quietest)
}
