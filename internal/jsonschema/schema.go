package jsonschema

import (
	"fmt"
	"slices"
	"strings"
)

// Draft is the URL of the only draft that is understood.
const Draft = "https://json-schema.org/draft/2020-12/schema"

// A Schema is a compiled schema.
type Schema struct{ node *node }

// A Violation is what is wrong at a place.
type Violation struct {
	At   string // JSON Pointer
	Text string
}

func (v Violation) String() string {
	if v.At == "" {
		return v.Text
	}
	return v.At + ": " + v.Text
}

// An OutsideError tells that a schema refers to what is not in it.
type OutsideError struct{ Ref string }

func (e *OutsideError) Error() string { return fmt.Sprintf("reference to %q, which is outside", e.Ref) }

// An InvalidError tells why something is not a schema: by what it violates of
// the metaschema, or in words.
type InvalidError struct {
	Violations []Violation
	Text       string
}

func (e *InvalidError) Error() string {
	if len(e.Violations) > 0 {
		return e.Violations[0].String()
	}
	return e.Text
}

func invalid(format string, args ...any) error {
	return &InvalidError{Text: fmt.Sprintf(format, args...)}
}

// Compile compiles a schema. Its errors are [*OutsideError] and [*InvalidError].
func Compile(doc any) (*Schema, error) {
	l := &library{byURL: map[string]*resource{}, meta: metaschema().library, check: checkMeta}
	root, err := l.open(home+"schema.json", doc)
	if err != nil {
		return nil, err
	}
	if err := checkMeta("", doc); err != nil {
		return nil, err
	}
	n, err := compileRoot(l, root)
	if err != nil {
		return nil, err
	}
	return &Schema{n}, nil
}

// checkMeta checks the schema at a pointer by the metaschema.
func checkMeta(pointer string, s any) error {
	if found := check(metaschema().node, pointer, s); len(found) > 0 {
		return &InvalidError{Violations: found}
	}
	return nil
}

// Validate returns what is wrong with a value, in the order of places; nil when
// it keeps the schema.
func (s *Schema) Validate(value any) []Violation { return check(s.node, "", value) }

func check(n *node, pointer string, value any) []Violation {
	v := (&visit{node: n, value: value, seen: &seen{}}).run()
	if v.fits() {
		return nil
	}
	all := make([]Violation, len(v.found))
	for i, f := range v.found {
		all[i] = Violation{pointer + f.at.String(), f.say()}
	}
	// The members of an object are visited in the random order of a Go map.
	slices.SortStableFunc(all, func(a, b Violation) int { return strings.Compare(a.At, b.At) })
	return all
}
