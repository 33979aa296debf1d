package parity_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/parity"
)

// run checks nodes and returns the report as people read it, too.
func run(t *testing.T, nodes []parity.Node, o parity.Options) (parity.Report, string) {
	t.Helper()
	r, err := parity.Run(t.Context(), nodes, &o)
	if err != nil {
		t.Fatal(err)
	}
	return r, written(t, r, parity.Text)
}

func written(t *testing.T, r parity.Report, f parity.Format) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// everywhere are the options of a run on every path, in an environment that the
// mutants know.
func everywhere(t *testing.T) parity.Options {
	t.Setenv("TZ", "UTC")
	t.Setenv("LANG", "en_US.UTF-8")
	t.Setenv("TMPDIR", "/tmp")
	return parity.Options{CLI: misbehaving(t, "good"), Buses: []parity.Transport{parity.Memory(), nats(t)}, Gateways: []parity.Gateway{bridge()}, Parallel: 4}
}

func directories(t *testing.T, pattern string) []parity.Node {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	var nodes []parity.Node
	for _, p := range paths {
		nodes = append(nodes, dir(p))
	}
	return nodes
}

func TestGoodNodesRaiseNoAlarm(t *testing.T) {
	for _, program := range []string{"python3", "perl", "awk", "node"} {
		peer.Find(t, program)
	}
	nodes := append(directories(t, "testdata/good/*"), goNode("good"), goNode("good_status"), goNode("good_large"), goNode("good_volatile"), goNode("good_events"),
		dir("../examples/greeter"), dir("../examples/shout"), dir("../examples/clock"), dir("../examples/dice"))
	r, text := run(t, nodes, everywhere(t))
	if !r.OK() || r.Summary.Failed != 0 || r.Summary.Nodes != len(nodes) {
		t.Errorf("%s", text)
	}
	for _, p := range r.Paths {
		if n := count(r, func(c parity.Result) bool { return c.Path == p.Path && c.Verdict == parity.Pass }); n < len(nodes) {
			t.Errorf("path %s: %d checks passed for %d nodes", p.Path, n, len(nodes))
		}
	}
}

func count(r parity.Report, which func(parity.Result) bool) int {
	n := 0
	for _, c := range r.Results {
		if which(c) {
			n++
		}
	}
	return n
}

// A finding is one line of testdata/mutants.txt.
type finding struct{ mutant, check, path, what string }

func findings(t *testing.T) []finding {
	t.Helper()
	data, err := os.ReadFile("testdata/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []finding
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		all = append(all, finding{f[0], f[1], strings.Trim(f[2], "-"), f[3]})
	}
	return all
}

func (f finding) catches(c parity.Result) bool {
	return c.Verdict == parity.Fail && string(c.Check) == f.check && string(c.Path) == f.path &&
		(slices.Contains(c.Differs, parity.Field(f.what)) || string(c.Error.Code) == f.what)
}

func TestEveryMutantIsCaughtByName(t *testing.T) {
	peer.Find(t, "python3")
	peer.Find(t, "node")
	table := findings(t)
	nodes := directories(t, "testdata/mutants/*")
	for _, f := range table {
		if name, ok := strings.CutPrefix(f.mutant, "go:"); ok {
			nodes = append(nodes, goNode(name))
		}
	}
	if len(nodes) != len(table)+1 { // the original of the copy is good
		t.Errorf("%d nodes, %d findings", len(nodes), len(table))
	}
	r, text := run(t, nodes, everywhere(t))
	if r.OK() || r.Err() == nil {
		t.Error("the report is a success")
	}
	for _, f := range table {
		mine := func(c parity.Result) bool {
			return c.Node == strings.TrimPrefix(f.mutant, "go:") || filepath.Base(c.Node) == f.mutant
		}
		if count(r, func(c parity.Result) bool { return mine(c) && f.catches(c) }) == 0 {
			t.Errorf("mutant %s is not caught by %s %s %s", f.mutant, f.check, f.path, f.what)
			for _, c := range r.Results {
				if mine(c) {
					t.Logf("  %s %s %s %s %v", c.Verdict, c.Check, c.Path, c.Message, c.Differs)
				}
			}
		}
	}
	if n := count(r, func(c parity.Result) bool { return c.Verdict == parity.Fail && filepath.Base(c.Node) == "original" }); n != 0 {
		t.Errorf("the original fails:\n%s", text)
	}
}
