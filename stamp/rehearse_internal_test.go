package stamp

import (
	"bytes"
	"errors"
	"testing"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// TestEachStepCatchesItsMutant breaks the file type python in one way at a time,
// and wants the step that looks for it to fail, and no other.
func TestEachStepCatchesItsMutant(t *testing.T) {
	types := filetype.Standard()
	python, _ := types.Named("python")
	sample := Sample{"canary.py", "#!/usr/bin/env python3\ndef f():\n    return 1\n"}
	rewrite := func(change func(out []byte) []byte) func(*surgeon) {
		return func(s *surgeon) {
			s.withBlock = func(src []byte, b meta.Block) ([]byte, error) {
				out, err := python.WithBlock(src, b)
				return change(out), err
			}
		}
	}
	runs := 0
	for step, mutate := range map[Step]func(*surgeon){
		"": func(*surgeon) {},
		Stamped: func(s *surgeon) {
			s.withBlock = func([]byte, meta.Block) ([]byte, error) { return nil, errors.New("no") }
		},
		ReadBack: rewrite(func(out []byte) []byte {
			return bytes.Replace(out, []byte("# owner: "), []byte("# owner: not "), 1)
		}),
		Hashed: rewrite(func(out []byte) []byte { return bytes.Replace(out, []byte("return 1"), []byte("return 2"), 1) }),
		Idempotent: rewrite(func(out []byte) []byte {
			runs++
			return append(out, bytes.Repeat([]byte("\n"), runs)...) // blank ends are not in the hash
		}),
		Unchanged: rewrite(func(out []byte) []byte { return append(bytes.TrimRight(out, "\n"), "\n\n\n"...) }),
	} {
		with := surgeon{python.Split, python.WithBlock, python.Strip}
		mutate(&with)
		if got := rehearse(types, python, with, sample); got.Failed != step || (got.Err() == nil) != (step == "") {
			t.Errorf("the mutant for step %q fails at %q: %v", step, got.Failed, got.Err())
		}
	}
	if got := Rehearse(types, python, Sample{"canary.go", sample.Text}); got.Failed != Recognised {
		t.Errorf("the wrong name fails at %q", got.Failed)
	}
}

// TestMeaningIsComparedWhereItCanBe gives each language a file type whose block is
// no comment in it, or one that is part of something else.
func TestMeaningIsComparedWhereItCanBe(t *testing.T) {
	for name, tt := range map[string]struct{ before, after string }{
		"go":         {"// Package a.\npackage a\n", "// onex\n// Package a.\npackage a\n"},
		"yaml":       {"a: 1\n", "onex: 2\na: 1\n"},
		"xml":        {"<a>x</a>", "<a>y</a>"},
		"python":     {"def f():\n    return 1\n", "'''onex\ndef f():\n    return 1\n"},
		"javascript": {"function f() { return 1 }\n", "/* onex\nfunction f() { return 1 }\n"},
		"shell":      {"f() { :; }\n", "g() { :; }\nf() { :; }\n"},
		"rust":       {"fn f() {}\n", "/* onex\nfn f() {}\n"},
		"java":       {"class A { void f() {} }\n", "class A { void f() {} void g() {} }\n"},
	} {
		if err := sameMeaning(name, []byte(tt.before), []byte(tt.before)); err != nil {
			t.Errorf("%s: the same: %v", name, err)
		}
		if err := sameMeaning(name, []byte(tt.before), []byte(tt.after)); err == nil {
			t.Errorf("%s: %q is taken for the same as %q", name, tt.after, tt.before)
		}
		if err := sameMeaning(name, []byte(tt.after), []byte(tt.before)); err == nil {
			t.Errorf("%s: %q is taken for the same as %q", name, tt.before, tt.after)
		}
	}
	if err := sameMeaning("latex", []byte("a"), []byte("b")); err != nil {
		t.Errorf("a language without a parser here: %v", err)
	}
}
