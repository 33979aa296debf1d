package nodemanager

import (
	"errors"
	"testing"
)

// TestListKeepsEverythingElse shows an onex.yaml as people write it, before and after
// a node is added.
func TestListKeepsEverythingElse(t *testing.T) {
	for _, tt := range []struct{ name, before, dir, after string }{
		{"nothing", "", "a", "nodes:\n  - a\n"},
		{"a comment", "# only this\n", "a", "# only this\nnodes:\n  - a\n"},
		{"other keys, no line end", "bus: x", "a", "bus: x\nnodes:\n  - a\n"},
		{"an empty key", "nodes:\nbus: x\n", "a", "nodes:\n  - a\nbus: x\n"},
		{"items", "nodes:\n  - a # first\n  - b\n\n# then\nbus: x\n", "c", "nodes:\n  - a # first\n  - b\n  - c\n\n# then\nbus: x\n"},
		{"items that are not indented", "nodes:\n- a\nbus: x\n", "c", "nodes:\n- a\n- c\nbus: x\n"},
		{"no line end", "nodes:\n    - a", "c", "nodes:\n    - a\n    - c\n"},
		{"brackets", "nodes: [a, b] # all\n", "c", "nodes: [a, b, c] # all\n"},
		{"empty brackets", "nodes: []\n", "c", "nodes: [c]\n"},
		{"CRLF", "bus: x\r\nnodes:\r\n  - a\r\n", "c", "bus: x\r\nnodes:\r\n  - a\r\n  - c\n"},
		{"a name that YAML reads otherwise", "nodes: [a]\n", "on", "nodes: [a, \"on\"]\n"},
		{"blanks", "nodes:\n  - a\n", "my nodes/x: y", "nodes:\n  - a\n  - \"my nodes/x: y\"\n"},
	} {
		l, err := parseList([]byte(tt.before))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := l.add(tt.dir)
		if err != nil || string(got) != tt.after {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.after)
			continue
		}
		again, err := parseList(got)
		if err != nil || !again.has("./"+tt.dir) {
			t.Errorf("%s: it is not listed afterwards: %q, %v", tt.name, again.nodes, err)
		}
	}
}

func TestListThatCannotBeChangedIsLeftAlone(t *testing.T) {
	for _, text := range []string{
		"{nodes: [a]}", "- a\n", "nodes: a\n", "nodes: [a,\n  b]\n", "x: &l [a]\nnodes: *l\n", "nodes: {a: b}\n", "a: b: c\n",
		"x: &l\n  - a\nnodes: *l\n", "--- \nbus: x\n...\n", "nodes:\n  - {a: b}\n",
	} {
		l, err := parseList([]byte(text))
		if err == nil {
			_, err = l.add("new")
		}
		if !errors.Is(err, ErrList) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzList(f *testing.F) {
	f.Add("nodes:\n  - a\n", "b")
	f.Add("nodes: [a]\nx: y", "c d")
	f.Fuzz(func(t *testing.T, text, dir string) {
		l, err := parseList([]byte(text))
		if err != nil {
			return
		}
		out, err := l.add(dir)
		if err != nil {
			return
		}
		again, err := parseList(out)
		if err != nil || len(again.nodes) != len(l.nodes)+1 || again.nodes[len(l.nodes)] != dir {
			t.Errorf("%q with %q becomes %q", text, dir, out)
		}
	})
}
