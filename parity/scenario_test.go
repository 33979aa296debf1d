package parity_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// shop returns a copy of testdata/shop, a node with scenarios.
func shop(t *testing.T) parity.Node {
	t.Helper()
	to := filepath.Join(t.TempDir(), "shop")
	if err := os.CopyFS(to, os.DirFS("testdata/shop")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "scenarios/mocks/weather"), 0o755); err != nil { // whatever git made of it
		t.Fatal(err)
	}
	return parity.Node{Name: "shop", Dir: to}
}

func steps(calls ...string) (all []node.Step) {
	for _, c := range calls {
		tool, input, _ := strings.Cut(c, "=")
		all = append(all, node.Step{Tool: node.ToolName(tool), Input: json.RawMessage(input)})
	}
	return all
}

// TestScenariosAreRecordedAsTheyRan holds what is recorded against files that a person
// has read; what is recorded is what the next run finds.
func TestScenariosAreRecordedAsTheyRan(t *testing.T) {
	n := shop(t)
	for _, s := range []node.Case{
		{Name: "a_day", Dependencies: node.Real, Fixtures: []string{"book", "shelf"}, Steps: steps(`visit={"name": "Ada"}`, `visit={"name": ""}`, `close={}`)},
		{Name: "rain", Dependencies: node.Mock, Mocks: []string{"weather"}, Steps: steps(`sky={}`)},
	} {
		got, err := parity.Record(t.Context(), n, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := node.PrintCase(got)
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join("testdata/shop/scenarios", s.Name+".yaml"), text)
		if s.Steps[0].Expect.Status != "" {
			t.Errorf("%s: the scenario that was given is changed: %+v", s.Name, s.Steps[0])
		}
	}
	if _, err := os.Stat(filepath.Join(n.Dir, "book")); err == nil {
		t.Error("the node's own directory is changed")
	}
	r, err := parity.RunScenarios(t.Context(), []parity.Node{shop(t)}, nil)
	if err != nil || !r.OK() || r.Summary.Executed != 4 {
		t.Errorf("%v, %+v\n%s", err, r.Summary, written(t, r, parity.Detailed))
	}
}

func TestWhatCannotBeRecorded(t *testing.T) {
	n := shop(t)
	for name, c := range map[string]struct {
		calls []string
		mocks []string
		from  parity.Node
		want  error
		says  string
	}{
		"a defect":           {calls: []string{`crash={}`}, want: parity.ErrUndeclared, says: "step 1: "},
		"the second call":    {calls: []string{`sky={}`, `crash={}`}, mocks: []string{"weather"}, want: parity.ErrUndeclared, says: "step 2: "},
		"chance":             {calls: []string{`random={}`}, want: parity.ErrUnsteady, says: "step 1 differs in result"},
		"no such tool":       {calls: []string{`dance={}`}, want: parity.ErrScenario, says: `step 1 calls tool "dance"`},
		"no such mock":       {calls: []string{`sky={}`}, mocks: []string{"moon"}, want: parity.ErrScenario, says: "moon"},
		"no contract at all": {calls: []string{`sky={}`}, from: parity.Node{Name: "nobody", Dir: t.TempDir()}, want: parity.ErrScenario, says: "nobody: "},
	} {
		s := node.Case{Name: "x", Dependencies: node.Real, Mocks: c.mocks, Steps: steps(c.calls...)}
		if c.mocks != nil {
			s.Dependencies = node.Mock
		}
		from := n
		if c.from.Name != "" {
			from = c.from
		}
		if _, err := parity.Record(t.Context(), from, s, nil); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}
}

// TestScenariosNoticeChanges breaks the node, one way at a time.
func TestScenariosNoticeChanges(t *testing.T) {
	for name, c := range map[string]struct{ old, new, says string }{
		"an answer":       {`visits`, `guests`, "in result"},
		"a file":          {`$name,`, `$name;`, "in contents"},
		"a file too many": {`echo closed`, `echo open >door; echo closed`, "in files"},
		"a file too few":  {`rm book`, `true`, "in files"},
		"an error":        {`exit 16`, `exit 17`, "in error"},
		"a stand-in":      {`$(weather)`, `sun`, "in result"},
	} {
		n := shop(t)
		script := filepath.Join(n.Dir, "shop.sh")
		text, err := os.ReadFile(script)
		if err != nil || !strings.Contains(string(text), c.old) {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if err := os.WriteFile(script, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o755); err != nil {
			t.Fatal(err)
		}
		r, err := parity.RunScenarios(t.Context(), []parity.Node{n}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text := written(t, r, parity.Text); r.OK() || !strings.Contains(text, c.says) || !strings.HasPrefix(text, "FAIL shop scenario ") {
			t.Errorf("%s: want %q in\n%s", name, c.says, text)
		}
	}
}

// TestUnsoundScenarios holds that a file which tests nothing is a failure of its own.
func TestUnsoundScenarios(t *testing.T) {
	for name, c := range map[string]struct{ file, text, says string }{
		"no scenario":         {"readme", "x", "readme is neither a scenario"},
		"another name":        {"other.yaml", "", `other.yaml says that it is "rain"`},
		"no expectation":      {"x.yaml", "scenario: x\ndependencies: real\nsteps: [{tool: sky, input: {}}]\n", "x.yaml: "},
		"a mock of nobody":    {"mocks/moon", "x", "no scenario names mocks/moon"},
		"a fixture of nobody": {"fixtures/deep/tin", "x", "no scenario names fixtures/deep/tin"},
		"a hidden file":       {".notes", "x", ""},
		"metadata":            {"fixtures/.onex.yaml", "x", ""},
	} {
		n := shop(t)
		file := filepath.Join(n.Dir, "scenarios", c.file)
		if name == "another name" {
			data, err := os.ReadFile(filepath.Join(n.Dir, "scenarios/rain.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			c.text = string(data)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(c.text), 0o644)); err != nil {
			t.Fatal(err)
		}
		_, err := parity.Cases(n.Dir)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (!errors.Is(err, parity.ErrScenario) || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	n := shop(t)
	if err := os.Remove(filepath.Join(n.Dir, "scenarios/fixtures/book")); err != nil {
		t.Fatal(err)
	}
	r, err := parity.RunScenarios(t.Context(), []parity.Node{n}, nil)
	if err != nil || r.OK() || !strings.Contains(written(t, r, parity.Text), "a_day.yaml names fixtures/book, which is not there") {
		t.Errorf("without a fixture: %v\n%s", err, written(t, r, parity.Text))
	}
}

func TestScenariosThatAreNotThere(t *testing.T) {
	none := parity.Node{Name: "none", Dir: "testdata/good/escapes"}
	for name, c := range map[string]struct {
		nodes []parity.Node
		o     parity.Options
		want  error
	}{
		"no nodes":     {nil, parity.Options{}, parity.ErrNoNodes},
		"no scenarios": {[]parity.Node{none}, parity.Options{}, parity.ErrNoMatch},
		"no such node": {[]parity.Node{shop(t)}, parity.Options{Filters: []string{"x*"}}, parity.ErrNoMatch},
		"no such name": {[]parity.Node{shop(t)}, parity.Options{Example: "sunday"}, parity.ErrNoMatch},
		"one of two":   {[]parity.Node{shop(t), none}, parity.Options{Example: "rain"}, nil},
	} {
		r, err := parity.RunScenarios(t.Context(), c.nodes, &c.o)
		if !errors.Is(err, c.want) || r.OK() != (c.want == nil) {
			t.Errorf("%s: %v, want %v; %+v", name, err, c.want, r.Summary)
		}
	}
	if all, err := parity.Cases(none.Dir); all != nil || err != nil {
		t.Errorf("a directory without scenarios has %v, %v", all, err)
	}
}
