package rules

import (
	"slices"
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func pythonNames() []*lint.Rule {
	return []*lint.Rule{
		{ID: "P004", Name: "redefined", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: statements(redefined), Doc: lint.Doc{
			Short: "a function or method that another of the same name replaces",
			Why:   "Only the last one is there: the first never runs. Of two tests with one name, one is never run.",
			Bad:   "def test_add():\n    assert add(1, 1) == 2\n\ndef test_add():\n    assert add(2, 2) == 4",
			Good:  "def test_add_ones():\n    assert add(1, 1) == 2\n\ndef test_add_twos():\n    assert add(2, 2) == 4",
		}},
		{ID: "P013", Name: "missing-export", Set: lint.Default, Level: lint.Error, Files: pythonFiles, File: missingExport, Doc: lint.Doc{
			Short: "a name in __all__ that the module does not have",
			Why:   "from module import * fails with an AttributeError.",
			Bad:   "__all__ = [\"load\", \"store\"]\n\ndef load():\n    ...",
			Good:  "__all__ = [\"load\"]\n\ndef load():\n    ...",
		}},
	}
}

// redefined looks for a later definition in the same block that nothing decorates.
func redefined(s statement) {
	d, ok := s.Def(s.line)
	if !ok || d.Name == "_" || s.decorated(s.i) || !s.plainBlock() {
		return
	}
	for j := s.i + 1; j < len(s.lines) && s.lines[j].Indent >= s.line.Indent; j++ {
		l := s.lines[j]
		if l.Indent > s.line.Indent {
			if s.usedInBlock(j, d.Name) {
				return
			}
			continue
		}
		later := statement{s.PythonFile, s.pass, s.lines, j, l}
		if other, ok := s.Def(l); ok && other.Name == d.Name {
			if !s.decorated(j) && !slices.ContainsFunc(l.Tokens[other.At+1:], later.says(d.Name)) {
				s.at(d.At, "%s is defined again in line %d, and this one is lost", d.Name, s.lineOf(j))
			}
			return
		}
		if slices.ContainsFunc(l.Tokens, later.says(d.Name)) {
			return // it is used, or removed, before it is replaced
		}
	}
}

func (s statement) says(name string) func(funcs.Token) bool {
	return func(t funcs.Token) bool { return t.Kind == funcs.Word && s.Text(t) == name }
}

// usedInBlock reports whether line j, which is deeper than s, uses name where it
// runs before the redefinition: not in a function.
func (s statement) usedInBlock(j int, name string) bool {
	if !slices.ContainsFunc(s.lines[j].Tokens, s.says(name)) {
		return false
	}
	depth := s.lines[j].Indent
	for k := j - 1; k > s.i; k-- {
		if s.lines[k].Indent < depth {
			depth = s.lines[k].Indent
			if (statement{PythonFile: s.PythonFile, line: s.lines[k]}).isAny(0, "def", "async") {
				return false
			}
		}
	}
	return depth == s.line.Indent
}

// decorated reports whether a decorator stands above lines[i].
func (s statement) decorated(i int) bool {
	return i > 0 && s.lines[i-1].Indent == s.lines[i].Indent && s.Is(s.lines[i-1], 0, "@")
}

// plainBlock reports whether the statement is in a module or a class, not under a
// condition.
func (s statement) plainBlock() bool {
	depth := s.line.Indent
	for j := s.i - 1; j >= 0 && depth > 0; j-- {
		if s.lines[j].Indent >= depth {
			continue
		}
		depth = s.lines[j].Indent
		if !s.Is(s.lines[j], 0, "class") {
			return false
		}
	}
	return true
}

// missingExport keeps silent where names come from elsewhere.
func missingExport(pass *lint.Pass) {
	py := pass.File.Python()
	if py == nil || !strings.Contains(string(pass.File.Data), "__all__") {
		return
	}
	names := map[string]bool{}
	var exports []funcs.Token
	for _, line := range py.Statements() {
		s := statement{PythonFile: py, line: line}
		if line.Indent == 0 && s.is(0, "__all__") {
			if !s.isAny(1, "=", "+=") || !s.isAny(2, "[", "(") || s.Closing(line, 2) != len(line.Tokens)-1 {
				return
			}
			for _, part := range s.Split(line, 3, len(line.Tokens)-1) {
				if part[1]-part[0] != 1 || s.kind(part[0]) != funcs.Text {
					return
				}
				exports = append(exports, line.Tokens[part[0]])
			}
			continue
		}
		for i, t := range line.Tokens {
			word := py.Text(t)
			if s.is(i, "import") && s.is(i+1, "*") || t.Kind == funcs.Word &&
				slices.Contains([]string{"__all__", "__getattr__", "globals", "vars", "locals", "setattr", "exec", "modules", "__dict__"}, word) {
				return
			}
			if t.Kind == funcs.Word {
				names[word] = true
			}
		}
	}
	for _, t := range exports {
		_, name := literal(py.Text(t))
		if !names[name] && !submodule(pass, name) && !strings.HasPrefix(name, "__") {
			pass.Report(pass.File, t.From, "__all__ names %q, which the module does not have", name)
		}
	}
}

// submodule reports whether a package has a module of that name.
func submodule(pass *lint.Pass, name string) bool {
	if !strings.HasSuffix(pass.File.Path, "__init__.py") {
		return false
	}
	_, module := pass.Project.Beside(pass.File, name+".py")
	_, pkg := pass.Project.Beside(pass.File, name+"/__init__.py")
	return module || pkg || pass.Project.HasDir(pass.File, name)
}
