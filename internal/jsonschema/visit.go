package jsonschema

import (
	"strings"
)

// A visit is one schema that looks at one value.
type visit struct {
	node  *node
	value value
	at    *step  // where the value is; nil is the document
	up    *visit // who asked
	seen  *seen  // which members were looked at; nil where nobody asks
	found []violation
}

// A step leads from a value to one in it.
type step struct {
	up    *step
	name  string
	index int // of a list, or one of the below
}

const (
	byName  = -1
	nowhere = -2 // the name of a member, which has no place of its own
)

// A violation is what is wrong at a place. Its words are made when they are
// asked for: most are forgotten, as another alternative fits.
type violation struct {
	at  *step
	say func() string
}

func (s *step) String() string {
	if s == nil {
		return ""
	}
	switch s.index {
	case byName:
		return s.up.String() + escaped(s.name)
	case nowhere:
		return s.up.String()
	}
	return s.up.String() + "/" + itoa(s.index)
}

func escaped(name string) string {
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return "/" + name
}

func (v *visit) fail(say func() string) { v.found = append(v.found, violation{v.at, say}) }

// run asks the schema.
func (v *visit) run() *visit {
	switch {
	case v.node.never:
		v.fail(func() string { return "nothing is allowed here" })
		return v
	case v.circular():
		v.fail(func() string { return "the schema refers to itself without end" })
		return v
	}
	for _, r := range v.node.gates {
		if r(v); len(v.found) > 0 {
			return v
		}
	}
	for _, r := range v.node.rules {
		r(v)
	}
	return v
}

// circular reports whether the same schema is looking at the same value already.
func (v *visit) circular() bool {
	for u := v.up; u != nil && u.at == v.at; u = u.up {
		if u.node == v.node {
			return true
		}
	}
	return false
}

// same lets another schema look at the value. What that has seen counts for v
// where it found nothing wrong.
func (v *visit) same(n *node) *visit {
	w := &visit{node: n, value: v.value, at: v.at, up: v}
	if v.seen != nil || n.asks {
		w.seen = &seen{}
	}
	if w.run(); len(w.found) == 0 {
		v.seen.merge(w.seen)
	}
	return w
}

// member lets a schema look at a member of an object.
func (v *visit) member(n *node, name string, value any) *visit {
	return v.below(n, step{v.at, name, byName}, value)
}

// item lets a schema look at an item of a list.
func (v *visit) item(n *node, i int, value any) *visit {
	return v.below(n, step{v.at, "", i}, value)
}

func (v *visit) below(n *node, at step, value any) *visit {
	w := &visit{node: n, value: value, at: &at, up: v}
	if n.asks {
		w.seen = &seen{}
	}
	return w.run()
}

// take makes what another found one's own.
func (v *visit) take(w *visit) { v.found = append(v.found, w.found...) }

func (v *visit) fits() bool { return len(v.found) == 0 }

// outermost returns the schema with a $dynamicAnchor that is the first on the
// way here, or else to.
func (v *visit) outermost(name string, to *node, nodes map[place]*node) *node {
	for u := v; u != nil; u = u.up {
		pointer, ok := u.node.home.dynamic[name]
		if !ok {
			continue
		}
		if n := nodes[place{u.node.home.root, pointer}]; n != nil {
			to = n
		}
	}
	return to
}

// A seen is which members of an object or items of a list were looked at.
type seen struct {
	all   bool
	first int // so many items
	items map[int]bool
	names map[string]bool
}

func (s *seen) everything() {
	if s != nil {
		s.all = true
	}
}

func (s *seen) upTo(n int) {
	if s != nil {
		s.first = max(s.first, n)
	}
}

func (s *seen) item(i int) {
	if s == nil {
		return
	}
	if s.items == nil {
		s.items = map[int]bool{}
	}
	s.items[i] = true
}

func (s *seen) name(n string) {
	if s == nil {
		return
	}
	if s.names == nil {
		s.names = map[string]bool{}
	}
	s.names[n] = true
}

func (s *seen) merge(o *seen) {
	if s == nil || o == nil {
		return
	}
	s.all = s.all || o.all
	s.first = max(s.first, o.first)
	for i := range o.items {
		s.item(i)
	}
	for n := range o.names {
		s.name(n)
	}
}
