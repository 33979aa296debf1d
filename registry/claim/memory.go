package claim

import (
	"context"
	"sync"
	"time"
)

// maxMemory bounds the keys in a [Memory].
const maxMemory = 100_000

// A Memory is a [Store] that forgets everything when its process ends: for tests,
// and for registries that keep nothing.
type Memory struct {
	mu     sync.Mutex
	values map[string]cell
	last   uint64
}

type cell struct {
	value    []byte
	revision uint64
	at       time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{values: map[string]cell{}} }

// Get implements [Store].
func (m *Memory) Get(_ context.Context, key string) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.values[key]
	return c.value, c.revision, nil
}

// Swap implements [Store].
func (m *Memory) Swap(_ context.Context, key string, value []byte, revision uint64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[key].revision != revision {
		return false, nil
	}
	if revision == 0 && len(m.values) >= maxMemory {
		m.sweep()
	}
	if revision == 0 && len(m.values) >= maxMemory {
		return false, ErrFull.With("%d keys", maxMemory)
	}
	m.last++
	m.values[key] = cell{value, m.last, time.Now()}
	return true, nil
}

func (m *Memory) sweep() {
	for key, c := range m.values {
		if time.Since(c.at) >= KeepFor {
			delete(m.values, key)
		}
	}
}
