package event

import (
	"encoding/json"
	"strings"

	"github.com/omninode-ai/onex/fault"
)

// What is recommended for a state, and for other JSON inside an event. Beyond
// it an event is allowed but [Problems] says so.
const (
	RecommendedState = 100 << 10 // bytes
	RecommendedDepth = 10        // levels
)

// Problems returns what is unwise about a valid event: [ErrStateSize],
// [ErrStateDepth], [ErrExtra] and [ErrForeignNode]. Permissive programs log
// them; strict ones treat the event as invalid. What is wrong with an event that
// is not valid is [Event.Validate]'s to say.
func Problems(e Event) []error {
	if e.Payload == nil {
		return nil
	}
	c := codec{mode: inspecting}
	c.push("", 0)
	c.metadata("metadata", e.Kind(), e.Payload)
	for _, m := range e.Extra {
		c.problem(ErrExtra.With("/metadata%s in %s", m.Path, e.Kind()))
	}
	if of := speaker(e.Payload); of != "" && of != e.NodeID {
		c.problem(ErrForeignNode.With("%s of %s, sent by %s", e.Kind(), of, e.NodeID))
	}
	return c.problems
}

func (c *codec) problem(err *fault.Error) { c.problems = append(c.problems, err) }

// inspect judges a JSON value of a payload.
func (c *codec) inspect(name string, raw json.RawMessage) {
	path := c.pointer(1, name)
	if err := check(raw, 0); len(raw) > 0 && err != nil {
		c.problem(ErrSyntax.Wrap(err, "%s", path))
		return
	}
	if len(raw) > RecommendedState {
		c.problem(ErrStateSize.With("%s has %d bytes, recommended are %d", path, len(raw), RecommendedState))
	}
	if levels := levelsOf(raw); levels > RecommendedDepth {
		c.problem(ErrStateDepth.With("%s has %d levels, recommended are %d", path, levels, RecommendedDepth))
	}
}

// levelsOf returns how deep JSON text is nested.
func levelsOf(raw []byte) int {
	depth, most := 0, 0
	for w := (walker{data: raw}); w.at < len(raw); {
		switch raw[w.at] {
		case '"':
			w.text()
			continue
		case '{', '[':
			depth++
			most = max(most, depth)
		case '}', ']':
			depth--
		}
		w.at++
	}
	return most
}

// speaker returns the node that only itself can truly speak for.
func speaker(p Payload) string {
	switch p := p.(type) {
	case NodeAnnounce:
		return string(p.NodeID)
	case NodeHeartbeat:
		return string(p.NodeID)
	case NodeStopped:
		return string(p.NodeID)
	}
	return ""
}

// key returns the last part of m's path.
func (m Member) key() string {
	return unescapePointer(m.Path[strings.LastIndexByte(m.Path, '/')+1:])
}
