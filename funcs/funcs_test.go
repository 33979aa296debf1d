package funcs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/golden"
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
