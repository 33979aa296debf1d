package schemagenerator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/schemagenerator"
	"github.com/omninode-ai/onex/internal/schema"
)

const contract = `node_name: greeter
tools:
  greet:
    input: {type: object, title: whom, properties: {name: {type: string, pattern: "<.*>"}}}
    output: {type: object}
`

type thing struct {
	Name string `json:"name"`
}

// outputs are what the program prints.
var outputs = []schema.Output{{File: "thing", Title: "a thing", Render: schema.Document[thing]}}

// A shop is a project with one contract.
type shop struct{ dir string }

func newShop(t *testing.T) shop {
	s := shop{t.TempDir()}
	s.write(t, "project.onex.yaml", "name: p\n")
	s.write(t, "greeter/contract.yaml", contract)
	return s
}

func (s shop) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// schemas runs the command and returns its output, or its error as text.
func (s shop) schemas(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	env := &console.Env{Dir: s.dir, Out: &out, Err: &bytes.Buffer{}, Outputs: outputs}
	cmd := schemagenerator.Commands(env)[0]
	cmd.SetArgs(append(args, "-o", "summary"))
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	if err := cmd.Execute(); err != nil {
		return strings.TrimSpace(out.String() + err.Error())
	}
	return strings.TrimSpace(out.String())
}

func TestALifeOfSchemas(t *testing.T) {
	s := newShop(t)
	for _, step := range []struct {
		name, want string
		args       []string
		change     func()
	}{
		{name: "plan", want: "2 missing"},
		{name: "check", args: []string{"--check"}, want: "2 missing\nexit status 1"},
		{name: "write", args: []string{"--write"}, want: "2 written"},
		{name: "check again", args: []string{"--check"}, want: "2 current"},
		{name: "with what the program prints", args: []string{"--write", "--outputs"}, want: "2 current, 1 written"},
		{name: "a file of somebody's own", args: []string{"--check", "--outputs"}, want: "3 current", change: func() {
			s.write(t, "schemas/own.json", "{}")
		}},
		{name: "a schema of the program that is gone", args: []string{"--check", "--outputs"}, want: "3 current, 1 extra\nexit status 1", change: func() {
			s.write(t, "schemas/gone.json", `{"$id": "`+schemagenerator.Home+`gone.json"}`)
		}},
		{name: "a changed contract", args: []string{"--check"}, want: "1 current, 1 stale\nexit status 1", change: func() {
			s.write(t, "greeter/contract.yaml", strings.Replace(contract, "<.*>", ".*", 1))
		}},
		{name: "only one path", args: []string{"--check", "greeter"}, want: "1 current, 1 stale\nexit status 1"},
		{name: "mended", args: []string{"--write"}, want: "1 current, 1 written"},
		{name: "a tool that is gone", args: []string{"--check"}, want: "2 missing, 2 extra\nexit status 1", change: func() {
			s.write(t, "greeter/contract.yaml", strings.Replace(contract, "greet:", "hello:", 1))
		}},
		{name: "elsewhere", args: []string{"--write", "--to", "doc/s", "--base", "https://example.org/"}, want: "2 written"},
	} {
		if step.change != nil {
			step.change()
		}
		if got := s.schemas(t, step.args...); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "doc/s/greeter/hello_input.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got["$id"] != "https://example.org/greeter/hello_input.schema.json" || got["title"] != "whom" || got["$schema"] != schema.Draft {
		t.Errorf("%s", data)
	}
	if _, err := schema.Compile(data); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	s := newShop(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"out of the project": {[]string{"--to", "../x"}, "cannot be put there"},
		"both":               {[]string{"--write", "--check"}, "none of the others can be"},
		"nowhere":            {[]string{"nowhere"}, "not there"},
	} {
		if got := s.schemas(t, c.args...); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s.write(t, "copy/contract.yaml", contract)
	if got := s.schemas(t); !strings.Contains(got, "two things would be written to one file") {
		t.Errorf("two nodes of one name: %q", got)
	}
	s.write(t, "copy/contract.yaml", "tools: 1\n")
	if got := s.schemas(t, "--write"); !strings.Contains(got, "copy/contract.yaml") {
		t.Errorf("a broken contract: %q", got)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "schemas")); err == nil {
		t.Error("something was written")
	}
}
