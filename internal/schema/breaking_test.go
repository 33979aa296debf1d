package schema_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// verdict compares two contracts of which only one schema differs.
func verdict(t *testing.T, side schema.Category, was, is string) string {
	t.Helper()
	contract := func(s string) node.Contract {
		tool := node.Tool{Name: "tool", Input: json.RawMessage(`{"type":"object"}`), Output: json.RawMessage(`true`)}
		if side == schema.InInput {
			tool.Input = json.RawMessage(s)
		} else {
			tool.Output = json.RawMessage(s)
		}
		return node.Contract{Node: "n", Version: "1.0.0", Tools: []node.Tool{tool}}
	}
	changes, err := schema.Breaking(contract(was), contract(is))
	if err != nil {
		t.Errorf("%s | %s: %v", was, is, err)
	}
	for _, c := range changes {
		if c.Category != side || !strings.HasPrefix(c.At, "/"+string(side)) || c.Text == "" {
			t.Errorf("%s | %s: %+v", was, is, c)
		}
	}
	return map[schema.Step]string{schema.Patch: "same", schema.Minor: "ok", schema.Major: "breaks"}[schema.StepOf(changes)]
}

func TestSchemaChanges(t *testing.T) {
	data, err := os.ReadFile("testdata/breaking.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cell := strings.Split(line, " | ")
		if len(cell) != 4 {
			t.Fatalf("%q has %d cells", line, len(cell))
		}
		rows++
		got := []string{verdict(t, schema.InInput, cell[0], cell[1]), verdict(t, schema.InOutput, cell[0], cell[1])}
		if got[0] != cell[2] || got[1] != cell[3] {
			t.Errorf("%s\ngot %s | %s", line, got[0], got[1])
		}
		for _, s := range cell[:2] {
			for _, side := range []schema.Category{schema.InInput, schema.InOutput} {
				if v := verdict(t, side, s, s); v != "same" {
					t.Errorf("%s against itself as %s: %s", s, side, v)
				}
			}
			if _, err := schema.Compile(json.RawMessage(s)); err != nil && !strings.Contains(s, "x-unknown") {
				t.Errorf("%s is no schema: %v", s, err)
			}
		}
	}
	if rows < 60 {
		t.Errorf("only %d changes", rows)
	}
}

func TestContractChanges(t *testing.T) {
	base := func() node.Tool {
		return node.Tool{
			Name: "tool", Input: json.RawMessage(`{"type":"object"}`), Output: json.RawMessage(`{"type":"object"}`),
			Errors:  []node.ToolError{{Code: "EMPTY", ExitStatus: 16}},
			Effects: []node.Effect{node.ReadsFiles}, Idempotency: node.Keyed, Volatile: []string{"/at"},
			Examples: []node.Scenario{{Name: "one", Input: json.RawMessage(`{"a":1}`), Output: json.RawMessage(`{"b":1}`), Status: node.Success}},
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*node.Tool)
		want   schema.Step
		in     schema.Category // of every change
	}{
		{"nothing", func(*node.Tool) {}, schema.Patch, ""},
		{"description", func(t *node.Tool) { t.Description, t.TimeoutMS = "new", 9 }, schema.Patch, ""},
		{"new error", func(t *node.Tool) { t.Errors = append(t.Errors, node.ToolError{Code: "FULL"}) }, schema.Minor, schema.InErrors},
		{"error gone", func(t *node.Tool) { t.Errors = nil }, schema.Minor, schema.InErrors},
		{"error renamed", func(t *node.Tool) { t.Errors[0].Code = "VOID" }, schema.Minor, schema.InErrors},
		{"error explained", func(t *node.Tool) { t.Errors[0].Description = "nothing is in it" }, schema.Patch, ""},
		{"exit status", func(t *node.Tool) { t.Errors = []node.ToolError{{Code: "EMPTY", ExitStatus: 17}} }, schema.Major, schema.InErrors},
		{"new effect", func(t *node.Tool) { t.Effects = append(t.Effects, node.Network) }, schema.Major, schema.InEffects},
		{"effect gone", func(t *node.Tool) { t.Effects = nil }, schema.Minor, schema.InEffects},
		{"other effect", func(t *node.Tool) { t.Effects = []node.Effect{node.WritesFiles} }, schema.Major, schema.InEffects},
		{"weaker", func(t *node.Tool) { t.Idempotency = node.None }, schema.Major, schema.InIdempotency},
		{"weaker by default", func(t *node.Tool) { t.Idempotency = "" }, schema.Major, schema.InIdempotency},
		{"stronger", func(t *node.Tool) { t.Idempotency = node.Pure }, schema.Minor, schema.InIdempotency},
		{"wider input", func(t *node.Tool) { t.Input = json.RawMessage(`true`) }, schema.Minor, schema.InInput},
		{"narrower input", func(t *node.Tool) { t.Input = json.RawMessage(`{"type":"object","required":["a"]}`) }, schema.Major, schema.InInput},
		{"wider output", func(t *node.Tool) { t.Output = json.RawMessage(`true`) }, schema.Major, schema.InOutput},
		{"narrower output", func(t *node.Tool) { t.Output = json.RawMessage(`{"type":"object","required":["a"]}`) }, schema.Minor, schema.InOutput},
		{"volatile", func(t *node.Tool) { t.Volatile = append(t.Volatile, "/id") }, schema.Major, schema.InBehavior},
		{"volatile file", func(t *node.Tool) { t.VolatileFiles = []string{"*.log"} }, schema.Major, schema.InBehavior},
		{"less volatile", func(t *node.Tool) { t.Volatile = nil }, schema.Minor, schema.InBehavior},
		{"example says otherwise", func(t *node.Tool) { t.Examples[0].Output = json.RawMessage(`{"b":2}`) }, schema.Major, schema.InBehavior},
		{"example spelled otherwise", func(t *node.Tool) { t.Examples[0].Output = json.RawMessage(`{ "b": 1.0 }`) }, schema.Patch, ""},
		{"example fails", func(t *node.Tool) { t.Examples[0].Output, t.Examples[0].Error = nil, "EMPTY" }, schema.Major, schema.InBehavior},
		{"another example", func(t *node.Tool) { t.Examples[0].Input = json.RawMessage(`{}`) }, schema.Patch, ""},
		{"other name", func(t *node.Tool) { t.Name = "other" }, schema.Major, schema.InTools},
	} {
		is := base()
		tt.change(&is)
		changes, err := schema.Breaking(contractOf(base()), contractOf(is))
		if got := schema.StepOf(changes); err != nil || got != tt.want {
			t.Errorf("%s: %s, want %s (%+v, %v)", tt.name, got, tt.want, changes, err)
		}
		want := []schema.CategoryStep{}
		if tt.in != "" {
			want = append(want, schema.CategoryStep{Category: tt.in, Step: tt.want, Changes: len(changes)})
		}
		if d := cmp.Diff(want, schema.ByCategory(changes)); d != "" {
			t.Errorf("%s: by category (-want +got):\n%s", tt.name, d)
		}
	}
}

func contractOf(tools ...node.Tool) node.Contract {
	return node.Contract{Node: "n", Version: "1.0.0", Tools: tools}
}

func TestChangesAreSortedAndNamed(t *testing.T) {
	old := contractOf(
		node.Tool{Name: "a", Input: json.RawMessage(`{"type":"object","properties":{"x/y":{"type":"string"}}}`), Output: json.RawMessage(`true`)},
		node.Tool{Name: "b", Input: json.RawMessage(`{}`), Output: json.RawMessage(`{}`)})
	now := contractOf(
		node.Tool{Name: "c", Input: json.RawMessage(`{}`), Output: json.RawMessage(`{}`)},
		node.Tool{Name: "a", Input: json.RawMessage(`{"type":"object","properties":{"x/y":{"type":"integer"}}}`), Output: json.RawMessage(`true`)})
	got, err := schema.Breaking(old, now)
	if err != nil {
		t.Fatal(err)
	}
	want := []schema.Change{
		{Tool: "a", At: "/input/properties/x~1y/type", Category: schema.InInput, Breaking: true, Text: "not allowed any more: string"},
		{Tool: "a", At: "/input/properties/x~1y/type", Category: schema.InInput, Text: "newly allowed: integer"},
		{Tool: "b", Category: schema.InTools, Breaking: true, Text: "the tool is gone"},
		{Tool: "c", Category: schema.InTools, Text: "the tool is new"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	old.Tools[0].Input = json.RawMessage(`{`)
	if _, err := schema.Breaking(old, now); err == nil {
		t.Error("a broken schema is compared")
	}
}

// documents are values of all kinds, near the edges of the schemas in the table.
func documents() []string {
	all := []string{
		`null`, `true`, `[]`, `{}`, `"a"`, `"b"`, `"ab"`, `"2026-01-01"`, `"2026-01-01T00:00:00Z"`, `""`, `"abcdefghijklmnopqrstuvwxyz"`,
		"-1", "0", "0.5", "1", "1.5", "2", "3", "4", "5", "6", "9", "10", "12",
	}
	for _, v := range all {
		all = append(all, `[`+v+`]`, `[`+v+`,`+v+`]`, `{"a":`+v+`}`, `{"b":`+v+`}`, `{"x":`+v+`}`, `{"v":`+v+`}`, `{"a":{"b":`+v+`}}`, `{"next":{"v":`+v+`}}`, `{"abcd":`+v+`}`)
	}
	return all
}

// TestVerdictsAreSound holds the table against the validator: what is no break
// really lets every value through that went through before.
func TestVerdictsAreSound(t *testing.T) {
	data, err := os.ReadFile("testdata/breaking.txt")
	if err != nil {
		t.Fatal(err)
	}
	const open = `{"type":"object"}` // what it does not declare carries no promise
	for line := range strings.Lines(string(data)) {
		cell := strings.Split(strings.TrimSpace(line), " | ")
		if len(cell) != 4 || strings.HasPrefix(line, "#") || cell[0] == open {
			continue
		}
		was, err := schema.Compile(json.RawMessage(cell[0]))
		if err != nil {
			t.Fatal(err)
		}
		is, err := schema.Compile(json.RawMessage(cell[1]))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range documents() {
			before, after := was.Validate([]byte(doc)) == nil, is.Validate([]byte(doc)) == nil
			if cell[2] != "breaks" && before && !after {
				t.Errorf("%s\nis no break for callers, but refuses %s", line, doc)
			}
			if cell[3] != "breaks" && after && !before {
				t.Errorf("%s\nis no break for readers, but allows %s", line, doc)
			}
		}
	}
}
