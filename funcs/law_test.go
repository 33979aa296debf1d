package funcs_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/funcs"
)

func fuzz(f *testing.F, lang funcs.Language) {
	for _, path := range cases(f) {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		all, diags := funcs.All(lang, src)
		tools, found := funcs.Find(lang, src)
		if !bytes.Equal(before, src) {
			t.Fatal("the source was changed")
		}
		lines := 1 + bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r"))
		last := 1
		for _, f := range all {
			if f.Name == "" || f.Line < last || f.Line > lines || f.Language != lang {
				t.Errorf("%+v after line %d of %d", f, last, lines)
			}
			last = f.Line
		}
		for _, d := range append(diags, found...) {
			if d.Line < 1 || d.Line > lines || d.Column < 1 || d.Message == "" || !d.Code.Valid() {
				t.Errorf("%+v of %d lines", d, lines)
			}
		}
		for _, tool := range tools {
			if !tool.Marked || !hasFunction(all, tool) {
				t.Errorf("%+v is not among all", tool)
			}
		}
	})
}

func hasFunction(all []funcs.Function, f funcs.Function) bool {
	for _, other := range all {
		if cmp.Equal(f, other) {
			return true
		}
	}
	return false
}

func FuzzPython(f *testing.F)     { fuzz(f, funcs.Python) }
func FuzzJavaScript(f *testing.F) { fuzz(f, funcs.JavaScript) }
func FuzzTypeScript(f *testing.F) { fuzz(f, funcs.TypeScript) }
func FuzzShell(f *testing.F)      { fuzz(f, funcs.Shell) }
func FuzzGo(f *testing.F)         { fuzz(f, funcs.Go) }
func FuzzRust(f *testing.F)       { fuzz(f, funcs.Rust) }
func FuzzJava(f *testing.F)       { fuzz(f, funcs.Java) }

// TestTimeIsLinear gives each scanner what it opens, tries or looks ahead for,
// many times. A scanner that reads ahead anew each time would need hours.
func TestTimeIsLinear(t *testing.T) {
	pieces := []string{
		"(", "[", "{", "<", "\"", "'", "`", "f\"{", "/", "/[", "/*", "//\n", "${", "$(", "$((", "<<a\n", "`${", "<a ", "<a>", "</a", "a<",
		"def a(", "class A", "class<", "function a<", "function a(", "a=(a:", "a:(", "x={a(", "?a:", "@a(", "type a=", "fn a<", "fn a(", "impl<", "a!(", "r#", "r#\"", "'a", "new A<", "new A(",
		"enum A{", "class A{a<", "@interface A{", "case a in ", "a() {", "function a {", "\"\"\"", "\\\n", "async ", "static ", "interface A<", "a as ", "const a:", "\\N{", "#[", "pub(", "}", ")", "=>",
	}
	for _, lang := range funcs.Languages() {
		if lang == funcs.Go {
			continue // its parser is not ours
		}
		for _, piece := range pieces {
			for _, prefix := range []string{"", "class A {", "impl A {"} {
				start := time.Now()
				funcs.All(lang, []byte(prefix+strings.Repeat(piece, 50_000/len(piece))))
				if spent := time.Since(start); spent > 100*time.Millisecond {
					t.Logf("%s: %q many times: %v", lang, prefix+piece, spent)
				}
			}
		}
	}
}

// TestGoroot reads all of Go's own source, which its parser reads, too.
func TestGoroot(t *testing.T) {
	if os.Getenv("ONEX_TEST_GO_SOURCES") == "" {
		t.Skip("ONEX_TEST_GO_SOURCES names no directory")
	}
	count := 0
	for _, path := range sources(t, corpus(t, "ONEX_TEST_GO_SOURCES", "testdata/go"), ".go") {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution); err != nil {
			continue
		}
		all, diags := funcs.All(funcs.Go, src)
		count += len(all)
		if len(diags) > 0 {
			t.Errorf("%s: %v", path, diags)
		}
	}
	t.Logf("%d functions", count)
}
