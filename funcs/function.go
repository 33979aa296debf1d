package funcs

import (
	"bytes"

	"github.com/omninode-ai/onex/fault"
)

// A Kind is what sort of function a function is.
type Kind string

// The kinds.
const (
	Plain  Kind = "function" // it belongs to no type
	Method Kind = "method"   // it belongs to a class, a trait, an object literal, a receiver
)

// A Function is one function of a source. The fields from Description on are
// those of the tools field of a metadata block; their lists may be nil.
type Function struct {
	Name     string   `json:"name"`
	Scope    string   `json:"scope,omitempty"` // what it is declared in, dotted: "Shop.Cart"
	Kind     Kind     `json:"kind"`
	Language Language `json:"language"`
	Line     int      `json:"line"`     // of its declaration, from 1; see the package comment
	Exported bool     `json:"exported"` // others may use it, by the rules or customs of the language
	Marked   bool     `json:"marked"`   // it is marked as a tool

	Description string   `json:"description,omitempty"`
	Inputs      []string `json:"inputs,omitempty"`  // "name: type", or "name" where there is no type
	Outputs     []string `json:"outputs,omitempty"` // types
	ErrorCodes  []string `json:"error_codes,omitempty"`
	SideEffects []string `json:"side_effects,omitempty"`
}

// A Diagnostic is something to be mended in a source. Line and Column count from
// 1, columns in bytes.
type Diagnostic struct {
	Line    int        `json:"line"`
	Column  int        `json:"column"`
	Code    fault.Code `json:"code"`
	Message string     `json:"message"`
}

// MaxSource is the largest source that is searched, in bytes: more than the
// largest sources that people write or generate (SQLite in one file has 9 MB),
// little enough for a syntax tree of it in memory.
const MaxSource = 16 << 20

// maxDiagnostics of one source are kept: where so much is wrong, more do not help.
const maxDiagnostics = 20

// Find returns the functions of src that are marked as tools. When two have one
// name the first is returned, and the other one is a diagnostic.
func Find(lang Language, src []byte) ([]Function, []Diagnostic) {
	if !bytes.Contains(src, []byte(marker)) {
		return nil, nil
	}
	o := newOutline(lang, src)
	seen := map[string]bool{}
	tools := o.functions(func(d decl) bool {
		if !o.notesOf(d).marked {
			return false
		}
		if seen[d.name] {
			o.report(ErrTwice, d.at, "%s", d.name)
			return false
		}
		seen[d.name] = true
		return true
	})
	return tools, o.diagnostics(true)
}

// All returns every function of src.
func All(lang Language, src []byte) ([]Function, []Diagnostic) {
	o := newOutline(lang, src)
	return o.functions(func(decl) bool { return true }), o.diagnostics(false)
}
