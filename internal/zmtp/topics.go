package zmtp

import (
	"maps"
	"slices"
)

// Bounds of what one peer may subscribe to. A program that needs more wants
// a shorter prefix.
const (
	maxTopics = 1 << 16
	maxTopic  = 4 << 10
)

// topics is a set of prefixes, each with a count. The zero value is empty.
type topics struct {
	counts  map[string]int
	lengths []int       // of the prefixes, ascending
	sizes   map[int]int // how many prefixes have a length
}

// add counts topic once more and reports whether it is new.
func (t *topics) add(topic string) bool {
	if t.counts == nil {
		t.counts, t.sizes = map[string]int{}, map[int]int{}
	}
	t.counts[topic]++
	if t.counts[topic] > 1 {
		return false
	}
	n := len(topic)
	t.sizes[n]++
	if i, found := slices.BinarySearch(t.lengths, n); !found {
		t.lengths = slices.Insert(t.lengths, i, n)
	}
	return true
}

// remove counts topic once less. It reports whether it was there, and whether
// that was its last.
func (t *topics) remove(topic string) (known, last bool) {
	if t.counts[topic] == 0 {
		return false, false
	}
	t.counts[topic]--
	if t.counts[topic] > 0 {
		return true, false
	}
	delete(t.counts, topic)
	n := len(topic)
	t.sizes[n]--
	if t.sizes[n] == 0 {
		delete(t.sizes, n)
		i, _ := slices.BinarySearch(t.lengths, n)
		t.lengths = slices.Delete(t.lengths, i, i+1)
	}
	return true, true
}

// match reports whether one of the prefixes begins key.
func (t *topics) match(key []byte) bool {
	for _, n := range t.lengths {
		if n > len(key) {
			return false
		}
		if _, ok := t.counts[string(key[:n])]; ok {
			return true
		}
	}
	return false
}

func (t *topics) len() int { return len(t.counts) }

// sorted returns the prefixes in the order of their bytes, which is the order in
// which libzmq repeats subscriptions.
func (t *topics) sorted() []string { return slices.Sorted(maps.Keys(t.counts)) }
