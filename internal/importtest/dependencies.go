package importtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Dependency is one row of docs/dependencies.md.
type Dependency struct {
	Module    string
	Importers []string // patterns as in [Layer], or the word "tests"
}

// code matches a code span of Markdown.
var code = regexp.MustCompile("`([^`]+)`")

// ParseDependencies reads the first table of page whose header begins with
// "module" and ends with "imported by". Modules and packages stand in code
// spans; so does the word tests. A page without such a table, a row without a
// module, and a module named twice are errors.
func ParseDependencies(page string) ([]Dependency, error) {
	var deps []Dependency
	inTable := false
	for number, line := range strings.Split(page, "\n") {
		cells := cellsOf(line)
		switch {
		case !inTable:
			inTable = len(cells) > 2 && cells[0] == "module" && cells[len(cells)-1] == "imported by"
		case len(cells) == 0:
			return deps, nil
		case strings.HasPrefix(cells[0], "--"):
		default:
			d, err := dependency(cells)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number+1, err)
			}
			if slices.ContainsFunc(deps, func(o Dependency) bool { return o.Module == d.Module }) {
				return nil, fmt.Errorf("line %d: module %s again", number+1, d.Module)
			}
			deps = append(deps, d)
		}
	}
	if !inTable {
		return nil, fmt.Errorf("no table with the columns %q to %q", "module", "imported by")
	}
	return deps, nil
}

func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

func dependency(cells []string) (Dependency, error) {
	var d Dependency
	module := code.FindStringSubmatch(cells[0])
	if module == nil {
		return d, fmt.Errorf("no module in %q", cells[0])
	}
	d.Module = module[1]
	for _, span := range code.FindAllStringSubmatch(cells[len(cells)-1], -1) {
		d.Importers = append(d.Importers, span[1])
	}
	if len(d.Importers) == 0 {
		return d, fmt.Errorf("nobody may import %s", d.Module)
	}
	return d, nil
}

// dependencyOf returns the row of the module that holds the package at path,
// or nil. A nested module's row wins over that of the module around it.
func dependencyOf(deps []Dependency, path string) *Dependency {
	var best *Dependency
	for i, d := range deps {
		if matches(d.Module+"/...", path) && (best == nil || len(d.Module) > len(best.Module)) {
			best = &deps[i]
		}
	}
	return best
}

func (d *Dependency) allows(pkg string, test bool) bool {
	return matchesAny(d.Importers, pkg) || test && slices.Contains(d.Importers, "tests")
}
