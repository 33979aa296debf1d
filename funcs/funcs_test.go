package funcs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/meta"
)

// languageOf tells the language of a case by its extension.
func languageOf(t *testing.T, path string) funcs.Language {
	t.Helper()
	lang, ok := map[string]funcs.Language{
		".py": funcs.Python, ".js": funcs.JavaScript, ".jsx": funcs.JavaScript, ".ts": funcs.TypeScript, ".tsx": funcs.TypeScript,
		".sh": funcs.Shell, ".go": funcs.Go, ".rs": funcs.Rust, ".java": funcs.Java,
	}[filepath.Ext(path)]
	if !ok {
		t.Fatalf("%s: no language has this extension", path)
	}
	return lang
}

// cases returns the sources in testdata, by language a directory.
func cases(t testing.TB) []string {
	t.Helper()
	var paths []string
	for _, lang := range funcs.Languages() {
		found, err := filepath.Glob(filepath.Join("testdata", string(lang), "*"))
		if err != nil || len(found) < 2 {
			t.Fatalf("%d cases for %s, error %v", len(found), lang, err)
		}
		for _, path := range found {
			if !strings.HasSuffix(path, ".json") {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// An expected result is in the file beside each case: what Find says in full,
// and of what All finds the kind, name and line.
type expected struct {
	Tools       []funcs.Function   `json:"tools"`
	Diagnostics []funcs.Diagnostic `json:"diagnostics"`
	All         []outlined         `json:"all"`
}

type outlined struct {
	Name     string
	Kind     funcs.Kind
	Line     int
	Exported bool     `json:",omitempty"`
	Inputs   []string `json:",omitempty"`
	Outputs  []string `json:",omitempty"`
}

func TestCases(t *testing.T) {
	for _, path := range cases(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lang := languageOf(t, path)
			var got expected
			got.Tools, got.Diagnostics = funcs.Find(lang, src)
			all, _ := funcs.All(lang, src)
			for _, f := range all {
				got.All = append(got.All, outlined{qualified(f), f.Kind, f.Line, f.Exported, f.Inputs, f.Outputs})
			}
			text, err := json.MarshalIndent(got, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, path+".json", append(text, '\n'))
		})
	}
}

func TestParseLanguage(t *testing.T) {
	for _, l := range funcs.Languages() {
		if got, err := funcs.ParseLanguage(string(l)); got != l || err != nil {
			t.Errorf("ParseLanguage(%q) = %q, %v", l, got, err)
		}
	}
	if got, err := funcs.ParseLanguage("shell"); got != funcs.Shell || err != nil {
		t.Errorf("shell is %q, %v", got, err)
	}
	_, err := funcs.ParseLanguage("cobol")
	if !errors.Is(err, funcs.ErrLanguage) || !strings.Contains(err.Error(), "python, javascript") {
		t.Errorf("cobol: %v", err)
	}
	if all, diags := funcs.All("cobol", []byte("x")); len(all) != 0 || len(diags) != 1 || diags[0].Code != funcs.ErrLanguage.Code {
		t.Errorf("All of cobol: %v, %v", all, diags)
	}
}

func TestLimits(t *testing.T) {
	large := append([]byte("def f(): '@onex:function'\n"), make([]byte, funcs.MaxSource)...)
	if all, diags := funcs.All(funcs.Python, large); len(all) != 0 || len(diags) != 1 || diags[0].Code != funcs.ErrTooLarge.Code {
		t.Errorf("a large source: %d functions, %v", len(all), diags)
	}
	if _, diags := funcs.Find(funcs.Python, large); len(diags) != 1 || diags[0].Code != funcs.ErrTooLarge.Code {
		t.Errorf("a large source with the marker: %v", diags)
	}
	for lang, src := range map[funcs.Language]string{
		funcs.JavaScript: strings.Repeat("{", 2000), funcs.Java: "class A { {" + strings.Repeat("{", 2000),
		funcs.Rust: strings.Repeat("{", 2000), funcs.Shell: strings.Repeat("$(", 2000),
	} {
		_, diags := funcs.All(lang, []byte(src))
		if len(diags) == 0 || !strings.Contains(fmt.Sprint(diags), "more than 1000 brackets") {
			t.Errorf("%s: deep brackets: %v", lang, diags)
		}
	}
	_, diags := funcs.All(funcs.Python, []byte(strings.Repeat(")\n", 100)))
	if len(diags) != 20 {
		t.Errorf("%d diagnostics of a source with 100 mistakes", len(diags))
	}
}

// TestStampingMovesNoLine checks what the lines are counted from.
func TestStampingMovesNoLine(t *testing.T) {
	python, _ := filetype.Standard().Named("python")
	src := []byte("#!/usr/bin/env python3\n\ndef f():\n    '@onex:function'\n")
	stamped, err := python.WithBlock(src, meta.NewBlock(meta.Field{Key: meta.FieldName, Value: meta.String("f.py")}))
	if err != nil {
		t.Fatal(err)
	}
	var found [2][]funcs.Function
	for i, text := range [][]byte{src, stamped} {
		p, err := python.Split(text)
		if err != nil {
			t.Fatal(err)
		}
		found[i], _ = funcs.Find(funcs.Python, p.Body)
	}
	if diff := cmp.Diff(found[0], found[1]); diff != "" || len(found[0]) != 1 || found[0][0].Line != 2 {
		t.Errorf("%+v; stamped (-before +after):\n%s", found[0], diff)
	}
}
