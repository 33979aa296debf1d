package nodemanager_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/nodes/nodemanager"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/node"
)

// withGreeter is a project with a new node, changed as told.
func withGreeter(t *testing.T, changes map[string]func(string) string) nodemanager.Manager {
	t.Helper()
	m := project(t, map[string]string{"project.onex.yaml": owned})
	if _, err := m.Generate(t.Context(), shell("greeter")); err != nil {
		t.Fatal(err)
	}
	for name, change := range changes {
		path := filepath.Join(m.Root, "greeter", name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if text := change(string(data)); text == "" {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func swap(old, with string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, with, 1) }
}

func gone(string) string { return "" }

// TestWhatIsWrongIsFound shows nodes that are wrong in one way each: first it is said,
// then it is mended, then nothing is left.
func TestWhatIsWrongIsFound(t *testing.T) {
	type changes = map[string]func(string) string
	for _, tt := range []struct {
		name    string
		changes changes
		change  string // part of a change
		problem string // part of a problem
	}{
		{"healthy", nil, "", ""},
		{"changed since it was stamped", changes{"main.sh": func(s string) string { return s + "\n# more\n" }}, "greeter/main.sh update its metadata is modified", ""},
		{"not stamped", changes{"README.md": func(string) string { return "# new\n" }}, "greeter/README.md update its metadata is unstamped", ""},
		{"no identity", changes{"node.onex.yaml": func(s string) string { return s[:strings.Index(s, "\nuuid:")] + s[strings.Index(s, "\ndescription:"):] }}, "greeter/node.onex.yaml update it had no identity", ""},
		{"another version", changes{"node.onex.yaml": swap("version: 0.1.0", "version: 0.2.0")}, "greeter/contract.yaml update node_version was 0.1.0, and the manifest says 0.2.0", ""},
		{"another name", changes{"contract.yaml": swap("node_name: greeter", "node_name: greter")}, "greeter/contract.yaml update node_name was greter", ""},
		{"no contract", changes{"contract.yaml": gone}, "greeter/contract.yaml create there was none", "the tool has no examples"},
		{"not executable", changes{"node.onex.yaml": swap("[sh, main.sh]", "[./main.sh]"), "main.sh": func(s string) string { return s }}, "greeter/node.onex.yaml", ""},
		{"no program", changes{"node.onex.yaml": swap("[sh, main.sh]", "[./other.sh]")}, "", `its program "./other.sh" is not there`},
		{"no interpreter", changes{"node.onex.yaml": swap("[sh, main.sh]", "[no-such-interpreter, main.sh]")}, "", `"no-such-interpreter" is not installed`},
		{"broken manifest", changes{"node.onex.yaml": func(s string) string { return s + "comand: x\n" }}, "", `did you mean "command"`},
		{"broken contract", changes{"contract.yaml": func(s string) string { return s + "tols: {}\n" }}, "", `unknown key "tols"`},
		{"no examples", changes{"contract.yaml": func(s string) string { return s[:strings.Index(s, "    examples:")] }}, "", "has no examples"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := withGreeter(t, tt.changes)
			if tt.name == "not executable" {
				if err := os.Chmod(filepath.Join(m.Root, "greeter/main.sh"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var planned nodemanager.Report
			unchanged(t, m.Root, nil, func() (err error) {
				planned, err = m.FixHealth(t.Context(), nodemanager.Select{})
				return err
			})
			if text := changesOf(planned); !strings.Contains(text, tt.change) || (tt.change == "" && tt.problem == "" && text != "") {
				t.Errorf("changes:\n%s\nwant %q", text, tt.change)
			}
			if text := problemsOf(planned); !strings.Contains(text, tt.problem) || tt.problem == "" && text != "" {
				t.Errorf("problems:\n%s\nwant %q", text, tt.problem)
			}
			if _, err := m.FixHealth(t.Context(), nodemanager.Select{Write: true}); err != nil {
				t.Fatal(err)
			}
			again, err := m.FixHealth(t.Context(), nodemanager.Select{})
			if err != nil || len(again.Changes) > 0 {
				t.Errorf("afterwards:\n%s\n%v", changesOf(again), err)
			}
			checked(t, m, "greeter")
			if want := map[bool]node.Result{true: node.Warning, false: node.Success}[len(again.Problems) > 0]; again.ResultStatus() != want {
				t.Errorf("status %s, want %s", again.ResultStatus(), want)
			}
		})
	}
}

func changesOf(r nodemanager.Report) string {
	var b strings.Builder
	for _, c := range r.Changes {
		b.WriteString(c.Path + " " + string(c.Action) + " " + c.Why + "\n")
	}
	return b.String()
}

func problemsOf(r nodemanager.Report) string {
	var b strings.Builder
	for _, p := range r.Problems {
		b.WriteString(p.Node + " " + p.Text + "\n")
	}
	return b.String()
}

func TestAProgramBecomesExecutable(t *testing.T) {
	m := withGreeter(t, map[string]func(string) string{"node.onex.yaml": swap("[sh, main.sh]", "[./main.sh]")})
	path := filepath.Join(m.Root, "greeter/main.sh")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := m.FixHealth(t.Context(), nodemanager.Select{Nodes: []string{"greeter"}, Write: true}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o751 {
		t.Errorf("mode %v, %v; want 0751", info.Mode(), err)
	}
}

// TestAManifestIsDerived for a directory that is named, from what lies there.
func TestAManifestIsDerived(t *testing.T) {
	contract := "node_name: reader\nnode_version: 1.2.0\ntools:\n  reader:\n    input: {type: object}\n    output: {type: object}\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // part of the manifest; empty for a problem
	}{
		{"python and a contract", map[string]string{"x/contract.yaml": contract, "x/read.py": "pass"}, "name: reader\nversion: 1.2.0\n"},
		{"main wins", map[string]string{"x/main.sh": "", "x/other.py": ""}, "- main.sh"},
		{"two programs", map[string]string{"x/a.sh": "", "x/b.py": ""}, ""},
		{"no program", map[string]string{"x/a.txt": ""}, ""},
	} {
		m := project(t, tt.files)
		r, err := m.RegenerateManifest(t.Context(), nodemanager.Select{Nodes: []string{"x"}, Write: true})
		if err != nil {
			t.Fatal(err)
		}
		if tt.want == "" {
			if len(r.Problems) != 1 || len(r.Changes) != 0 {
				t.Errorf("%s: %+v, want a problem", tt.name, r)
			}
			continue
		}
		text := read(t, m, "x/node.onex.yaml")
		if manifest, err := node.ParseManifest([]byte(text)); err != nil || manifest.UUID == "" || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %v\n%s", tt.name, err, text)
		}
	}
}

// TestAProgramIsAskedForItsTools: what it says goes into the contract, what it does not
// say stays.
func TestAProgramIsAskedForItsTools(t *testing.T) {
	peer.Find(t, "python3")
	program := `
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    tools = [{"name": "now", "description": "tells the time", "inputSchema": {"type": "object", "properties": {"zone": {"type": "string"}}}},
             {"name": "new", "inputSchema": {"type": "object"}}]
    if m["method"] == "tools/list":
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": {"tools": tools}}), flush=True)
    elif "id" in m:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
`
	contract := `# mine, and it stays
node_name: clock
tools:
  now:
    description: old words
    input: {type: object}
    output: {type: object, properties: {time: {type: string}}, required: [time]}
    effects: [network]
    volatile: [/time]
    examples:
      - {name: one, input: {}, output: {time: x}}
  gone:
    input: {type: object}
    output: {type: object}
    examples:
      - {name: one, input: {}, status: info}
`
	m := project(t, map[string]string{
		"my clock/node.onex.yaml": "name: clock\nversion: 1.0.0\nruntime: mcp\ncommand: [python3, clock.py]\n",
		"my clock/contract.yaml":  contract, "my clock/clock.py": program,
	})
	r, err := m.RegenerateContract(t.Context(), nodemanager.Select{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if text := problemsOf(r); !strings.Contains(text, "does not list tool gone") || !strings.Contains(text, "tool new has no examples") {
		t.Errorf("problems:\n%s", text)
	}
	text := read(t, m, "my clock/contract.yaml")
	c, err := node.ParseContract([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	now, _ := c.Tool("now")
	if now.Description != "tells the time" || !strings.Contains(string(now.Input), "zone") || !strings.Contains(string(now.Output), "time") ||
		len(now.Examples) != 1 || len(now.Volatile) != 1 || len(now.Effects) != 1 || len(c.Tools) != 3 || !strings.HasPrefix(text, "# mine, and it stays\n") {
		t.Errorf("contract:\n%s", text)
	}
	unchanged(t, m.Root, nil, func() error {
		again, err := m.RegenerateContract(t.Context(), nodemanager.Select{Write: true})
		if len(again.Changes) > 0 {
			t.Errorf("a second time: %s", changesOf(again))
		}
		return err
	})
}

func TestSynchronizeListsWhatIsThere(t *testing.T) {
	const exec = "name: n%d\nversion: 1.0.0\nruntime: exec\ncommand: [sh]\n"
	m := project(t, map[string]string{
		"onex.yaml":              "bus: embedded # ours\nnodes:\n  - old/gone # why\n  - a\n",
		"a/node.onex.yaml":       strings.Replace(exec, "%d", "1", 1),
		"b c/node.onex.yaml":     strings.Replace(exec, "%d", "2", 1),
		"inGo/node.onex.yaml":    "name: n3\nversion: 1.0.0\n",
		"broken/node.onex.yaml":  "name: [\n",
		".hidden/node.onex.yaml": strings.Replace(exec, "%d", "5", 1),
	})
	r, err := m.Synchronize(t.Context(), nodemanager.Select{Write: true})
	if err != nil || len(r.Problems) != 1 || r.Problems[0].Node != "broken" {
		t.Fatalf("%+v, %v", r, err)
	}
	if got, want := read(t, m, "onex.yaml"), "bus: embedded # ours\nnodes:\n  - a\n  - \"b c\"\n"; got != want {
		t.Errorf("onex.yaml is %q, want %q", got, want)
	}
	again, err := m.Synchronize(t.Context(), nodemanager.Select{})
	if err != nil || len(again.Changes) > 0 {
		t.Errorf("a second time: %s, %v", changesOf(again), err)
	}
}

func TestNewThingsBesideNodes(t *testing.T) {
	m := withGreeter(t, nil)
	if _, err := m.NewScenario(t.Context(), "greeter", "more", true); err != nil {
		t.Fatal(err)
	}
	c, err := node.ParseCase([]byte(read(t, m, "greeter/scenarios/more.yaml")))
	if err != nil || len(c.Steps) != 3 {
		t.Errorf("%d steps, %v; want the three examples", len(c.Steps), err)
	}
	checked(t, m)
	for _, tt := range []struct {
		name string
		want error
		f    func() error
	}{
		{"scenario twice", nodemanager.ErrExists, func() error { _, err := m.NewScenario(t.Context(), "greeter", "more", true); return err }},
		{"no such node", nodemanager.ErrNoNode, func() error { _, err := m.NewScenario(t.Context(), "nobody", "more", true); return err }},
		{"no name", node.ErrName, func() error { _, err := m.NewScenario(t.Context(), "greeter", "../x", true); return err }},
		{"plan", nil, func() error { _, err := m.NewScenario(t.Context(), "greeter", "other", false); return err }},
		{"plan of a type", nil, func() error {
			_, err := m.NewFileType(t.Context(), nodemanager.FileType{Name: "nix", Extension: ".nix", Comment: "#"}, false)
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { unchanged(t, m.Root, tt.want, tt.f) })
	}
}

func TestFileTypesWorkAtOnce(t *testing.T) {
	m := project(t, map[string]string{"project.onex.yaml": owned, "onex.yaml": "types:\n    # first\n    nix:\n        extensions: [.nix]\n        comment: \"#\"\n        canary: c.nix # sample\n# last\nbus: embedded\n", "c.nix": "# x\n"})
	for _, f := range []nodemanager.FileType{
		{Name: "ocaml", Extension: ".ml", Comment: "(*", End: "*)"},
		{Name: "basic", Extension: ".bas", Comment: "REM"},
	} {
		if _, err := m.NewFileType(t.Context(), f, true); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		checked(t, m, "testdata/canary")
	}
	text := read(t, m, "onex.yaml")
	for _, want := range []string{"types:\n    # first\n    nix:\n", "canary: c.nix # sample\n", "    ocaml:\n", "# last\nbus: embedded\n", "comment: [\"(*\", \"*)\"]"} {
		if !strings.Contains(text, want) {
			t.Errorf("onex.yaml has no %q:\n%s", want, text)
		}
	}
	unchanged(t, m.Root, nodemanager.ErrExists, func() error {
		_, err := m.NewFileType(t.Context(), nodemanager.FileType{Name: "nix", Extension: ".nix", Comment: "#"}, true)
		return err
	})
	for name, f := range map[string]nodemanager.FileType{
		"claimed by another": {Name: "other", Extension: ".py", Comment: "#"},
		"comment too long":   {Name: "other", Extension: ".oth", Comment: strings.Repeat("#", 17)},
	} {
		t.Run(name, func(t *testing.T) {
			before := snapshot(t, m.Root)
			if _, err := m.NewFileType(t.Context(), f, true); err == nil {
				t.Error("it is made")
			}
			if after := snapshot(t, m.Root); len(after) != len(before) || after["onex.yaml"] != before["onex.yaml"] {
				t.Error("files changed")
			}
		})
	}
}
