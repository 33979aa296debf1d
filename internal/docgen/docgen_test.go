package docgen_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
	"github.com/omninode-ai/onex/internal/docgen"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/milestone"
)

// TestGeneratedFilesAreFresh compares every generated file with what source
// says now. Run it with -update, or run make docs, to rewrite them.
func TestGeneratedFilesAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	m, err := gosource.Load(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(root, "docs", "milestone-1.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := milestone.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	files, err := docgen.Files(m, list)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		golden.Check(t, filepath.Join(root, filepath.FromSlash(f.Name)), f.Data)
	}
}

func faults(t *testing.T, archive string) ([]catalogue.Entry, error) {
	t.Helper()
	dir := t.TempDir()
	files := append(txtar.Parse([]byte(archive)).Files, txtar.File{Name: "go.mod", Data: []byte("module example.com/m\n")})
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, err := gosource.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return docgen.Faults(m)
}

func TestFaults(t *testing.T) {
	got, err := faults(t, `
-- a/natsbus/errors.go --
package natsbus

// ErrLost is returned when [Bus.Next] has no
// connection.
//
// It is safe to retry.
var ErrLost = fault.New("ONEX_BUS_002_LOST", fault.Unavailable, "the bus "+
	"is lost").Hinted("wait, " +
	"then retry")

var other = errors.New("x").Error()
-- a/natsbus/errors_test.go --
package natsbus

var errTest = fault.New("ONEX_BUS_002_AGAIN", fault.Internal, "in a test")
-- fault/fault.go --
package fault

var (
	// ErrA: something happens.
	ErrA = New("ONEX_BUS_001_A", NotFound, "a").Hinted("use " + version)
	b    = 3
)

const version = "1.0"
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []catalogue.Entry{
		{Code: "ONEX_BUS_001_A", Class: fault.NotFound, Text: "a", Hint: "use 1.0", Doc: "Something happens.", Go: "fault.ErrA"},
		{Code: "ONEX_BUS_002_LOST", Class: fault.Unavailable, Text: "the bus is lost", Hint: "wait, then retry", Go: "natsbus.ErrLost",
			Doc: "This error is returned when Bus.Next has no connection.\n\nIt is safe to retry."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFaultsRefuses(t *testing.T) {
	const head = "-- a.go --\npackage a\n\n"
	for _, tt := range []struct{ name, source, want string }{
		{"no comment", `var E = fault.New("ONEX_A_001_B", fault.Invalid, "x")`, "no comment says when"},
		{"a malformed code", "// E is.\n" + `var E = fault.New("ONEX_A_1_B", fault.Invalid, "x")`, `malformed code "ONEX_A_1_B"`},
		{"an unknown class", "// E is.\n" + `var E = fault.New("ONEX_A_001_B", fault.Odd, "x")`, "unknown class"},
		{"a computed text", "// E is.\n" + `var E = fault.New("ONEX_A_001_B", fault.Invalid, text)`, "must be literals"},
		{"a computed hint", "// E is.\n" + `var E = fault.New("ONEX_A_001_B", fault.Invalid, "x").Hinted(hint)`, "hint must be a literal"},
		{"missing arguments", "// E is.\n" + `var E = fault.New("ONEX_A_001_B")`, "with 1 arguments"},
		{"a declaration in a function", `func f() error { return fault.New("ONEX_A_001_B", fault.Invalid, "x") }`, "outside the declaration"},
		{"a code used twice", "// E is.\n" + `var E = fault.New("ONEX_A_001_B", fault.Invalid, "x")` + "\n// F is.\n" +
			`var F = fault.New("ONEX_A_001_B", fault.Invalid, "y")`, "ONEX_A_001 is used twice"},
		{"a number used twice", "// E is.\n" + `var E = fault.New("ONEX_A_001_B", fault.Invalid, "x")` + "\n// F is.\n" +
			`var F = fault.New("ONEX_A_001_C", fault.Invalid, "y")`, "ONEX_A_001 is used twice: ONEX_A_001_B (a.E) and ONEX_A_001_C (a.F)"},
	} {
		_, err := faults(t, head+tt.source+"\n")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
