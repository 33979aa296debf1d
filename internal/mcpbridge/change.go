package mcpbridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// A Change is one place where two definitions differ.
type Change struct {
	Path string          `json:"path"`          // JSON Pointer into the tool's contract
	Was  json.RawMessage `json:"was,omitempty"` // nil when it is new
	Now  json.RawMessage `json:"now,omitempty"` // nil when it is gone
}

// String is a line for a person.
func (c Change) String() string {
	switch {
	case c.Was == nil:
		return fmt.Sprintf("+ %s: %s", c.Path, c.Now)
	case c.Now == nil:
		return fmt.Sprintf("- %s: %s", c.Path, c.Was)
	}
	return fmt.Sprintf("~ %s: %s → %s", c.Path, c.Was, c.Now)
}

// compare lists where a definition differs from the one that was accepted, by path.
func compare(pin Pin, now node.Tool) ([]Change, error) {
	was, err := pin.Definition, error(nil)
	if was == nil {
		was, err = form(pin.Tool)
	}
	if err != nil {
		return nil, err
	}
	is, err := form(now)
	if err != nil {
		return nil, err
	}
	return differ(nil, "", was, is), nil
}

// differ appends the differences of two JSON values, from the outside to the
// inside.
func differ(all []Change, path string, was, now json.RawMessage) []Change {
	if same(was, now) {
		return all
	}
	a, b := members(was), members(now)
	if a == nil || b == nil {
		return append(all, Change{path, was, now})
	}
	for _, key := range sortedKeys(a) {
		at := path + "/" + escape(key)
		if _, ok := b[key]; !ok {
			all = append(all, Change{Path: at, Was: a[key]})
			continue
		}
		all = differ(all, at, a[key], b[key])
	}
	for _, key := range sortedKeys(b) {
		if _, ok := a[key]; !ok {
			all = append(all, Change{Path: path + "/" + escape(key), Now: b[key]})
		}
	}
	return all
}

// members returns the members of an object, or the elements of a list by their
// index, or nil.
func members(raw json.RawMessage) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil {
		return object
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	object = map[string]json.RawMessage{}
	for i, v := range list {
		object[strconv.Itoa(i)] = v
	}
	return object
}

func same(a, b json.RawMessage) bool {
	x, errX := schema.Canonical(a)
	y, errY := schema.Canonical(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
