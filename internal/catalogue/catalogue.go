// Package catalogue is the list of all errors that ONEX declares, for
// `onex explain` and for docs/errors.md.
//
// The list is generated from the declarations (fault.New) and the comments above
// them by internal/docgen, whose test fails when it is stale. It is embedded:
// a binary explains exactly the errors it can return.
package catalogue

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
)

// An Entry is one declared error.
type Entry struct {
	Code  fault.Code  `json:"code"`
	Class fault.Class `json:"class"`
	Text  string      `json:"text"`
	Hint  string      `json:"hint,omitempty"`
	Doc   string      `json:"doc"` // when it happens and what to do: one or more paragraphs
	Go    string      `json:"go"`  // the variable, "bus.ErrClosed"
}

// Component returns the part of the code that says where the error comes from:
// "BUS" of ONEX_BUS_001_CLOSED.
func (e Entry) Component() string {
	component, _, _ := split(bare(string(e.Code)))
	return component
}

// Short returns the code without its name, "ONEX_BUS_001"; it is unique too.
func (e Entry) Short() string {
	component, number, _ := split(bare(string(e.Code)))
	return "ONEX_" + component + "_" + number
}

// split takes a bare code apart at its number, the first part that begins with
// a digit; without one, all is component.
func split(code string) (component, number, name string) {
	parts := strings.Split(code, "_")
	i := slices.IndexFunc(parts, func(p string) bool { return p != "" && p[0] >= '0' && p[0] <= '9' })
	if i < 0 {
		return code, "", ""
	}
	return strings.Join(parts[:i], "_"), parts[i], strings.Join(parts[i+1:], "_")
}

//go:embed errors.json
var source string

// All returns every entry, sorted by code.
func All() []Entry {
	var list []Entry
	if err := json.Unmarshal([]byte(source), &list); err != nil {
		panic("catalogue: " + err.Error()) // the tests of this package read the same text
	}
	return list
}

// Find returns the entry that code names: in full or without its name
// ("ONEX_BUS_001"), in any case, with hyphens for underscores, with or without
// the leading ONEX_.
func Find(code string) (Entry, bool) {
	want := fault.Code("ONEX_" + bare(code))
	for _, e := range All() {
		if e.Code == want || e.Short() == string(want) {
			return e, true
		}
	}
	return Entry{}, false
}

// bare returns code as it would stand in a declaration, without ONEX_.
func bare(code string) string {
	code = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(code)), "-", "_")
	return strings.TrimPrefix(code, "ONEX_")
}
