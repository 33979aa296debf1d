package meta_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/meta"
)

const sampleManifest = `# Metadata of the files in this directory. Written by onex stamp.
'123':
  name: '123'
  description: |
    one

    two
a b.csv:
  uuid: 9f0e2c4e-5a35-4cbd-8f3c-0a1b2c3d4e5f
  tags:
  - x
  x_own:
    deep: y
"tab\there":
  name: z
`

func TestManifest(t *testing.T) {
	m, err := meta.ParseManifest([]byte(sampleManifest))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"123", "a b.csv", "tab\there"}, m.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(sampleManifest, string(m.Print())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b, err := m.Block("a b.csv")
	if err != nil || b.UUID() != "9f0e2c4e-5a35-4cbd-8f3c-0a1b2c3d4e5f" || len(b.Tags()) != 1 {
		t.Errorf("%v, %v", b, err)
	}
	c := m.Clone()
	c.Delete("a b.csv")
	c.Set("new.png", b)
	if got := strings.Join(c.Names(), " "); got != "123 new.png tab\there" || !m.Has("a b.csv") {
		t.Errorf("names %q", got)
	}
	if b, err := m.Block("none"); err != nil || b.Len() != 0 || m.Has("none") {
		t.Errorf("no entry: %v, %v", b, err)
	}
	if empty, err := meta.ParseManifest([]byte("\ufeff---\r\n# nothing\r\n\r\n")); err != nil || len(empty.Names()) != 0 || len(empty.Print()) == 0 {
		t.Errorf("empty: %q, %v", empty.Print(), err)
	}
	if crlf, err := meta.ParseManifest([]byte(strings.ReplaceAll(sampleManifest, "\n", "\r\n"))); err != nil || string(crlf.Print()) != sampleManifest {
		t.Errorf("CRLF: %q, %v", crlf.Print(), err)
	}
}

func TestManifestRefuses(t *testing.T) {
	for what, text := range map[string]string{
		"conflict": "a:\n  uuid: x\n<<<<<<< HEAD\n", "twice": "a:\n  k: v\na:\n", "path": "a/b:\n", "no mapping": "- a\n", "indented": "  a: b\n", "value": "a: b\n",
	} {
		var at *meta.SyntaxError
		if _, err := meta.ParseManifest([]byte(text)); !errors.Is(err, meta.ErrParse) || !errors.As(err, &at) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What is printed is read again, by us and by others.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(sampleManifest))
	f.Add([]byte("a:\n  k: |\n    text\n\n    more\nb:\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := meta.ParseManifest(text)
		if err != nil {
			return
		}
		again, err := meta.ParseManifest(m.Print())
		if err != nil {
			t.Fatalf("%v\n%s", err, m.Print())
		}
		if diff := cmp.Diff(m.Names(), again.Names()); diff != "" {
			t.Fatal(diff)
		}
		for _, name := range m.Names() {
			b, err := m.Block(name)
			if err != nil {
				continue
			}
			m.Set(name, b)
			if c, err := again.Block(name); err != nil || !b.Equal(c) {
				t.Fatalf("%q: %v\n%s", name, err, meta.Print(b))
			}
		}
		var keys map[string]yaml.Node
		for _, name := range m.Names() {
			if _, err := m.Block(name); err != nil {
				return // what is in it is not ours
			}
		}
		if err := yaml.Unmarshal(m.Print(), &keys); err != nil || len(keys) != len(m.Names()) {
			t.Fatalf("yaml: %d keys of %d, %v\n%s", len(keys), len(m.Names()), err, m.Print())
		}
	})
}
