package schema

import (
	"container/list"
	"crypto/sha256"
	"encoding/json"
	"sync"
)

// defaultCached is how many compiled schemas a [Cache] keeps: those of a
// hundred tools, at some 10 KiB each.
const defaultCached = 256

// A Cache keeps compiled schemas by their content, so that a schema is compiled
// once however many contracts and calls share it. The one not used for longest
// goes first. Use it from any number of goroutines.
type Cache struct {
	limit int

	mu    sync.Mutex
	byKey map[[sha256.Size]byte]*list.Element
	order *list.List // of cached, the last used first
}

type cached struct {
	key       [sha256.Size]byte
	validator *Validator
}

// NewCache returns an empty cache of at most limit schemas; 0 means 256.
func NewCache(limit int) *Cache {
	if limit <= 0 {
		limit = defaultCached
	}
	return &Cache{limit: limit, byKey: map[[sha256.Size]byte]*list.Element{}, order: list.New()}
}

// Compile is the function [Compile], or what it returned before for the same
// bytes. Failures are not kept.
func (c *Cache) Compile(raw json.RawMessage) (*Validator, error) {
	key := sha256.Sum256(raw)
	if v := c.get(key); v != nil {
		return v, nil
	}
	v, err := Compile(raw)
	if err != nil {
		return nil, err
	}
	c.put(key, v)
	return v, nil
}

// Len returns how many schemas are kept.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len()
}

func (c *Cache) get(key [sha256.Size]byte) *Validator {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(cached).validator
}

func (c *Cache) put(key [sha256.Size]byte, v *Validator) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] != nil {
		return // another goroutine compiled the same
	}
	c.byKey[key] = c.order.PushFront(cached{key, v})
	if c.order.Len() > c.limit {
		oldest := c.order.Remove(c.order.Back()).(cached)
		delete(c.byKey, oldest.key)
	}
}
