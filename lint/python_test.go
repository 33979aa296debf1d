package lint_test

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

// TestDef holds what is read of a line as the statement def, written again: name,
// parameters, type of the result.
func TestDef(t *testing.T) {
	for text, want := range map[string]string{
		"def f(): pass":             "f()",
		"async def f(a, *, b): ...": "f(a, b)",
		"def f(a: int = 3, *args: str, **kw) -> list[int]:":       "f(a: int = 3, args: str, kw) -> list[int]",
		"def f[T: (int, str)](a: dict[str, T], b=g(1, 2)):":       "f(a: dict[str,T], b = g(1,2))",
		"def f(a,\n      b='):',  # a comment, (\n      /, c=1):": "f(a, b = '):', c = 1)",
		"def f(a, key=lambda x, y: (x, y)):":                      "f(a, key = lambdax,y:(x,y))",
		"def f(k=lambda x, y=lambda: 1, z=2: x, b=1):":            "f(k = lambdax,y=lambda:1,z=2:x, b = 1)",
		"def f(a) -> {'x': 1}['x']: return a":                     "f(a) -> {'x':1}['x']",
		"def f(a":                                                 "",
		"def f:":                                                  "",
		"def":                                                     "",
		"f(a)":                                                    "",
		"'def' f(a):":                                             "",
		"def f(a) -> int":                                         "",
	} {
		f := lint.NewFile("a.py", text+"\n").Python()
		got := ""
		if d, ok := f.Def(f.Statements()[0]); ok {
			got = written(f, d)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func written(f *lint.PythonFile, d lint.Def) string {
	join := func(tokens []funcs.Token) string {
		var b strings.Builder
		for _, t := range tokens {
			b.WriteString(f.Text(t))
		}
		return b.String()
	}
	var params []string
	for _, p := range d.Params {
		text := p.Name
		if len(p.Type) > 0 {
			text += ": " + join(p.Type)
		}
		if len(p.Default) > 0 {
			text += " = " + join(p.Default)
		}
		params = append(params, text)
	}
	text := d.Name + "(" + strings.Join(params, ", ") + ")"
	if len(d.Result) > 0 {
		text += " -> " + join(d.Result)
	}
	return text
}

func TestStatementsAndTheirBodies(t *testing.T) {
	f := lint.NewFile("a.pyi", `# first
def f(
    a,
):
    # only a comment
    if a:
        return "def"

    return 1
x = 2
`).Python()
	lines := f.Statements()
	want := []struct {
		first string
		body  int
	}{{"def", 3}, {"if", 1}, {"return", 0}, {"return", 0}, {"x", 0}}
	if len(lines) != len(want) {
		t.Fatalf("%d statements, want %d", len(lines), len(want))
	}
	for i, w := range want {
		if !f.Is(lines[i], 0, w.first) || lint.Body(lines, i) != w.body {
			t.Errorf("statement %d: %q with %d below, want %q with %d", i, f.Text(lines[i].Tokens[0]), lint.Body(lines, i), w.first, w.body)
		}
	}
	if f.Is(lines[2], 1, `"def"`) || f.Is(lines[0], -1, "def") || f.Is(lines[0], 99, "def") {
		t.Error("a string, or no token, is taken for a word")
	}
	if lint.NewFile("a.txt", "x = 2").Python() != nil {
		t.Error("a text is taken for Python")
	}
}
