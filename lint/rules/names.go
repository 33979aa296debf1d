package rules

import (
	"go/ast"
	"path"
	"regexp"
	"strings"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/lint"
)

func nameRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "N001", Name: "file-name", Set: lint.Onex, Level: lint.Warning, Files: []string{"*.py", "*.go"}, Project: fileNames, Doc: lint.Doc{
			Short: "a source file whose name is not in lower case with underscores",
			Why:   "A module is imported by its file name, and on some systems two names that differ in case are one file.",
			Bad:   "ModelBlock.py, model-block.py, ModelBlock.go",
			Good:  "model_block.py, modelblock.go",
		}},
		{ID: "N002", Name: "node-directory", Set: lint.Onex, Level: lint.Error, Files: []string{"node.onex.yaml"}, Project: nodeDirectory, Doc: lint.Doc{
			Short: "a node whose directory is not named after it",
			Why:   "Who reads the registry looks for the code by the node's name. A version below it, as in unit_converter/v1_0_0, counts as part of the directory.",
			Bad:   "nodes/conv/node.onex.yaml with name: unit_converter",
			Good:  "nodes/unit_converter/node.onex.yaml with name: unit_converter",
		}},
		{ID: "N003", Name: "manifest-name", Set: lint.Onex, Level: lint.Error, Files: []string{"*.yaml", "*.yml"}, Project: manifestNames, Doc: lint.Doc{
			Short: "a manifest or contract whose file is called otherwise",
			Why:   "Nodes are found by node.onex.yaml and contract.yaml, spelt exactly so. A file of another name is passed over without a word.",
			Bad:   "nodes/shout/node.onex.yml",
			Good:  "nodes/shout/node.onex.yaml",
		}},
		{ID: "N004", Name: "event-name", Set: lint.Onex, Level: lint.Warning, Files: []string{"*.py", "*.go"}, File: eventNames, Doc: lint.Doc{
			Short: "an event type that is not in capital letters",
			Why:   "Event types are compared as they are written. NODE_ANNOUNCE is one, node_announce is none, and is delivered to nobody.",
			Bad:   "event = {\"event_type\": \"node_announce\"}",
			Good:  "event = {\"event_type\": \"NODE_ANNOUNCE\"}",
		}},
	}
}

var (
	pythonName = regexp.MustCompile(`^_{0,2}[a-z][a-z0-9]*(_[a-z0-9]+)*_{0,2}\.py$`)
	goName     = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*\.go$`)
	eventForm  = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	eventLike  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$`)
	versionDir = regexp.MustCompile(`^v[0-9]+(_[0-9]+)*$`)
)

func fileNames(pass *lint.Pass) {
	for _, f := range pass.Files {
		base := path.Base(f.Path)
		form := pythonName
		if path.Ext(base) == ".go" {
			form = goName
		}
		if text := string(f.Data[:min(len(f.Data), 2)]); form.MatchString(base) || text == "#!" {
			continue
		}
		pass.Report(f, -1, "%s: want lower-case words joined by underscores", base)
	}
}

func nodeDirectory(pass *lint.Pass) {
	for _, f := range pass.Files {
		name, at := valueOf(document(f), "name")
		dir := path.Dir(f.Path)
		for versionDir.MatchString(path.Base(dir)) {
			dir = path.Dir(dir)
		}
		if base := path.Base(dir); at != nil && dir != "." && !sameName(base, name) {
			pass.Report(f, offsetOf(f, at), "node %s lies in %s", name, dir)
		}
	}
}

// sameName ignores what a language does not allow in the name of a directory, and
// the ending _node.
func sameName(dir, name string) bool {
	bare := strings.NewReplacer("_", "", "-", "")
	dir, name = bare.Replace(dir), bare.Replace(name)
	return dir == name || dir == name+"node" || dir+"node" == name
}

func manifestNames(pass *lint.Pass) {
	for _, f := range pass.Files {
		base := path.Base(f.Path)
		want := ""
		switch strings.ToLower(base) {
		case "node.onex.yml", "node_onex.yaml", "node-onex.yaml", "node.onex.yaml", "onex.node.yaml":
			want = "node.onex.yaml"
		case "contract.yml", "contracts.yaml":
			if _, ok := pass.Project.Beside(f, "node.onex.yaml"); ok {
				want = "contract.yaml"
			}
		}
		if want != "" && base != want {
			pass.Report(f, -1, "%s is found by nobody: it is to be called %s", base, want)
		}
	}
}

// eventNames looks at the values of event_type and EventType.
func eventNames(pass *lint.Pass) {
	if forTests(pass.File.Path) {
		return
	}
	check := func(offset int, value string) {
		if eventLike.MatchString(value) && !eventForm.MatchString(value) {
			pass.Report(pass.File, offset, "event type %q: want capital letters, as in %s", value, strings.ToUpper(value))
		}
	}
	if g := pass.File.Go(); g != nil && !g.Test {
		each(g.File, func(kv *ast.KeyValueExpr) {
			key, _ := text(kv.Key)
			if value, ok := text(kv.Value); ok && (key == "event_type" || isName(kv.Key, "EventType")) {
				check(g.Offset(kv.Value.Pos()), value)
			}
		})
	}
	statements(func(s statement) {
		for i, t := range s.line.Tokens {
			key := s.text(i)
			if t.Kind == funcs.Text {
				_, key = literal(key)
			}
			if key == "event_type" && s.isAny(i+1, ":", "=") && s.kind(i+2) == funcs.Text {
				_, value := literal(s.text(i + 2))
				check(s.line.Tokens[i+2].From, value)
			}
		}
	})(pass)
}
