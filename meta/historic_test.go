package meta_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/meta"
)

func TestHistoricShapesAreRead(t *testing.T) {
	type want struct {
		UUID, CreatedAt, Hash, Entrypoint, Namespace string
		Unset                                        bool
		Problems                                     []string
	}
	const id = "7b0f2f3e-8d1b-4c52-9a0e-5b8b6f0f4f11"
	for name, w := range map[string]want{
		"alphabetical": {id, "2025-05-28T12:36:25.560412", "5f5a9f7a2c3c4f5aa1f1c9f8a3c2b4d5e6f708192a3b4c5d6e7f8091a2b3c4d5",
			"python://tool.py", "python://omnibase.tests.tool_py", false, nil},
		"unquoted": {"00000000-0000-0000-0000-000000000000", "2025-01-27T10:00:00", meta.UnsetHash,
			"python://tool.py", "onex.stamped.tool", true, []string{`meta_type: want one of tool, validator, agent, model, plugin, schema, node, ignore_config, project, unknown, not "protocol"`}},
		"mapping_entrypoint": {id, "2025-05-21T12:41:40.160785", "3cf95bf3b7e1ca34b5bb0afee5cdd1c2e7dbfd8d04dfb5cc26c3e1f1c0bd2a11",
			"cli://.onexignore", "onex.ignore..onexignore", false, nil},
		"nested": {id, "2025-05-28T12:36:25Z", meta.UnsetHash, "python://tool.py", "python://omnibase.tests.tool_py", true, nil},
		"flattened": {id, "x", "stub", "python://tool.py", "markdown://z", false,
			[]string{`lifecycle: want one of draft, active, deprecated, archived, not "test"`, `hash: want 64 hexadecimal digits, not "stub"`}},
	} {
		b := readBlock(t, "testdata/historic/"+name+".yaml")
		got := want{b.UUID(), b.CreatedAt(), b.Hash(), b.Entrypoint(), b.Namespace(), b.HashUnset(), nil}
		for _, p := range b.Validate() {
			got.Problems = append(got.Problems, p.String())
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func readBlock(t *testing.T, name string) meta.Block {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, string(text))
}

func TestHistoricShapesKeepTheirFields(t *testing.T) {
	names, err := filepath.Glob("testdata/historic/*.yaml")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		b := readBlock(t, name)
		if diff := cmp.Diff(b, mustParse(t, string(meta.Print(b)))); diff != "" {
			t.Errorf("%s: printing loses fields (-want +got):\n%s", name, diff)
		}
	}
	nested := readBlock(t, "testdata/historic/nested.yaml")
	stub, _ := nested.Get("trust_score_stub").(meta.Map)
	if got := stub.Get("runs"); got != meta.Value(meta.String("1")) {
		t.Errorf("unknown nested key: %v", got)
	}
	if got := nested.Get("adapter"); got != meta.Value(meta.Null{}) {
		t.Errorf("unknown null key: %v", got)
	}
}

// reference.json holds what the reference implementation did, as far as it
// still applies.
type reference struct {
	Scalars    []struct{ Text, YAML string }
	Blocks     []struct{ ID, YAML string }
	Namespaces []struct{ Written, Namespace string }
	Fields     []struct {
		Field string
		Value json.RawMessage
		Valid bool
	}
}

func readReference(t *testing.T) (r reference) {
	readJSON(t, "testdata/reference.json", &r)
	return r
}

func TestScalarsOfTheReference(t *testing.T) {
	for _, c := range readReference(t).Scalars {
		if got := mustParse(t, c.YAML).Text("k"); got != c.Text {
			t.Errorf("%q is read as %q, want %q", c.YAML, got, c.Text)
		}
		var read map[string]any
		printed := meta.Print(meta.NewBlock(meta.Field{Key: "k", Value: meta.String(c.Text)}))
		if err := yaml.Unmarshal(printed, &read); err != nil || read["k"] != any(c.Text) {
			t.Errorf("%q is printed as %q, which a library reads as %#v, %v", c.Text, printed, read["k"], err)
		}
	}
}

func TestBlocksOfTheReference(t *testing.T) {
	for _, c := range readReference(t).Blocks {
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(c.YAML), &node); err != nil {
			t.Fatal(err)
		}
		got := meta.Value(meta.Map(mustParse(t, c.YAML).Fields()))
		if diff := cmp.Diff(valueOf(node.Content[0], true), got); diff != "" {
			t.Errorf("%s (-library +got):\n%s", c.ID, diff)
		}
	}
}

func TestNamespacesOfTheReference(t *testing.T) {
	for _, c := range readReference(t).Namespaces {
		b := mustParse(t, "namespace: "+c.Written)
		if got := b.Namespace(); got != c.Namespace {
			t.Errorf("namespace %s = %q, want %q", c.Written, got, c.Namespace)
		}
	}
}

func TestFieldsOfTheReference(t *testing.T) {
	for _, c := range readReference(t).Fields {
		b := readBlock(t, "testdata/typical.yaml")
		text := string(c.Value)
		_ = json.Unmarshal(c.Value, &text) // numbers stay as they are
		b.SetText(c.Field, text)
		problems := b.Validate()
		if valid := len(problems) == 0; valid != c.Valid {
			t.Errorf("%s %q: problems %v, want valid %t", c.Field, text, problems, c.Valid)
		}
		if !c.Valid && len(problems) == 1 && (problems[0].Field != c.Field || problems[0].Value != text) {
			t.Errorf("%s %q: problem of %s %q", c.Field, text, problems[0].Field, problems[0].Value)
		}
	}
}
