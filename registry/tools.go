package registry

import (
	"cmp"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Tools returns the tools that the routable nodes offer in the order of their
// names, as many as fit one event: all for the empty name, one by its name, or
// those that come after a name that is written in upper case. A tool that was asked for by name is there
// without providers when nobody offers it now who did.
//
// Providers that promise different things under one name are never mixed: each
// promise is an entry of its own, and two entries with one name are a conflict.
// The entry of the best provider is the first.
func (s *State) Tools(name node.ToolName) []event.ToolEntry {
	last, follows := nameAfter(name)
	if !follows {
		return s.tool(name, true)
	}
	var page []event.ToolEntry
	room := pageBudget
	for _, n := range s.toolsAfter(last) {
		entries := s.tool(n, false)
		for _, t := range entries {
			room -= toolCost(t)
		}
		if room < 0 && len(page) > 0 {
			break
		}
		page = append(page, entries...)
	}
	return page
}

// toolAfter asks for what comes after a tool: its name in upper case, which
// no tool can have, and which fits wherever a name does.
func toolAfter(name node.ToolName) node.ToolName { return node.ToolName(strings.ToUpper(string(name))) }

// nameAfter undoes toolAfter, and reports whether there was anything to undo.
func nameAfter(name node.ToolName) (last node.ToolName, follows bool) {
	last = node.ToolName(strings.ToLower(string(name)))
	return last, name == "" || last != name
}

func (s *State) toolsAfter(name node.ToolName) []node.ToolName {
	var names []node.ToolName
	for n := range s.tools {
		if n > name {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// tool returns one entry per promise made under name, the best first. When
// nobody offers it now, and known is true, it returns the newest promise.
func (s *State) tool(name node.ToolName, known bool) []event.ToolEntry {
	offers := s.tools[name]
	p := promises{place: map[digest]int{}, room: pageBudget}
	for _, status := range []node.Status{node.Online, node.Unverified} {
		for _, o := range offers {
			if o.entry.status == status {
				p.add(o)
			}
		}
	}
	if known && len(p.entries) == 0 && len(offers) > 0 {
		p.entries = []event.ToolEntry{{Tool: *offers[len(offers)-1].tool}}
	}
	return p.entries
}

// A Collision is a tool under whose name another node promises something else.
type Collision struct {
	Tool  node.ToolName
	Other node.ID
}

// Collisions returns the tools of an instance that collide with those of the node
// which offered them last before. Nothing is overwritten by it: see [State.Tools].
func (s *State) Collisions(id node.ID) []Collision {
	e := s.entries[id]
	if e == nil {
		return nil
	}
	var all []Collision
	for i, t := range e.announce.Contract.Tools {
		offers := s.tools[t.Name]
		for j := len(offers) - 1; j >= 0; j-- {
			if o := offers[j]; o.entry != e && o.entry.status.Routable() {
				if o.digest != e.tools[i] {
					all = append(all, Collision{t.Name, o.entry.announce.NodeID})
				}
				break
			}
		}
	}
	return all
}

// Promises gathers offers of one tool by what they promise.
type promises struct {
	entries []event.ToolEntry
	place   map[digest]int // in entries; -1 when there was no room
	room    int

	last digest // added last, and its place: most offers are alike
	at   int
}

func (p *promises) add(o offer) {
	if len(p.place) == 0 || o.digest != p.last {
		p.last, p.at = o.digest, p.find(o)
	}
	if p.at >= 0 && len(p.entries[p.at].Providers) < MaxProviders {
		p.entries[p.at].Providers = append(p.entries[p.at].Providers, o.entry.provider())
	}
}

func (p *promises) find(o offer) int {
	at, seen := p.place[o.digest]
	if !seen {
		at = p.open(o)
		p.place[o.digest] = at
	}
	return at
}

// open begins an entry, if one more fits into an event with those before.
func (p *promises) open(o offer) int {
	t := event.ToolEntry{Tool: *o.tool}
	if p.room -= toolCost(t) + MaxProviders*fixedCost; p.room < 0 && len(p.entries) > 0 {
		return -1
	}
	p.entries = append(p.entries, t)
	return len(p.entries) - 1
}

// Providers returns who may be called for a tool now, whatever they promise:
// online before unverified, the oldest life first, at most [MaxProviders] of
// each promise.
func (s *State) Providers(tool node.ToolName) []event.Provider {
	var all []event.Provider
	for _, t := range s.tool(tool, false) {
		all = append(all, t.Providers...)
	}
	slices.SortFunc(all, func(a, b event.Provider) int {
		return cmp.Or(cmp.Compare(preference(a.Status), preference(b.Status)), cmp.Compare(a.Incarnation, b.Incarnation))
	})
	return all
}

func (e *entry) provider() event.Provider {
	return event.Provider{
		NodeID: e.announce.NodeID, Name: e.announce.Manifest.Name, UUID: e.announce.Manifest.UUID, Version: e.announce.Manifest.Version,
		Incarnation: e.incarnation, Status: e.status, Trust: e.trust, InFlight: e.inFlight,
		Host: e.announce.Process.Host, Since: e.since,
	}
}

// toolCost estimates the bytes of t as JSON, rather too many.
func toolCost(t event.ToolEntry) int {
	n := fixedCost + len(t.Tool.Description) + len(t.Tool.Input) + len(t.Tool.Output) + fixedCost*len(t.Providers)
	for _, x := range t.Tool.Examples {
		n += fixedCost + len(x.Description) + len(x.Input) + len(x.Output)
	}
	for _, x := range t.Tool.Errors {
		n += fixedCost + len(x.Description)
	}
	return n
}
