package milestone_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/milestone"
)

func read(t *testing.T) *milestone.Checklist {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "milestone-1.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := milestone.Parse(data)
	if err != nil {
		t.Fatalf("docs/milestone-1.yaml: %v", err)
	}
	return c
}

// TestChecklistIsWhole guards against the easiest way to finish a checklist:
// forgetting lines of it.
func TestChecklistIsWhole(t *testing.T) {
	const lines = 893
	c := read(t)
	if c.Lines != lines {
		t.Errorf("the file speaks of a checklist of %d lines, want %d", c.Lines, lines)
	}
	if len(c.Items()) < 300 {
		t.Errorf("%d items; the checklist has more", len(c.Items()))
	}
	t.Logf("%d items: %v", len(c.Items()), c.Count())
}

// TestEveryProofExists looks up every test and script that the file names.
func TestEveryProofExists(t *testing.T) {
	root := filepath.Join("..", "..")
	m, err := gosource.Load(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOf(m)
	if !tests["internal/milestone.TestEveryProofExists"] {
		t.Fatal("this very test is not found")
	}
	for _, item := range read(t).Items() {
		for _, proof := range item.Proof {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(proof))); err != nil && !tests[proof] {
				t.Errorf("milestone-1.yaml: lines %v: no test or script is called %s", item.Lines, proof)
			}
		}
	}
}

// testsOf returns the names of all tests in m, as "bus/natsbus.TestOrder".
func testsOf(m *gosource.Module) map[string]bool {
	tests := map[string]bool{}
	for _, p := range m.Packages {
		for _, f := range p.Files {
			if !f.Test {
				continue
			}
			for _, decl := range f.Syntax.Decls {
				if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && isTest(d.Name.Name) {
					tests[p.Path+"."+d.Name.Name] = true
				}
			}
		}
	}
	return tests
}

func isTest(name string) bool {
	for _, prefix := range []string{"Test", "Fuzz", "Benchmark", "Example"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

const small = `
title: t
lines: 5
no_item:
  - {lines: 1-2, what: head}
sections:
  - title: s
    items:
      - {lines: [3, 5], text: a, state: open}
      - {lines: [4], text: b, state: done, proof: [x.TestX]}
`

func TestParse(t *testing.T) {
	c, err := milestone.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Count(); got[milestone.Open] != 1 || got[milestone.Done] != 1 || len(c.Items()) != 2 {
		t.Errorf("count = %v", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"a line named twice", "[4]", "[3]", "line 3 is named 2 times"},
		{"a line left out", "[3, 5]", "[3]", "line 5 is named 0 times"},
		{"a line beyond the end", "[4]", "[4, 6]", "line 6 of 5"},
		{"an item without lines", "[4]", "[]", `item "b" has no lines`},
		{"an item without text", "text: a", `text: ""`, "no text"},
		{"an unknown state", "state: open", "state: closed", `state "closed" is none of`},
		{"done without proof", "proof: [x.TestX]", "proof: []", "done without a proof"},
		{"otherwise without why", "state: open", "state: decided otherwise", "without a why"},
		{"an unknown key", "text: a", "txt: a", "field txt not found"},
		{"no range", "1-2", "2-1", "not a line or a range"},
		{"a second document", "sections:", "---\nsections:", "more than one document"},
	} {
		_, err := milestone.Parse([]byte(strings.Replace(small, tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
