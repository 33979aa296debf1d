package importtest

import (
	"slices"
	"strings"
)

// A Layer is a set of packages that may import lower layers only.
type Layer struct {
	Name     string
	Packages []string // patterns: "bus", "bus/...", "internal/..."
	Sideways bool     // its packages may import each other; Go refuses cycles anyway
}

// Layers returns the table, lowest layer first. Where a package belongs is
// decided by its own name, else by the longest pattern that matches it. It may
// be named here before it exists, and must be matched once it does.
func Layers() []Layer {
	return []Layer{
		{Name: "errors", Packages: []string{"fault"}},
		{Name: "foundation", Packages: []string{
			"internal/atomicfile", "internal/ci", "internal/near", "internal/sshsig", "internal/zmtp", "trace",
			"examples", // the files under it, embedded; the programs among them are outside
		}},
		{Name: "metadata", Packages: []string{"meta"}},
		{Name: "node", Packages: []string{"node"}},
		{Name: "vocabulary", Packages: []string{"event", "filetype", "tree", "funcs"}},
		{Name: "contracts", Packages: []string{"access", "bus", "stamp", "lint", "registry/claim", "registry/lease", "internal/schema"}},
		{Name: "services", Packages: []string{"host", "invoke", "registry", "bus/...", "artifact", "lint/..."}},
		{Name: "parity", Packages: []string{"parity"}},
		{Name: "program", Packages: []string{"internal/..."}, Sideways: true},
		{Name: "wiring", Packages: []string{"internal/app"}},
		{Name: "commands", Packages: []string{"internal/cli"}},
		{Name: "main", Packages: []string{"cmd/onex"}},
		{Name: "outside", Sideways: true, Packages: []string{
			".", "examples/...", "bench/...", // users of the module, as others will be
			"internal/golden", "internal/gosource", "internal/importtest",
			"internal/natsd/natsdtest", "internal/peer", "internal/scripttest", "internal/soon", "internal/zmtp/interop", // tools of the tests
			"internal/vet", "internal/docgen", "internal/repotest", "internal/release/...",
		}},
	}
}

// sides returns the patterns of the two sides. lint/rules is in neither: it is
// one of the places where they meet.
func sides() map[string][]string {
	return map[string][]string{
		"file side": {"filetype", "funcs", "tree", "stamp", "artifact", "lint"},
		"bus side":  {"access", "bus/...", "host", "invoke", "registry/...", "parity"},
	}
}

// exclusive returns which packages may be imported by which only.
func exclusive() []restriction {
	return []restriction{
		{rule: "backend", packages: []string{"bus/ipcbus", "bus/natsbus", "bus/zmqbus"}, importers: []string{"internal/app", "examples/...", "bench/..."}},
		{rule: "cli", packages: []string{"internal/cli"}, importers: []string{"cmd/onex"}},
	}
}

type restriction struct {
	rule                string
	packages, importers []string
}

// layerOf returns the index of pkg's layer in table.
func layerOf(table []Layer, pkg string) (index int, found bool) {
	longest := 0
	for i, l := range table {
		if slices.Contains(l.Packages, pkg) {
			return i, true
		}
		for _, pattern := range l.Packages {
			if matches(pattern, pkg) && len(pattern) > longest {
				longest, index = len(pattern), i
			}
		}
	}
	return index, longest > 0
}

func sideOf(pkg string) string {
	for name, patterns := range sides() {
		if matchesAny(patterns, pkg) {
			return name
		}
	}
	return ""
}

// matches reports whether pkg is pattern, or is or lies under what stands before
// "/..." in it, as in the patterns of the go command.
func matches(pattern, pkg string) bool {
	base, tree := strings.CutSuffix(pattern, "/...")
	return pkg == base || tree && strings.HasPrefix(pkg, base+"/")
}

func matchesAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}
