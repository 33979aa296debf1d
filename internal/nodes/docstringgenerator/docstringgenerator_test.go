package docstringgenerator_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/nodes/docstringgenerator"
)

// docs runs the command in dir and returns what it says, or its error.
func docs(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	env := &console.Env{Dir: dir, Out: &out, Err: &bytes.Buffer{}}
	cmd := docstringgenerator.Commands(env)[0]
	cmd.SetArgs(append(args, "-o", "summary"))
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	if err := cmd.Execute(); err != nil {
		return strings.TrimSpace(out.String() + err.Error())
	}
	return strings.TrimSpace(out.String())
}

func sample(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(dir, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "project.onex.yaml"), []byte("name: p\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPages holds the pages against files that a person has read.
func TestPages(t *testing.T) {
	dir := sample(t)
	if got := docs(t, dir, "--write", "--to", "out"); got != "3 written" {
		t.Fatal(got)
	}
	for _, name := range []string{"README.md", "nodes/shop.md", "schemas/tree.md"} {
		data, err := os.ReadFile(filepath.Join(dir, "out", name))
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join("testdata/pages", name), data)
	}
}

func TestALifeOfPages(t *testing.T) {
	dir := sample(t)
	page := filepath.Join(dir, "docs/generated/schemas/tree.md")
	for _, step := range []struct {
		name, want string
		args       []string
		change     func() error
	}{
		{name: "plan", want: "3 missing"},
		{name: "check", args: []string{"--check"}, want: "3 missing\nexit status 1"},
		{name: "write", args: []string{"--write"}, want: "3 written"},
		{name: "again", args: []string{"--write"}, want: "3 current"},
		{name: "changed by hand", args: []string{"--check"}, want: "2 current, 1 stale\nexit status 1", change: func() error {
			return os.WriteFile(page, []byte("mine"), 0o644)
		}},
		{name: "mended", args: []string{"--write"}, want: "2 current, 1 written"},
		{name: "what it was made from is gone", args: []string{"--check"}, want: "1 current, 1 stale, 1 extra\nexit status 1", change: func() error {
			return os.Remove(filepath.Join(dir, "schemas/tree.json"))
		}},
		{name: "not below the project", args: []string{"--to", "/tmp"}, want: `generated files cannot be put there: "/tmp/README.md"`},
	} {
		if step.change != nil {
			if err := step.change(); err != nil {
				t.Fatal(err)
			}
		}
		if got := docs(t, dir, step.args...); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestABrokenSchemaIsNamed(t *testing.T) {
	dir := sample(t)
	if err := os.WriteFile(filepath.Join(dir, "schemas/bad.json"), []byte(`{"type": 1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := docs(t, dir, "--write"); !strings.Contains(got, "schemas/bad.json") {
		t.Errorf("%q", got)
	}
}

// TestSchemasHaveNoEnd holds that what is shown of a schema is bounded.
func TestSchemasHaveNoEnd(t *testing.T) {
	dir := sample(t)
	var many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf(`"f%d": {"type": "string"}`, i))
	}
	for name, text := range map[string]string{
		"wide": `{"properties": {` + strings.Join(many, ",") + `}}`,
		"self": `{"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"properties": {"a": {"$ref": "#/$defs/a"}}}}}`,
		"many": `{"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [` + strings.Repeat(`{"items": {"anyOf": [`, 6) + strings.Repeat(`{"items":{"anyOf":[{},{},{},{}]}},`, 30) + `{}` + strings.Repeat(`]}}`, 6) + `]}}}`,
		"deep": strings.Repeat(`{"type": "array", "items": `, 40) + `{"properties": {"x": {}}}` + strings.Repeat("}", 40),
	} {
		if err := os.WriteFile(filepath.Join(dir, "schemas", name+".json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := docs(t, dir, "--write"); got != "7 written" {
		t.Fatal(got)
	}
	for name, most := range map[string]int{"wide": 510, "self": 25, "many": 20, "deep": 20} {
		data, err := os.ReadFile(filepath.Join(dir, "docs/generated/schemas", name+".md"))
		if lines := bytes.Count(data, []byte{'\n'}); err != nil || lines > most || lines < 5 {
			t.Errorf("%s has %d lines, limit %d; %v", name, lines, most, err)
		}
	}
}
