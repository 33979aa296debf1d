package stamp_test

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/stamp"
)

const tool = "def %s(a: int) -> str:\n    \"\"\"Does it.\n\n    @onex:function\n    @raises BAD\n    \"\"\"\n    return ''\n"

func named(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(strings.ReplaceAll(tool, "%s", n))
	}
	return b.String()
}

// discovering returns options that look for functions.
func discovering(o *stamp.Options, lines bool) *stamp.Options {
	o.Functions = &funcs.Options{Lines: lines}
	return o
}

// rewritten replaces a text of a file.
func rewritten(t *testing.T, dir, text, old, new string) string {
	t.Helper()
	out := strings.Replace(text, old, new, 1)
	if out == text {
		t.Fatalf("%q is not in\n%s", old, text)
	}
	write(t, dir, "a.py", out)
	return out
}

func TestFunctionsAreWrittenIntoTools(t *testing.T) {
	root := project(t, map[string]string{"a.py": named("zeta", "alpha") + "\n\ndef plain():\n    pass\n"})
	mustApply(t, root, discovering(options(day1), false))
	text := read(t, root, "a.py")
	want := `# tools:
#   alpha:
#     type: function
#     language: python
#     description: Does it.
#     inputs:
#     - 'a: int'
#     outputs:
#     - str
#     error_codes:
#     - BAD
#     side_effects: []
#   zeta:
`
	if !strings.Contains(text, want) || strings.Contains(text, "#   plain:") || strings.Contains(text, "line:") {
		t.Errorf("%s\nwant in it\n%s", text, want)
	}
	if r := mustApply(t, root, discovering(options(day2), false)); r.Summary[stamp.Keep] != 1 || read(t, root, "a.py") != text {
		t.Errorf("the second time: %v", r.Summary)
	}
	if r := mustApply(t, root, options(day2)); r.Summary[stamp.Keep] != 1 {
		t.Errorf("without looking for functions: %v", r.Summary)
	}

	// One is gone, one is new; by a run that does not look they stay.
	rewritten(t, root.Name(), text, "def zeta(", "def omega(")
	mustApply(t, root, options(day2))
	if text = read(t, root, "a.py"); !strings.Contains(text, "#   zeta:") {
		t.Errorf("a run that does not look for functions took one out:\n%s", text)
	}
	mustApply(t, root, discovering(options(day2), false))
	if text = read(t, root, "a.py"); strings.Contains(text, "zeta") || !strings.Contains(text, "#   omega:") {
		t.Errorf("zeta stays, or omega is not there:\n%s", text)
	}
	rewritten(t, root.Name(), strings.ReplaceAll(text, "@onex:function", ""), "def omega(", "def o(")
	mustApply(t, root, discovering(options(day2), false))
	if text = read(t, root, "a.py"); strings.Contains(text, "tools:") || strings.Contains(text, "x_extensions:") {
		t.Errorf("something is left:\n%s", text)
	}
}

func TestToolsThatPeopleWroteStay(t *testing.T) {
	root := project(t, map[string]string{"a.py": named("alpha", "beta")})
	mustApply(t, root, options(day1))
	text := read(t, root, "a.py")
	rewritten(t, root.Name(), text, "# === /OmniNode", "# tools:\n#   mine:\n#     type: function\n#     language: python\n#     description: by hand\n#   beta:\n#     description: by hand, too\n# x_extensions:\n#   team: red\n# === /OmniNode")
	mustApply(t, root, discovering(options(day1), false))
	text = read(t, root, "a.py")
	for _, want := range []string{"#     description: by hand\n", "#     description: by hand, too\n", "#   alpha:\n", "#   team: red\n"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, text)
		}
	}
	rewritten(t, root.Name(), strings.ReplaceAll(text, "@onex:function", ""), "def alpha", "def a")
	mustApply(t, root, discovering(options(day2), false))
	if text = read(t, root, "a.py"); !strings.Contains(text, "#   mine:") || !strings.Contains(text, "#   beta:") || !strings.Contains(text, "team: red") || strings.Contains(text, "alpha") {
		t.Errorf("what people wrote is gone, or alpha stays:\n%s", text)
	}
}

func TestLinesOfFunctionsDoNotMoveByStamping(t *testing.T) {
	root := project(t, map[string]string{"a.py": "#!/usr/bin/env python3\n\n\n" + named("alpha")})
	mustApply(t, root, discovering(options(day1), true))
	text := read(t, root, "a.py")
	if !strings.Contains(text, "#     line: 3\n") {
		t.Errorf("alpha is not in line 3 of the body:\n%s", text)
	}
	if r := mustApply(t, root, discovering(options(day2), true)); r.Summary[stamp.Keep] != 1 {
		t.Errorf("the second time: %v", r.Summary)
	}
	if r, err := stamp.Check(t.Context(), root, nil); err != nil || !r.OK() {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestASyntaxErrorIsADiagnostic(t *testing.T) {
	root := project(t, map[string]string{"a.py": named("alpha") + "\n\nx = '''open\n"})
	r := mustApply(t, root, discovering(options(day1), false))
	if r.Status != stamp.Success || len(r.Files) == 0 || len(r.Files[0].Diagnostics) == 0 {
		t.Errorf("%+v", r)
	}
}

func TestFunctionsInEveryForm(t *testing.T) {
	for _, form := range []filetype.Form{filetype.Compact, filetype.Detached} {
		root := project(t, map[string]string{"a.py": named("alpha")})
		o := discovering(options(day1), false)
		o.Form = form
		o.Paths = []string{"a.py"}
		mustApply(t, root, o)
		if text := read(t, root, ".onex.yaml"); !strings.Contains(text, "    alpha:\n") {
			t.Errorf("%s: %s", form, text)
		}
		o = discovering(options(day2), false)
		o.Paths = []string{"a.py"}
		if r := mustApply(t, root, o); r.Summary[stamp.Keep] != 1 {
			t.Errorf("%s, the second time: %v", form, r.Summary)
		}
	}
}
