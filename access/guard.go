package access

import (
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// maxCallers bounds the callers whose calls are counted. Those who have not called for
// a minute are forgotten first; beyond it, strangers share one count.
const maxCallers = 10_000

// Options say how a guard knows local callers.
type Options struct {
	Key     func() Key       // reads the key; default none, so that nobody can prove anything
	Private func() bool      // whether only this user can reach the bus; default no
	Now     func() time.Time // default time.Now
}

// A Guard enforces a policy for the nodes of one process.
type Guard struct {
	policy Policy
	o      Options

	mu     sync.Mutex
	key    Key
	read   time.Time // of the key
	seen   seen
	counts map[who]*count
}

// who is whose calls a rule counts.
type who struct {
	rule  *Rule
	name  string
	local bool
}

// A count is of one caller's calls.
type count struct {
	running int
	minute  time.Time // it began
	calls   int       // in it
}

// NewGuard returns a guard. The policy must be good (see [Policy.Check]).
func NewGuard(p Policy, o *Options) *Guard {
	g := &Guard{policy: p, seen: seen{at: map[event.ID]time.Time{}}, counts: map[who]*count{}}
	if o != nil {
		g.o = *o
	}
	if g.o.Key == nil {
		g.o.Key = func() Key { return nil }
	}
	if g.o.Private == nil {
		g.o.Private = func() bool { return false }
	}
	if g.o.Now == nil {
		g.o.Now = time.Now
	}
	return g
}

// Caller returns who published the call e on s. It fails with [ErrRepeated] when it
// was told the same call before.
func (g *Guard) Caller(s event.Subject, e event.Event) (Caller, error) {
	p, _ := e.Payload.(event.ToolProxyInvoke)
	c := Caller{Name: string(s.From()), User: p.Caller}.For(p.OriginNodeID)
	now := g.o.Now()
	age := now.Sub(e.Time)
	if p.Proof == "" || age > ProofFor || age < -ProofFor || !g.proven(s, e, p.Proof, now) {
		c.Local = g.o.Private()
		return c, nil
	}
	c.Local = true
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen.before(e.ID, now) {
		return c, ErrRepeated.With("event %s", e.ID)
	}
	return c, nil
}

// proven checks a proof by the key that is known, and by the one that may have
// replaced it.
func (g *Guard) proven(s event.Subject, e event.Event, proof string, now time.Time) bool {
	const again = time.Second // so that wrong proofs do not cost a reading each
	g.mu.Lock()
	key, stale := g.key, now.Sub(g.read) > again
	g.mu.Unlock()
	if key.proves(s, e, proof) {
		return true
	}
	if !stale {
		return false
	}
	key = g.o.Key()
	g.mu.Lock()
	g.key, g.read = key, now
	g.mu.Unlock()
	return key.proves(s, e, proof)
}

// Kept returns who left the call e on s in a store, some time ago: its proof counts
// however old it is, and more than once. Whoever makes the call sees to it that it is
// made once.
func (g *Guard) Kept(s event.Subject, e event.Event) Caller {
	p, _ := e.Payload.(event.ToolProxyInvoke)
	proven := p.Proof != "" && g.proven(s, e, p.Proof, g.o.Now())
	return Caller{Name: string(s.From()), User: p.Caller, Local: proven || g.o.Private()}.For(p.OriginNodeID)
}

// Allowed returns [ErrDenied] when c may not call t.
func (g *Guard) Allowed(c Caller, t node.Tool) error { return g.policy.Allowed(c, t) }

// Stranger is a caller that came without an event, by a protocol of the bus.
func (g *Guard) Stranger(name string) Caller { return Caller{Name: name, Local: g.o.Private()} }

// Enter lets c call t with arguments of size bytes, or says why not: [ErrDenied],
// [ErrRate] or [ErrSize]. leave must be called when the call has ended.
func (g *Guard) Enter(c Caller, t node.Tool, size int) (leave func(), err error) {
	if err := g.policy.Allowed(c, t); err != nil {
		return nil, err
	}
	rule, _ := g.policy.Decide(c, t)
	if rule == nil || rule.PerMinute+rule.AtOnce+rule.MaxBytes == 0 {
		return func() {}, nil
	}
	if rule.MaxBytes > 0 && size > rule.MaxBytes {
		return nil, ErrSize.With("tool %q, %s: %d bytes, limit %d", t.Name, c, size, rule.MaxBytes)
	}
	return g.count(rule, c, t)
}

func (g *Guard) count(rule *Rule, c Caller, t node.Tool) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.o.Now()
	n := g.of(who{rule, rule.counted(c), c.Local}, now)
	if now.Sub(n.minute) >= time.Minute {
		n.minute, n.calls = now, 0
	}
	switch {
	case rule.PerMinute > 0 && n.calls >= rule.PerMinute:
		return nil, ErrRate.With("tool %q, %s: %d calls in a minute", t.Name, c, rule.PerMinute).
			Hinted("wait %s, or raise per_minute of the rule under access: in onex.yaml", (time.Minute - now.Sub(n.minute)).Round(time.Second))
	case rule.AtOnce > 0 && n.running >= rule.AtOnce:
		return nil, ErrRate.With("tool %q, %s: %d calls at once", t.Name, c, rule.AtOnce)
	}
	n.calls++
	n.running++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		n.running--
	}), nil
}

// of returns the count of w. g.mu is held.
func (g *Guard) of(w who, now time.Time) *count {
	if n := g.counts[w]; n != nil {
		return n
	}
	if len(g.counts) >= maxCallers {
		for key, n := range g.counts {
			if n.running == 0 && now.Sub(n.minute) >= time.Minute {
				delete(g.counts, key)
			}
		}
	}
	if len(g.counts) >= maxCallers {
		w.name = ""
		if n := g.counts[w]; n != nil {
			return n
		}
	}
	g.counts[w] = &count{minute: now}
	return g.counts[w]
}
