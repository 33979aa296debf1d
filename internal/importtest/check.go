package importtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/internal/gosource"
)

// A Violation is one import that a rule forbids.
type Violation struct {
	Rule string // as in the package comment
	File string
	Text string
}

func (v Violation) String() string { return fmt.Sprintf("%s: %s: %s", v.File, v.Rule, v.Text) }

// Check returns every violation in m, in the order of its files. deps is what
// docs/dependencies.md allows.
func Check(m *gosource.Module, table []Layer, deps []Dependency) []Violation {
	c := checker{module: m, table: table, deps: deps}
	for _, p := range m.Packages {
		if _, ok := layerOf(table, p.Path); !ok {
			c.report("layer", p.Files[0], "package %s is in no layer", p.Path)
			continue
		}
		for _, f := range p.Files {
			for _, imported := range f.Imports() {
				c.check(p.Path, f, imported)
			}
		}
	}
	return c.found
}

type checker struct {
	module *gosource.Module
	table  []Layer
	deps   []Dependency
	found  []Violation
}

func (c *checker) report(rule string, f gosource.File, format string, args ...any) {
	c.found = append(c.found, Violation{Rule: rule, File: f.Name, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) check(pkg string, f gosource.File, imported string) {
	if !c.module.Own(imported) {
		c.checkModule(pkg, f, imported)
		return
	}
	imported = c.module.Rel(imported)
	if imported == pkg {
		return // a test of the package from outside
	}
	c.checkSides(pkg, f, imported)
	if !f.Test {
		c.checkLayers(pkg, f, imported)
		c.checkExclusive(pkg, f, imported)
	}
}

func (c *checker) checkLayers(pkg string, f gosource.File, imported string) {
	from, _ := layerOf(c.table, pkg)
	to, ok := layerOf(c.table, imported)
	switch {
	case !ok:
		c.report("layer", f, "%s imports %s, which is in no layer", pkg, imported)
	case to > from:
		c.report("layer", f, "%s (%s) imports %s (%s) above it", pkg, c.table[from].Name, imported, c.table[to].Name)
	case to == from && !c.table[from].Sideways:
		c.report("layer", f, "%s imports %s beside it (%s)", pkg, imported, c.table[from].Name)
	}
}

func (c *checker) checkSides(pkg string, f gosource.File, imported string) {
	from, to := sideOf(pkg), sideOf(imported)
	if from != "" && to != "" && from != to {
		c.report("side", f, "%s (%s) imports %s (%s)", pkg, from, imported, to)
	}
}

func (c *checker) checkExclusive(pkg string, f gosource.File, imported string) {
	for _, r := range exclusive() {
		if slices.Contains(r.packages, imported) && !slices.ContainsFunc(r.importers, func(p string) bool { return matches(p, pkg) }) {
			c.report(r.rule, f, "%s imports %s, which is for %s", pkg, imported, strings.Join(r.importers, ", "))
		}
	}
}

func (c *checker) checkModule(pkg string, f gosource.File, imported string) {
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return // the standard library: its paths have no dot in their first element
	}
	dep := dependencyOf(c.deps, imported)
	switch {
	case dep == nil:
		c.report("module", f, "%s imports %s, which docs/dependencies.md does not name", pkg, imported)
	case !dep.allows(pkg, f.Test):
		c.report("module", f, "%s imports %s, which docs/dependencies.md gives to %s", pkg, imported, strings.Join(dep.Importers, ", "))
	}
}
