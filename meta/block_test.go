package meta_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/meta"
)

func keys(b meta.Block) (names []string) {
	for _, f := range b.Fields() {
		names = append(names, f.Key)
	}
	return names
}

func TestSetKeepsTheOrder(t *testing.T) {
	b := mustParse(t, "zeta: 1\nhash: 2\nname: 3\n")
	copied := b
	b.SetText("hash", "4")
	b.SetText("uuid", "5")             // after name, before which the model has it
	b.SetText("metadata_version", "6") // first in the model
	b.SetText("alpha", "7")            // unknown: last
	if diff := cmp.Diff([]string{"metadata_version", "zeta", "hash", "name", "uuid", "alpha"}, keys(b)); diff != "" {
		t.Errorf("after Set (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"metadata_version", "name", "uuid", "hash", "zeta", "alpha"}, keys(b.Ordered())); diff != "" {
		t.Errorf("ordered (-want +got):\n%s", diff)
	}
	b.Delete("hash")
	b.Delete("nothing")
	if b.Has("hash") || b.Len() != 5 {
		t.Errorf("after Delete: %v", keys(b))
	}
	if copied.Text("hash") != "2" || copied.Len() != 3 {
		t.Errorf("a copy changed with the original: %v", copied.Fields())
	}
}

func TestTypedAccess(t *testing.T) {
	b := readBlock(t, "testdata/typical.yaml")
	b.Set(meta.FieldTags, meta.List{meta.String("a"), meta.Null{}, meta.String("b")})
	got := []string{b.Name(), b.Version(), b.MetadataVersion(), b.Owner(), b.Author(), b.CreatedAt(), b.LastModifiedAt(),
		b.Description(), string(b.Lifecycle()), string(b.MetaType()), fmt.Sprint(b.Tags())}
	want := []string{"handler_python.py", "1.0.0", "1.0.0", "OmniNode Team", "OmniNode Team", "2025-05-28T12:36:25.560412Z",
		"2025-05-28T17:20:06.014288Z", "Reads and writes the blocks of Python files", "active", "tool", "[a b]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := meta.NewBlock(append(b.Fields(), meta.Field{Key: "name", Value: meta.String("x")})...); again.Name() != "x" || again.Len() != b.Len() {
		t.Errorf("a key that comes twice: %v", again.Fields())
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	b := mustParse(t, "uuid: TBD\nversion: v1\nname: ''\ntags: x\nauthor:\n- a\nentrypoint: python\nnamespace: []\ntrust_score: high\n")
	want := []string{
		"created_at: is missing", "last_modified_at: is missing", "hash: is missing",
		"name: want a text that is not empty",
		`version: want a version such as 1.0.0, not "v1"`,
		`uuid: want a UUID such as 9f0e2c4e-5a35-4cbd-8f3c-0a1b2c3d4e5f, not "TBD"`,
		"author: want a text that is not empty",
		`trust_score: want a number, not "high"`,
		`tags: want a list of texts, not "x"`,
		`entrypoint: want <type>://<target>, not "python"`,
		"namespace: want a text or a mapping with a value",
	}
	var got []string
	for _, p := range b.Validate() {
		got = append(got, p.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := b.Validate().Err(); !errors.Is(err, meta.ErrInvalid) {
		t.Errorf("Err() = %v", err)
	}
	if err := readBlock(t, "testdata/typical.yaml").Validate().Err(); err != nil {
		t.Errorf("a valid block: %v", err)
	}
}

func TestEnumsAreParsedAtTheEdge(t *testing.T) {
	if l, err := meta.ParseLifecycle("draft"); l != meta.Draft || err != nil {
		t.Error(l, err)
	}
	if m, err := meta.ParseMetaType("ignore_config"); m != meta.TypeIgnoreConfig || err != nil {
		t.Error(m, err)
	}
	_, err := meta.ParseLifecycle("ACTIVE")
	want := `metadata block is not valid: lifecycle "ACTIVE": want one of draft, active, deprecated, archived`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := meta.ParseMetaType(""); !errors.Is(err, meta.ErrInvalid) {
		t.Error(err)
	}
}

func TestEqualTellsEmptyValuesApart(t *testing.T) {
	values := []meta.Value{nil, meta.Null{}, meta.String(""), meta.String("null"), meta.List{}, meta.Map{}, meta.Strings("a"),
		meta.Map{{Key: "a", Value: meta.Null{}}}, meta.Map{{Key: "a", Value: meta.String("")}}}
	for i, a := range values {
		for j, b := range values {
			if got := meta.Equal(a, b); got != (i == j) {
				t.Errorf("Equal(%#v, %#v) = %t", a, b, got)
			}
		}
	}
}

func TestNamespaceAndEntrypointOfPaths(t *testing.T) {
	for _, tt := range []struct{ scheme, ext, path, namespace, entrypoint string }{
		{"python", ".py", "src/omnibase/handlers/handler_python.py", "python://src.omnibase.handlers.handler_python", "python://handler_python"},
		{"python", ".py", "my-complex_file.name.py", "python://my_complex_file_name", "python://my-complex_file.name"},
		{"markdown", ".md", "README.md", "markdown://README", "markdown://README"},
		{"markdown", ".md", "README.markdown", "markdown://README_markdown", "markdown://README"},
		{"yaml", ".yaml", "./.github/workflows/ci.yml", "yaml://_github.workflows.ci_yml", "yaml://ci"},
		{"yaml", ".yaml", "x/node.onex.yaml", "yaml://x.node_onex", "yaml://node.onex"},
		{"file", "", ".onexignore", "file://_onexignore", "file://.onexignore"},
		{"shell", ".sh", "bin/.sh", "shell://bin._sh", "shell://.sh"},
		{"python", ".py", "/a/b/../Zoë.py", "python://a.Zo_", "python://Zoë"},
	} {
		if got := meta.Namespace(tt.scheme, tt.ext, tt.path); got != tt.namespace {
			t.Errorf("Namespace(%s) = %s, want %s", tt.path, got, tt.namespace)
		}
		if got := meta.Entrypoint(tt.scheme, tt.path); got != tt.entrypoint {
			t.Errorf("Entrypoint(%s) = %s, want %s", tt.path, got, tt.entrypoint)
		}
	}
}

func TestCompactLine(t *testing.T) {
	const id = "ABCDEFAB-0000-1000-8000-000000000000"
	uuid, ok, err := meta.ParseCompactLine(meta.CompactLine(id))
	if uuid != "abcdefab-0000-1000-8000-000000000000" || !ok || err != nil {
		t.Error(uuid, ok, err)
	}
	for _, line := range []string{"", meta.Open, "=== OmniNode:Metadata uuid=x", " " + meta.CompactLine(id)} {
		if _, ok, err := meta.ParseCompactLine(line); ok || err != nil {
			t.Errorf("%q: %t, %v", line, ok, err)
		}
	}
	if _, ok, err := meta.ParseCompactLine("=== OmniNode:Metadata uuid=TBD ==="); !ok || !errors.Is(err, meta.ErrParse) {
		t.Error(ok, err)
	}
}

func TestProject(t *testing.T) {
	p, err := meta.ParseProject([]byte("\ufeff# Project\n---\nname: demo\nowner: Team\nauthor: Ann\ncopyright: '2026 Team'\nlicense: MIT\n" +
		"namespace: acme\nprotocol_version: 0.1.0\nentrypoint: {type: yaml, target: project.onex.yaml}\nmine: {a: [b]}\n"))
	if err != nil || p.Check() != nil {
		t.Fatal(err, p.Check())
	}
	got := []string{p.Name, p.Owner, p.Author, p.Copyright, p.License, p.Namespace, p.ProtocolVersion, p.SchemaVersion, p.Block.Entrypoint()}
	want := []string{"demo", "Team", "Ann", "2026 Team", "MIT", "acme", "0.1.0", "", "yaml://project.onex.yaml"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !p.Block.Has("mine") {
		t.Error("an unknown key is lost")
	}
}

func TestProjectNeverMakesUpAnOwner(t *testing.T) {
	p, err := meta.ParseProject([]byte("name: demo\nauthor: Ann\ncopyright: ' '\n"))
	if err != nil {
		t.Fatal(err)
	}
	err = p.Check()
	if !errors.Is(err, meta.ErrMissing) || fault.ReportOf(err).Details["missing"] != "owner, copyright" {
		t.Errorf("%v", err)
	}
	if _, err := meta.ParseProject([]byte("name")); !errors.Is(err, meta.ErrParse) {
		t.Errorf("%v", err)
	}
}

func ExampleParse() {
	b, err := meta.Parse([]byte("name: a.py\nuuid: 7B0F2F3E-8D1B-4C52-9A0E-5B8B6F0F4F11\nentrypoint: {'type': 'python', 'target': 'a'}\ncreated_at: 2025-01-27\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.UUID(), b.Entrypoint(), b.CreatedAt())
	_, err = meta.Parse([]byte("name: a.py\nname: b.py\n"))
	fmt.Println(err)
	// Output:
	// 7b0f2f3e-8d1b-4c52-9a0e-5b8b6f0f4f11 python://a 2025-01-27
	// metadata block cannot be read: line 2, column 1: key "name" is there twice
}

func ExamplePrint() {
	b := meta.NewBlock(
		meta.Field{Key: meta.FieldName, Value: meta.String("yes")},
		meta.Field{Key: meta.FieldVersion, Value: meta.String("1.10.0")},
		meta.Field{Key: meta.FieldTags, Value: meta.Strings("a: b", "2025-01-01", "c")},
	)
	fmt.Printf("%s", meta.Print(b))
	// Output:
	// name: 'yes'
	// version: 1.10.0
	// tags:
	// - 'a: b'
	// - '2025-01-01'
	// - c
}
