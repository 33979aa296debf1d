package bus

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
)

// A store keeps the durable events of a [Memory] in the order of their
// sequence, and the positions of those who read them. One mutex guards it
// all: it is a reference, not a database.
type store struct {
	meter  *Meter
	limits MemoryOptions

	mu        sync.Mutex
	closed    bool
	entries   []entry // the first has sequence first
	first     uint64
	bytes     int
	ids       map[event.ID]uint64
	consumers map[string]*consumer
	unnamed   uint64 // names made for consumers without one
	dead      []DeadLetter
	buried    uint64        // dead letters there ever were
	changed   chan struct{} // closed, and replaced, when somebody who waits should look again
}

// An entry is one stored event.
type entry struct {
	sequence uint64
	subject  event.Subject
	event    event.Event
	size     int
	at       time.Time
}

func newStore(m *Meter, limits MemoryOptions) *store {
	return &store{
		meter: m, limits: limits, first: 1, ids: map[event.ID]uint64{}, consumers: map[string]*consumer{},
		changed: make(chan struct{}),
	}
}

// add stores e, unless an event with its ID is stored already.
func (s *store) add(subject event.Subject, e event.Event, size int) (sequence uint64, duplicate bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sequence, ok := s.ids[e.ID]; ok {
		return sequence, true
	}
	return s.append(subject, e, size), false
}

// append stores e at the end.
func (s *store) append(subject event.Subject, e event.Event, size int) uint64 {
	sequence := s.end()
	s.entries = append(s.entries, entry{sequence, subject, e, size, time.Now()})
	s.ids[e.ID] = sequence
	s.bytes += size
	s.keepBounds()
	if len(s.consumers) > 0 {
		s.wake()
	}
	return sequence
}

// keepBounds forgets what is beyond the limits.
func (s *store) keepBounds() {
	for len(s.entries) > s.limits.Events || s.bytes > s.limits.Bytes {
		s.evict()
	}
	for s.limits.Age > 0 && len(s.entries) > 0 && time.Since(s.entries[0].at) > s.limits.Age {
		s.evict()
	}
}

// end returns the sequence of the event that will be stored next.
func (s *store) end() uint64 { return s.first + uint64(len(s.entries)) }

// evict forgets the oldest event, and counts it for everybody who never read it.
func (s *store) evict() {
	old := s.entries[0]
	for _, c := range s.consumers {
		if c.cursor <= old.sequence && c.filter.Match(old.subject) {
			c.drops[DroppedEvicted]++
			s.meter.Dropped(DroppedEvicted, 1)
		}
	}
	if s.ids[old.event.ID] == old.sequence { // it may have been stored once more
		delete(s.ids, old.event.ID)
	}
	s.bytes -= old.size
	s.entries[0] = entry{}
	s.entries = s.entries[1:]
	s.first++
}

func (s *store) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *store) subscribe(f event.Filter, o Options) (*durableSub, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	name := o.Name
	if name == "" && o.Group != "" {
		name = "@" + o.Group
	}
	if name == "" {
		s.unnamed++
		name = "#" + strconv.FormatUint(s.unnamed, 10)
	}
	s.keepBounds()
	c := s.consumers[name]
	if c == nil && len(s.consumers) >= MemoryConsumers {
		return nil, ErrLimit.With("%d positions", MemoryConsumers)
	}
	if c == nil {
		c = s.newConsumer(name, f, o)
		s.consumers[name] = c
	}
	if c.filter != f {
		return nil, ErrNameTaken.With("%q has filter %q, not %q", name, c.filter, f)
	}
	c.members++
	return &durableSub{store: s, consumer: c, done: make(chan struct{})}, nil
}

func (s *store) newConsumer(name string, f event.Filter, o Options) *consumer {
	c := &consumer{name: name, filter: f, o: o, pending: map[uint64]*attempt{}, drops: Drops{}}
	switch o.Start {
	case StartAll:
		c.cursor = s.first
	case StartSeq:
		c.cursor = max(o.Sequence, s.first)
	case StartTime:
		i, _ := slices.BinarySearchFunc(s.entries, o.Since, func(e entry, t time.Time) int { return e.at.Compare(t) })
		c.cursor = s.first + uint64(i)
	case StartLast:
		c.replay = s.lastOfEach(f)
		c.cursor = s.end()
	default:
		c.cursor = s.end()
	}
	return c
}

// lastOfEach returns the last entry of each subject that f matches, in order.
func (s *store) lastOfEach(f event.Filter) []entry {
	last := map[event.Subject]entry{}
	for _, e := range s.entries {
		if f.Match(e.subject) {
			last[e.subject] = e
		}
	}
	return slices.SortedFunc(maps.Values(last), func(a, b entry) int { return cmp.Compare(a.sequence, b.sequence) })
}

// next returns the first entry at or after c's cursor that c wants, and moves
// the cursor behind it.
func (s *store) next(c *consumer) (entry, bool) {
	if len(c.replay) > 0 {
		e := c.replay[0]
		c.replay = c.replay[1:]
		return e, true
	}
	for c.cursor = max(c.cursor, s.first); c.cursor < s.end(); {
		e := s.entries[c.cursor-s.first]
		c.cursor++
		if c.filter.Match(e.subject) {
			return e, true
		}
	}
	return entry{}, false
}

// bury makes a dead letter of p.
func (s *store) bury(c *consumer, p *attempt, reason string) {
	delete(c.pending, p.sequence)
	if len(s.dead) == MemoryDeadLetters {
		s.dead = slices.Delete(s.dead, 0, 1)
	}
	s.buried++
	l := DeadLetter{
		Number: s.buried, Subject: p.subject, Event: p.event, Sequence: p.sequence,
		Consumer: c.name, Attempts: p.n, Reason: reason, Time: time.Now(),
	}
	s.dead = append(s.dead, l)
	s.meter.Buried(l)
	s.wake()
}

func (s *store) deadLetters(limit int) ([]DeadLetter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	return slices.Clone(s.dead[:max(0, min(limit, len(s.dead)))]), nil
}

// load returns how many subscriptions read from s, and how many deliveries they
// have not acknowledged.
func (s *store) load() (subscribers, depth int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.consumers {
		subscribers += c.members
		depth += len(c.pending)
	}
	return subscribers, depth
}

func (s *store) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.wake()
	}
}
