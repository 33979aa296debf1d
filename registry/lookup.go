package registry

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// after is what a filter begins with that is not a choice but a place to begin:
// it asks for the nodes that follow an id. Lists that do not fit one event are
// read with it page by page: ask again for what follows the last one, until
// nothing comes.
const after = ">"

// Nodes returns the instances that q asks for in the order of their ids, as many
// as fit one event. A filter is the id of an instance, a name, a name@version,
// or the beginning of ids; instances that fit one of several are returned once,
// and without filters all. One more of the form ">id" leaves out what does not
// come after that id. An instance whose details alone would not fit is described
// without them.
func (s *State) Nodes(q event.NodeDiscoveryRequest) []event.NodeEntry {
	found := s.match(q.NodeFilter)
	if len(q.Statuses) > 0 {
		found = slices.DeleteFunc(found, func(e *entry) bool { return !slices.Contains(q.Statuses, e.status) })
	}
	var page []event.NodeEntry
	room := pageBudget
	for _, e := range found {
		detail := q.Detail && e.cost(true) <= entryBudget
		room -= e.cost(detail)
		if room < 0 && len(page) > 0 {
			break
		}
		page = append(page, e.describe(detail))
	}
	return page
}

// Node returns the instance that ref names: by id, name, name@version, or the
// unique beginning of an id. Of several with one name it is the best: online,
// unverified, suspect, stopped or dead, and the oldest of those. It fails with
// [ErrNotFound] or [ErrAmbiguous].
func (s *State) Node(ref string, detail bool) (event.NodeEntry, error) {
	return pick(ref, s.Nodes(event.NodeDiscoveryRequest{NodeFilter: []string{ref}, Detail: detail}))
}

// match returns the entries that fit one of the filters, in the order of ids.
func (s *State) match(filters []string) []*entry {
	var found []*entry
	last, chosen := "", false
	for _, f := range filters {
		if l, ok := strings.CutPrefix(f, after); ok {
			last = max(last, l)
			continue
		}
		chosen = true
		found = append(found, s.matchOne(f)...)
	}
	if !chosen {
		found = slices.AppendSeq(found, maps.Values(s.entries))
	}
	found = slices.DeleteFunc(found, func(e *entry) bool { return string(e.announce.NodeID) <= last })
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(a.announce.NodeID, b.announce.NodeID) })
	return slices.Compact(found)
}

func (s *State) matchOne(f string) []*entry {
	if e := s.entries[node.ID(f)]; e != nil {
		return []*entry{e}
	}
	if r, err := node.ParseRef(f); err == nil && len(s.names[r.Name]) > 0 {
		return slices.DeleteFunc(slices.Clone(s.names[r.Name]), func(e *entry) bool {
			return !r.Matches(r.Name, e.announce.Manifest.Version)
		})
	}
	var found []*entry
	for id, e := range s.entries {
		if f != "" && strings.HasPrefix(string(id), f) {
			found = append(found, e)
		}
	}
	return found
}

// pick chooses among the entries that fit ref.
func pick(ref string, found []event.NodeEntry) (event.NodeEntry, error) {
	if len(found) == 0 {
		return event.NodeEntry{}, ErrNotFound.With("%q", ref)
	}
	r, err := node.ParseRef(ref)
	named := err == nil && r.Matches(found[0].Name, found[0].Version)
	if !named && len(found) > 1 {
		return event.NodeEntry{}, ErrAmbiguous.With("%q begins the ids of %d nodes", ref, len(found))
	}
	return slices.MinFunc(found, func(a, b event.NodeEntry) int {
		return cmp.Or(cmp.Compare(preference(a.Status), preference(b.Status)), cmp.Compare(a.Incarnation, b.Incarnation))
	}), nil
}

// preference orders statuses, the best first.
func preference(s node.Status) int {
	return slices.Index([]node.Status{node.Online, node.Unverified, node.Suspect, node.Stopped, node.Dead}, s)
}

func (e *entry) describe(detail bool) event.NodeEntry {
	m := e.announce.Manifest
	d := event.NodeEntry{
		NodeID: e.announce.NodeID, Name: m.Name, Version: m.Version, Incarnation: e.incarnation,
		Status: e.status, Reason: e.reason, Since: e.since,
		Runtime: m.Runtime, Endpoint: e.announce.Endpoint, Trust: e.trust, TTL: e.ttl, InFlight: e.inFlight,
		Description: m.Description, Tools: make([]node.ToolName, 0, len(e.announce.Contract.Tools)),
	}
	for _, t := range e.announce.Contract.Tools {
		d.Tools = append(d.Tools, t.Name)
	}
	slices.Sort(d.Tools)
	if detail {
		c := e.announce.Contract
		d.Manifest, d.Contract, d.History = &m, &c, slices.Clone(e.history)
		d.Receipt = e.announce.Receipt
	}
	return d
}

// cost estimates the bytes of e's description as JSON, rather too many.
func (e *entry) cost(detail bool) int {
	n := fixedCost + quoted(e.reason) + quoted(e.announce.Endpoint) + quoted(e.announce.Manifest.Description)
	n += len(e.announce.Contract.Tools) * (node.MaxName + len(`"",`))
	if detail {
		n += e.size() + quoted(e.announce.Receipt)
		for _, c := range e.history {
			n += historyCost + quoted(c.Reason)
		}
	}
	return n
}

// quoted returns the bytes of text as JSON.
func quoted(text string) int {
	n := len(text)
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ':
			n += escape - 1
		case c == '"' || c == '\\':
			n++
		}
	}
	return n
}
