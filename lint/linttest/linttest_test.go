package linttest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/linttest"
)

// recorder is a testing.TB that remembers what is wrong.
type recorder struct {
	testing.TB
	wrong []string
}

func (r *recorder) Helper() {}

func (r *recorder) Error(args ...any) { r.wrong = append(r.wrong, fmt.Sprint(args...)) }

// finder returns a rule that finds each of the words, at the start of a file.
func finder(words ...string) *lint.Rule {
	return &lint.Rule{
		ID: "T001", Name: "finder", Set: lint.Default, Level: lint.Error,
		Doc: lint.Doc{Short: "s", Why: "w", Bad: "b", Good: "g"}, Files: []string{"*.txt"},
		File: func(p *lint.Pass) {
			for _, w := range words {
				if strings.HasPrefix(string(p.File.Data), w) {
					p.Report(p.File, 0, "found %s", w)
				}
			}
		},
	}
}

// TestRun holds that a rule which does right passes, and that each thing that is
// wrong with another is an error of its own.
func TestRun(t *testing.T) {
	for name, tt := range map[string]struct {
		rule  *lint.Rule
		dir   string
		wrong []string
	}{
		"right":        {finder("one"), "testdata", nil},
		"too little":   {finder(), "testdata", []string{`T001: not found: bad.txt:1: "found one"`}},
		"too much":     {finder("one", "two"), "testdata", []string{"found and not wanted: fine.txt:1:1: error: found two [T001]"}},
		"both":         {finder("two"), "testdata", []string{"found and not wanted: fine.txt:1:1: error: found two [T001]", `T001: not found: bad.txt:1: "found one"`}},
		"no such data": {finder("one"), "nowhere", []string{"lstat nowhere: no such file or directory"}},
	} {
		r := &recorder{TB: t}
		linttest.Run(r, tt.rule, tt.dir)
		if strings.Join(r.wrong, "\n") != strings.Join(tt.wrong, "\n") {
			t.Errorf("%s: wrong is %q, want %q", name, r.wrong, tt.wrong)
		}
	}
}
