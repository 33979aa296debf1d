package repotest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/importtest"
	"github.com/omninode-ai/onex/internal/vet"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
)

// A breakage is one line of breakages.yaml.
type breakage struct {
	Rule, Target, File, Message string

	Text, Append, Replace, With, Commit string
	Lines                               int               // empty lines to add to Text
	Also                                map[string]string // further files
	Only                                map[string]string // variables of make
	Rebuild                             bool              // the breakage is in the binary
	Needs                               string            // a program
	Unbroken                            string            // why nothing is broken
}

func breakages(t *testing.T) []breakage {
	t.Helper()
	var all []breakage
	if err := yaml.Unmarshal([]byte(read(t, "internal/repotest/breakages.yaml")), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// inSource returns the breakages that vet and importtest find by reading files.
func inSource(all []breakage) []breakage {
	names := sourceRules()
	return slices.DeleteFunc(slices.Clone(all), func(b breakage) bool { return !slices.Contains(names, b.Rule) })
}

func sourceRules() []string {
	names := []string{"layer", "side", "backend", "module", "cli"}
	for _, a := range vet.Analyzers() {
		names = append(names, a.Name)
	}
	return names
}

// doAll breaks many rules at once. Where several break one file, each gets its own.
func doAll(t *testing.T, dir string, rows []breakage) {
	t.Helper()
	taken := map[string]bool{}
	for i := range rows {
		b := &rows[i]
		if old := b.File; b.Text != "" && taken[old] {
			b.File = path.Join(path.Dir(old), fmt.Sprintf("r%d%s", i, path.Base(old)))
			b.Message = strings.Replace(b.Message, regexp.QuoteMeta(old), regexp.QuoteMeta(b.File), 1)
		}
		taken[b.File] = true
		b.do(t, dir)
	}
}

// areNamed holds that said has the message of every row.
func areNamed(t *testing.T, rows []breakage, said string) {
	t.Helper()
	for _, b := range rows {
		if !regexp.MustCompile(b.Message).MatchString(said) {
			t.Errorf("%s broken in %s: nothing says %s", b.Rule, b.File, b.Message)
		}
	}
}

// do breaks the rule in a clone of the repository.
func (b breakage) do(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(b.File))
	text := b.Text + strings.Repeat("\n", b.Lines)
	if b.Text == "" {
		old, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = string(old) + b.Append
		if b.Replace != "" {
			text = strings.Replace(text, b.Replace, b.With, 1)
		}
		if text == string(old) {
			t.Fatalf("%s does not hold %q any more", b.File, b.Replace)
		}
	}
	put(t, name, text)
	for also, text := range b.Also {
		put(t, filepath.Join(dir, filepath.FromSlash(also)), text)
	}
	if b.Commit != "" {
		run(t, dir, "git", "add", "-A")
		run(t, dir, "git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", b.Commit)
	}
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

func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// clone copies what git has of the repository, as it is in the work tree.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := strings.Split(strings.TrimRight(run(t, root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00"), "\x00")
	for _, name := range files {
		from, to := filepath.Join(root, name), filepath.Join(dir, name)
		info, err := os.Lstat(from)
		if err != nil || !info.Mode().IsRegular() {
			continue // deleted, or a link that no rule looks at
		}
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, data, info.Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBrokenSourceIsNamed breaks every rule about source at once, and holds that
// each is named with its file.
func TestBrokenSourceIsNamed(t *testing.T) {
	dir := clone(t)
	rows := inSource(breakages(t))
	doAll(t, dir, rows)
	m, err := gosource.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	found, err := vet.Run(m, vet.Analyzers())
	if err != nil {
		t.Fatal(err)
	}
	deps, err := importtest.ParseDependencies(read(t, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, f := range found {
		said.WriteString(f.String() + "\n")
	}
	for _, v := range importtest.Check(m, importtest.Layers(), deps) {
		said.WriteString(v.String() + "\n")
	}
	areNamed(t, rows, said.String())
}

// TestBrokenRulesOfLintAreNamed does the same for the rules of lint: those that look
// at one file are broken by their own example, the others by the table.
func TestBrokenRulesOfLintAreNamed(t *testing.T) {
	dir := clone(t)
	rows := slices.DeleteFunc(breakages(t), func(b breakage) bool { return b.Target != "lint" || !lintID.MatchString(b.Message) })
	for _, r := range rules.All() {
		if r.File != nil {
			rows = append(rows, example(r))
		}
	}
	doAll(t, dir, rows)
	areNamed(t, rows, lintOf(t, dir))
}

var lintID = regexp.MustCompile(`\b[A-Z][0-9]{3}\b`)

// example makes a breakage of what a rule shows as bad.
func example(r *lint.Rule) breakage {
	name, text := "broken"+path.Ext(r.Files[0]), r.Doc.Bad
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "# ") { // it names its file
		name = first[len("# "):]
	}
	if path.Ext(name) == ".go" && !strings.HasPrefix(text, "package ") {
		text = "package broken\n\n" + text
	}
	file := path.Join("internal", "broken", r.ID, name)
	return breakage{Rule: r.Name, Target: "lint", File: file, Text: text + "\n", Message: regexp.QuoteMeta(file) + `:\d+:\d+: .*` + r.ID}
}

// TestEveryRuleHasABreakage holds that nothing is enforced that the table does not
// break, and that who leaves rows out is told so.
func TestEveryRuleHasABreakage(t *testing.T) {
	all, enforced := breakages(t), enforced(t)
	for _, key := range unbroken(all, enforced) {
		t.Errorf("breakages.yaml: no row breaks %s, and none says why not", key)
	}
	for _, b := range all {
		if whole := b.File != "" && b.Message != ""; whole == (b.Unbroken != "") || b.Target == "" {
			t.Errorf("breakages.yaml: %s: want a target, and a file and a message or why nothing is broken", b.Rule)
		}
	}
	for _, key := range enforced {
		mutant := slices.DeleteFunc(slices.Clone(all), func(b breakage) bool { return b.covers(key) })
		if !slices.Contains(unbroken(mutant, enforced), key) {
			t.Errorf("a table without the rows of %s is accepted", key)
		}
	}
}

// enforced returns what must be broken: the targets that CI runs, the rules about
// source, the rules that are tests of this package, and the rules of lint that do not
// break by their own example.
func enforced(t *testing.T) []string {
	t.Helper()
	keys := append(append(sourceRules(), stages(t)...), ownTests(t)...)
	for _, j := range loadWorkflow(t, "ci.yml").Jobs {
		for _, step := range j.Steps {
			if rest, ok := strings.CutPrefix(step.Run, ".ci/run"); ok {
				keys = append(keys, strings.Fields(strings.Split(rest, "#")[0])...)
			}
		}
	}
	for _, r := range append(rules.All(), lint.Own()...) {
		if r.File == nil {
			keys = append(keys, r.ID)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// ownTests returns the names of the tests of this package.
func ownTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, "internal/repotest/"+name), -1) {
			names = append(names, found[1])
		}
	}
	return names
}

// covers reports whether a row is about a rule, a target or a test.
func (b breakage) covers(key string) bool {
	one, isTest := strings.CutPrefix(b.Only["RULES"], "./internal/repotest -run ")
	return b.Rule == key || b.Target == key || lintID.MatchString(key) && strings.Contains(b.Message, key) ||
		isTest && strings.HasPrefix(key, "Test") && strings.Contains(key, one)
}

// unbroken returns the keys that no row covers.
func unbroken(rows []breakage, keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return slices.ContainsFunc(rows, func(b breakage) bool { return b.covers(key) })
	})
}

// TestBreakages breaks one rule after the other in a clone and runs the target
// that is responsible. It takes long, and is asked for by make breakages.
func TestBreakages(t *testing.T) {
	if os.Getenv("ONEX_BREAKAGES") == "" {
		t.Skip("make breakages runs it")
	}
	dir := clone(t)
	run(t, dir, "git", "init", "-q")
	run(t, dir, "git", "add", "-A", "-f")
	run(t, dir, "git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "all: as it is")
	base := strings.TrimSpace(run(t, dir, "git", "rev-parse", "HEAD"))
	run(t, dir, "make", "build")
	whole := stat(t, filepath.Join(dir, "onex"))
	for _, b := range breakages(t) {
		if b.Unbroken != "" {
			continue
		}
		t.Run(b.Rule, func(t *testing.T) {
			if _, err := exec.LookPath(b.Needs); b.Needs != "" && err != nil {
				t.Skipf("no %s here: the job of %s has it", b.Needs, b.Target)
			}
			if b.Rebuild {
				setAside(t, filepath.Join(dir, "onex"))
			}
			b.do(t, dir)
			cmd := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory", "SHELL=/bin/bash", b.Target}, b.variables(dir)...)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "BASE="+base, "ONEX_BREAKAGES=")
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Errorf("make %s passes", b.Target)
			}
			if !regexp.MustCompile(b.Message).Match(out) {
				t.Errorf("make %s does not say %s:\n%s", b.Target, b.Message, out)
			}
			run(t, dir, "git", "reset", "-q", "--hard", base)
			run(t, dir, "git", "clean", "-qfd")
		})
		if !os.SameFile(whole, stat(t, filepath.Join(dir, "onex"))) {
			t.Fatalf("%s leaves another ./onex behind, which the rows after it would run", b.Rule)
		}
	}
}

// setAside keeps a file as it is for the end of the test, whatever takes its place.
func setAside(t *testing.T, name string) {
	t.Helper()
	aside := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.Rename(name, aside); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Rename(aside, name); err != nil {
			t.Error(err)
		}
	})
}

func stat(t *testing.T, name string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// variables returns the arguments of make that make it quick.
func (b breakage) variables(dir string) []string {
	var args []string
	for name, value := range b.Only {
		args = append(args, name+"="+strings.ReplaceAll(value, "$DIR", dir))
	}
	if !b.Rebuild {
		args = append(args, "--old-file=build")
	}
	return args
}

// TestTheCommandLineNamesNoNode holds that verbs of built-in nodes come to the
// command line as values: it must not know one by name.
func TestTheCommandLineNamesNoNode(t *testing.T) {
	names := regexp.MustCompile(`Name:\s+"([a-z_]+)"`).FindAllStringSubmatch(read(t, "internal/nodes/builtin.go"), -1)
	files, err := filepath.Glob(filepath.Join(root, "internal", "cli", "*.go"))
	if err != nil || len(files) == 0 || len(names) == 0 {
		t.Fatalf("%d files, %d nodes, error %v", len(files), len(names), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		name := "internal/cli/" + filepath.Base(file)
		for i, line := range strings.Split(read(t, name), "\n") {
			for _, node := range names {
				if node[1] == "cli" { // also the name under which commands publish
					continue
				}
				if strings.Contains(line, `"`+node[1]+`"`) {
					t.Errorf("%s:%d: names the node %q; its verbs come from internal/nodes", name, i+1, node[1])
				}
			}
		}
	}
}
