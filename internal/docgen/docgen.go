// Package docgen writes the pages and tables that are derived from source, so
// that they cannot say something else than the program does.
//
// [Files] returns them all. The test of this package fails when a committed
// file differs; `make docs` rewrites them.
package docgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/milestone"
)

// A File is a generated file, named relative to the module.
type File struct {
	Name string
	Data []byte
}

// Files returns every generated file of m.
func Files(m *gosource.Module, list *milestone.Checklist) ([]File, error) {
	entries, err := Faults(m)
	if err != nil {
		return nil, err
	}
	table, err := errorsJSON(entries)
	if err != nil {
		return nil, err
	}
	return []File{
		{"docs/errors.md", errorsPage(entries, classes(m))},
		{"internal/catalogue/errors.json", table},
		{"docs/milestone-1.md", milestonePage(list)},
	}, nil
}

// generated stands at the top of every page.
const generated = "<!-- Generated from source by `make docs`; do not edit. -->\n"

func errorsJSON(entries []catalogue.Entry) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(entries)
	return b.Bytes(), err
}

// classes returns what the comment beside each class says, by class.
func classes(m *gosource.Module) map[fault.Class]string {
	comments := map[fault.Class]string{}
	for _, p := range m.Packages {
		if p.Path != "fault" {
			continue
		}
		for _, f := range p.Files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				s, ok := n.(*ast.ValueSpec)
				if ok && s.Comment != nil && len(s.Values) == 1 {
					value, _ := literal(s.Values[0], nil)
					comments[fault.Class(value)] = strings.TrimSpace(s.Comment.Text())
				}
				return true
			})
		}
	}
	return comments
}

func errorsPage(entries []catalogue.Entry, classes map[fault.Class]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# Errors\n\nEvery error that ONEX declares. `onex explain CODE` prints the same at a terminal.\n", generated)
	fmt.Fprint(&b, "\nThe class says what you can do; the code is stable for ever and never used for anything else.\n\n"+
		"| class | what it means and what to do | retry | HTTP |\n|---|---|---|---|\n")
	for _, c := range fault.Classes() {
		retry := "no"
		if c.Retryable() {
			retry = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %d |\n", c, classes[c], retry, c.HTTPStatus())
	}
	component := ""
	for _, e := range entries {
		if e.Component() != component {
			component = e.Component()
			fmt.Fprintf(&b, "\n## %s\n", component)
		}
		fmt.Fprintf(&b, "\n### %s\n\n`%s`: %s\n\n%s\n", e.Code, e.Class, e.Text, e.Doc)
		if e.Hint != "" {
			fmt.Fprintf(&b, "\n*Hint:* %s\n", e.Hint)
		}
	}
	return b.Bytes()
}
