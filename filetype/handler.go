package filetype

import (
	"fmt"
	"slices"
	"strings"
)

// A Source is where a handler comes from.
type Source string

// The sources.
const (
	Core      Source = "core"       // part of ONEX
	Runtime   Source = "runtime"    // of the program around it
	NodeLocal Source = "node-local" // of one project, by its onex.yaml
	Plugin    Source = "plugin"     // of others
	Test      Source = "test"       // of a test
)

// Sources returns all sources.
func Sources() []Source { return []Source{Core, Runtime, NodeLocal, Plugin, Test} }

// A Priority decides which of two handlers has a file. Any number may be one.
type Priority int

// The priorities of the sources, and of what is in between.
const (
	PriorityCore      Priority = 100
	PriorityContract  Priority = 75
	PriorityRuntime   Priority = 50
	PriorityCustom    Priority = 25
	PriorityNodeLocal Priority = 10
	PriorityTest      Priority = 5
	PriorityPlugin    Priority = 0
)

// Priority returns the priority that handlers of the source have.
func (s Source) Priority() Priority {
	switch s {
	case Core:
		return PriorityCore
	case Runtime:
		return PriorityRuntime
	case NodeLocal:
		return PriorityNodeLocal
	case Test:
		return PriorityTest
	}
	return PriorityPlugin
}

// A Kind is by what a handler knows its files.
type Kind string

// The kinds, from the one that is asked first.
const (
	Special     Kind = "special"     // the whole name of a file, as in Makefile
	Extension   Kind = "extension"   // the end of its name, as in .py
	Interpreter Kind = "interpreter" // the program in its shebang, as in python
	Named       Kind = "named"       // nothing: the name of the type itself
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Special, Extension, Interpreter, Named} }

// word is k in a sentence.
func (k Kind) word() string {
	switch k {
	case Named:
		return "name"
	case Special:
		return "file name"
	}
	return string(k)
}

// A Handler is a file type with its rank among others.
type Handler struct {
	Type     Type
	Source   Source
	Priority Priority // [Source.Priority] for most
	Override bool     // it takes what it claims whatever the priorities
}

// A Claim is one name, extension or interpreter, and who has it.
type Claim struct {
	Kind Kind
	Key  string
	Handler

	// Over are the handlers that claim the same and do not have it, in the order
	// in which they lost it.
	Over []Handler

	owner int // its place among the handlers
}

// ID returns what a claim is called in lists: "extension:.py".
func (c Claim) ID() string { return string(c.Kind) + ":" + c.Key }

// Resolve decides who has what, by the order of priorities: a claim that is taken
// goes to another handler only if that has the higher priority, or overrides; between
// equals the first keeps it. It returns the set of the types, each with the claims
// that it has, and all claims sorted by kind and key. The error is an [ErrOverlap].
func Resolve(handlers ...Handler) (*Set, []Claim, error) {
	index := map[string]*Claim{}
	for i, h := range handlers {
		for kind, keys := range h.claims() {
			for _, key := range keys {
				c := Claim{Kind: kind, Key: key, Handler: h, owner: i}
				if had := index[c.ID()]; had == nil {
					index[c.ID()] = &c
				} else {
					had.contest(h, i)
				}
			}
		}
	}
	claims := make([]Claim, 0, len(index))
	for _, c := range index {
		claims = append(claims, *c)
	}
	slices.SortFunc(claims, func(a, b Claim) int {
		if a.Kind != b.Kind {
			return slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind)
		}
		return strings.Compare(a.Key, b.Key)
	})
	s, err := setOf(handlers, index)
	return s, claims, err
}

// contest gives the claim to h, or does not.
func (c *Claim) contest(h Handler, owner int) {
	if h.Priority > c.Priority || h.Override {
		c.Over = append(c.Over, c.Handler)
		c.Handler, c.owner = h, owner
		return
	}
	c.Over = append(c.Over, h)
}

func (h Handler) claims() map[Kind][]string {
	return map[Kind][]string{
		Special: h.Type.Filenames, Extension: h.Type.Extensions, Interpreter: h.Type.Interpreters, Named: {h.Type.Name},
	}
}

// setOf returns the types with what is left to them. A type whose name another has
// taken, and one to which no file is left, is gone.
func setOf(handlers []Handler, index map[string]*Claim) (*Set, error) {
	var types []Type
	for i, h := range handlers {
		lost := func(kind Kind) func(key string) bool {
			return func(key string) bool { return index[Claim{Kind: kind, Key: key}.ID()].owner != i }
		}
		if lost(Named)(h.Type.Name) {
			continue
		}
		t := h.Type
		t.Filenames = slices.DeleteFunc(slices.Clone(t.Filenames), lost(Special))
		t.Extensions = slices.DeleteFunc(slices.Clone(t.Extensions), lost(Extension))
		t.Interpreters = slices.DeleteFunc(slices.Clone(t.Interpreters), lost(Interpreter))
		if len(t.Filenames)+len(t.Extensions)+len(t.Interpreters) > 0 {
			types = append(types, t)
		}
	}
	return NewSet(types...)
}

// Lost returns an [ErrOverlap] when one of the sources has not got what it claims: a
// person who writes a type into onex.yaml wants it to be used, or to know.
func Lost(claims []Claim, of Source) error {
	for _, c := range claims {
		for _, h := range c.Over {
			if h.Source == of {
				return ErrOverlap.With("%s %q is claimed by %s and %s", c.Kind.word(), c.Key, c.Type.Name, h.Type.Name).
					Hinted("%s (%s, priority %d) keeps it; override: true in the type %s takes it", c.Type.Name, c.Source, c.Priority, h.Type.Name)
			}
		}
	}
	return nil
}

// CoreHandlers returns the standard types as handlers.
func CoreHandlers() []Handler {
	var list []Handler
	for _, t := range Standard().types {
		list = append(list, Handler{Type: *t, Source: Core, Priority: PriorityCore})
	}
	return list
}

// String describes how t's files carry a block, for a person.
func (t *Type) String() string {
	text := fmt.Sprintf("%s…%s", strings.TrimSpace(t.Comment.Before), t.Comment.After)
	if t.Comment.Line != "" {
		text = strings.TrimSpace(t.Comment.Line) + " comments"
	}
	var first []string
	for _, r := range t.Head {
		first = append(first, r.Name)
	}
	if first == nil {
		return text
	}
	return text + " after " + strings.Join(first, ", ")
}
