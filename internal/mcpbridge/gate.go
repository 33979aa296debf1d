package mcpbridge

import (
	"context"
	"reflect"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// A gate lets those definitions through that are pinned. It remembers hashes and
// the pins between two times, because making them takes a millisecond a tool.
// One goroutine uses it at a time.
type gate struct {
	file *Pins
	pins map[node.ToolName]Pin
	at   string // stamp of the file that pins was read from
	last map[node.ToolName][]promise
	next map[node.ToolName][]promise
}

// pass puts into v what is let through of the given promises, each group made
// under one name. What is seen for the first time is pinned.
func (g *gate) pass(ctx context.Context, v *view, groups [][]event.ToolEntry) error {
	pins, err := g.load()
	if err != nil {
		return err
	}
	g.next = map[node.ToolName][]promise{}
	for _, same := range groups {
		if err := g.hold(v, pins, same); err != nil {
			return err
		}
	}
	g.last = g.next
	if len(v.fresh) == 0 {
		return nil
	}
	return g.file.Pin(ctx, v.fresh...)
}

// hold holds the promises made under one name against the pins.
func (g *gate) hold(v *view, pins map[node.ToolName]Pin, same []event.ToolEntry) error {
	name := same[0].Tool.Name
	promises, err := g.promised(same)
	if err != nil {
		return err
	}
	known := map[node.ToolName]Pin{}
	if pin, pinned := pins[name]; pinned {
		known[name] = pin
	}
	before := known[name]
	if merge(known, promises, false); len(known[name].From) != len(before.From) {
		v.fresh = append(v.fresh, same...)
	}
	var good []event.ToolEntry
	for _, p := range promises {
		if known[name].accepts(p) {
			good = append(good, p.ToolEntry)
		}
	}
	if len(good) > 0 {
		v.tools[name] = newServed(good, len(good) < len(promises))
	}
	changed, err := differences(known, promises)
	v.changed = append(v.changed, changed...)
	return err
}

// promised is newPromises, with the hashes of the last time where nothing
// changed.
func (g *gate) promised(same []event.ToolEntry) ([]promise, error) {
	name := same[0].Tool.Name
	same, last := apart(same), g.last[name]
	var all []promise
	for i, e := range same {
		if i < len(last) && reflect.DeepEqual(last[i].Tool, e.Tool) {
			all = append(all, promiseOf(e, last[i].hash))
			continue
		}
		p, err := newPromise(e)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	g.next[name] = all
	return all, nil
}

// load reads the pins, if another process or this one has changed them.
func (g *gate) load() (map[node.ToolName]Pin, error) {
	stamp := g.file.stamp()
	if g.pins != nil && stamp == g.at {
		return g.pins, nil
	}
	pins, err := g.file.Load()
	if err == nil {
		g.pins, g.at = pins, stamp
	}
	return pins, err
}
