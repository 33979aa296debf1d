package event_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
)

// declaredKinds reads the constants of type Kind from the source, so that one
// which is forgotten in a table is found.
func declaredKinds(t *testing.T) []event.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []event.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "Kind" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, event.Kind(text))
		}
		return true
	})
	slices.Sort(kinds)
	if len(kinds) < 40 {
		t.Fatalf("found only %d kinds in the source: the test looks in the wrong place", len(kinds))
	}
	return kinds
}

func TestEveryKindIsInEveryTable(t *testing.T) {
	declared := declaredKinds(t)
	var structs []event.Kind
	for _, p := range payloads {
		structs = append(structs, p.Kind())
	}
	slices.Sort(structs)
	if diff := cmp.Diff(declared, structs); diff != "" {
		t.Errorf("payload structs (-declared +have):\n%s", diff)
	}
	if diff := cmp.Diff(declared, event.Kinds()); diff != "" {
		t.Errorf("kinds whose class is decided exactly once (-declared +have):\n%s", diff)
	}
}

func TestEveryKindSurvivesTheWire(t *testing.T) {
	for _, p := range payloads {
		t.Run(string(p.Kind()), func(t *testing.T) {
			sent := full(p)
			first := encode(t, sent)
			received := decode(t, first)
			if diff := cmp.Diff(sent, received); diff != "" {
				t.Errorf("changed by a round trip (-sent +received):\n%s", diff)
			}
			if second := encode(t, received); second != first {
				t.Errorf("encoded differently the second time\n first %s\nsecond %s", first, second)
			}
			if err := received.Validate(); err != nil {
				t.Errorf("a decoded event is not valid: %v", err)
			}
		})
	}
}

func TestEveryKindIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range event.Kinds() {
		class := "ephemeral"
		if k.Durable() {
			class = "durable"
		}
		if want := "### `" + string(k) + "` (" + class + ")"; !strings.Contains(string(page), want+"\n") {
			t.Errorf("docs/events.md has no heading %q", want)
		}
	}
}
