package app_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// recorded makes a project of two nodes that are stamped and recorded, and
// returns its directory.
func recorded(t *testing.T) string {
	t.Helper()
	project := t.TempDir()
	put(t, filepath.Join(project, "project.onex.yaml"), "author: Ann\nname: sample\nowner: Ann\ncopyright: Ann\n")
	for _, name := range []string{"one", "two"} {
		dir := filepath.Join(project, name)
		put(t, filepath.Join(dir, node.ManifestFile), "name: "+name+"\nversion: 1.0.0\nruntime: exec\ncommand: [sh, run.sh]\n")
		put(t, filepath.Join(dir, node.ContractFile), "node_name: "+name+
			"\ntools:\n  "+name+":\n    input: {type: object}\n    output: {}\n    examples: [{input: {}, output: 1}]\n")
		put(t, filepath.Join(dir, "run.sh"), "echo 1\n")
	}
	root, err := os.OpenRoot(project)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	plan, err := stamp.Make(t.Context(), root, &stamp.Options{Paths: []string{"one", "two"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		record(t, filepath.Join(project, name))
	}
	return project
}

// record writes the .onextree of a directory, as onex tree does.
func record(t *testing.T, dir string) {
	t.Helper()
	h, err := treegenerator.New(dir, &host.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	out := h.Call(t.Context(), "tree_generate", []byte("{}"))
	var made treegenerator.Generated
	if err := json.Unmarshal(out.Result, &made); err != nil {
		t.Fatalf("%v, %v", out.Error, err)
	}
	put(t, filepath.Join(dir, tree.FileName), made.Tree)
}

// run checks nodes and returns the report as people read it, too.
func run(t *testing.T, nodes ...parity.Node) (parity.Report, string) {
	t.Helper()
	r, err := parity.Run(t.Context(), nodes, &parity.Options{Files: app.NodeFiles()})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.Write(&text, parity.Text); err != nil {
		t.Fatal(err)
	}
	return r, text.String()
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replace(t *testing.T, name, old, with string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q: %v", name, old, err)
	}
	put(t, name, strings.Replace(string(data), old, with, 1))
}

// TestFilesOfANodeAreThoseThatWereRecorded breaks one thing at a time in the
// directory of the first node, and names the check that finds it.
func TestFilesOfANodeAreThoseThatWereRecorded(t *testing.T) {
	for _, mutant := range []struct {
		name    string
		change  func(t *testing.T, dir string)
		checks  string // that fail
		message string
	}{
		{"good", func(*testing.T, string) {}, "", ""},
		{"receipt_is_new", func(t *testing.T, dir string) { put(t, filepath.Join(dir, host.ReportFile), "{}") }, "", ""},
		{"manifest_changed", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, node.ManifestFile), "sh, run.sh", "sh, ./run.sh")
		}, "metadata", "one/node.onex.yaml is modified"},
		{"contract_changed", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, node.ContractFile), "output: {}", "output: {type: integer}")
		}, "metadata", "one/contract.yaml is modified"},
		{"block_malformed", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, node.ContractFile), "# === /OmniNode:Metadata ===\n", "")
		}, "metadata", "one/contract.yaml is malformed"},
		{"hash_invalid", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, node.ManifestFile), "# hash: ", "# hash: x")
		}, "metadata", "one/node.onex.yaml is invalid"},
		{"file_not_recorded", func(t *testing.T, dir string) { put(t, filepath.Join(dir, "more.sh"), "") },
			"tree", "missing from .onextree: more.sh"},
		{"file_lost", func(t *testing.T, dir string) { replace(t, filepath.Join(dir, tree.FileName), "run.sh", "ran.sh") },
			"tree", "not in directory: ran.sh"},
		{"record_malformed", func(t *testing.T, dir string) { put(t, filepath.Join(dir, tree.FileName), "- x\n") },
			"tree", "the tree file cannot be read"},
		{"record_missing", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, tree.FileName)) },
			"homogeneity", "two has a .onextree, and one has none"},
	} {
		t.Run(mutant.name, func(t *testing.T) {
			project := recorded(t)
			mutant.change(t, filepath.Join(project, "one"))
			r, text := run(t, parity.Node{Name: "one", Dir: filepath.Join(project, "one")}, parity.Node{Name: "two", Dir: filepath.Join(project, "two")})
			if got := failing(r); got != mutant.checks || !strings.Contains(text, mutant.message) {
				t.Errorf("fails %q, want %q with %q:\n%s", got, mutant.checks, mutant.message, text)
			}
			if n := count(r, func(c parity.Result) bool { return c.Node == "two" && c.Verdict == parity.Pass && ofFiles(c.Check) }); n != 3 {
				t.Errorf("%d checks of the files of the other node passed, want 3", n)
			}
		})
	}
}

func ofFiles(c parity.Check) bool {
	return c == parity.CheckMetadata || c == parity.CheckTree || c == parity.CheckHomogeneity
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

// failing lists the checks that fail.
func failing(r parity.Report) string {
	var all []string
	for _, c := range r.Results {
		if c.Verdict == parity.Fail {
			all = append(all, string(c.Check))
		}
	}
	return strings.Join(all, " ")
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func TestFilesWithoutRecordsAreLeftAlone(t *testing.T) {
	r, text := run(t, parity.Node{Name: "python", Dir: "../../parity/testdata/good/python"})
	if n := count(r, func(c parity.Result) bool { return ofFiles(c.Check) }); n != 0 || !r.OK() {
		t.Errorf("%d checks of records that are not there:\n%s", n, text)
	}
}

func TestANodeTellsItsRecord(t *testing.T) {
	dir := filepath.Join(recorded(t), "one")
	h, err := host.Load(t.Context(), dir, &host.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	data, err := os.ReadFile(filepath.Join(dir, host.TreeFile))
	if err != nil || h.Introspect().Tree != string(data) || host.TreeFile != tree.FileName {
		t.Errorf("it tells %q, its record is %q (%v)", h.Introspect().Tree, data, err)
	}
}
