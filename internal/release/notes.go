package release

import (
	"fmt"
	"slices"
	"strings"
)

// heading names the parts of release notes and the first elements of the areas
// that belong to each, in the order in which a user cares.
func headings() []struct {
	Title string
	Areas []string
} {
	return []struct {
		Title string
		Areas []string
	}{
		{"Commands", []string{"onex", "cmd", "cli", "internal/cli", "internal/nodes", "internal/demo"}},
		{"Files and metadata", []string{"stamp", "stamper", "meta", "filetype", "tree", "funcs", "lint", "internal/atomicfile", "internal/watch"}},
		{"Nodes, registry and calls", []string{"node", "nodes", "host", "registry", "invoke", "parity", "examples", "internal/mcpbridge", "internal/schema", "schemas", "schema"}},
		{"Events and buses", []string{"event", "bus", "ipcbus", "natsbus", "zmqbus", "zmtp", "natsd", "telemetry", "internal/zmtp", "internal/natsd", "internal/telemetry"}},
		{"Documentation", []string{"docs", "readme", "changelog"}},
	}
}

// otherChanges is the last part of the notes: what no heading claims.
const otherChanges = "Inside"

// Notes returns release notes in Markdown: commits, in the order given, by part.
// What changed for users stands before what changed inside.
func Notes(commits []Commit) string {
	parts := map[string][]string{}
	for _, c := range commits {
		title := partOf(c.Area)
		parts[title] = append(parts[title], fmt.Sprintf("- **%s**: %s\n", c.Area, c.Text))
	}
	var b strings.Builder
	write := func(title string) {
		if lines := parts[title]; len(lines) > 0 {
			fmt.Fprintf(&b, "## %s\n\n%s\n", title, strings.Join(lines, ""))
		}
	}
	for _, h := range headings() {
		write(h.Title)
	}
	write(otherChanges)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// partOf returns the part of the notes to which an area belongs: that of the
// longest name that the first area of it is, or lies below.
func partOf(area string) string {
	first, _, _ := strings.Cut(area, ",")
	words := strings.FieldsFunc(first, func(r rune) bool { return r == '/' || r == ' ' })
	for n := len(words); n > 0; n-- {
		name := strings.Join(words[:n], "/")
		for _, h := range headings() {
			if slices.Contains(h.Areas, name) {
				return h.Title
			}
		}
	}
	return otherChanges
}
