package repotest_test

import (
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
)

// A breakage is one line of breakages.yaml.
type breakage struct {
	Rule, Target, File, Message string

	Text, Append, Replace, With, Commit string
	Lines                               int               // empty lines to add to Text
	Also                                map[string]string // further files
	Packages                            string            // what the target is asked to test
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
	rules := []string{"layer", "side", "backend", "module", "cli"}
	for _, a := range vet.Analyzers() {
		rules = append(rules, a.Name)
	}
	var found []breakage
	for _, b := range all {
		if slices.Contains(rules, b.Rule) {
			found = append(found, b)
		}
	}
	return found
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
	for i := range rows { // several break the same file: each gets its own
		old := rows[i].File
		rows[i].File = path.Join(path.Dir(old), string(rune('a'+i))+path.Base(old))
		rows[i].Message = strings.Replace(rows[i].Message, regexp.QuoteMeta(old), regexp.QuoteMeta(rows[i].File), 1)
		rows[i].do(t, dir)
	}
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
	for _, b := range rows {
		if !regexp.MustCompile(b.Message).MatchString(said.String()) {
			t.Errorf("%s broken in %s: nothing says %s", b.Rule, b.File, b.Message)
		}
	}
	if want := len(vet.Analyzers()) + 5; len(rows) != want {
		t.Errorf("%d rules about source are broken, want all %d", len(rows), want)
	}
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
	for _, b := range breakages(t) {
		t.Run(b.Rule, func(t *testing.T) {
			b.do(t, dir)
			cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "SHELL=/bin/bash", b.Target)
			if b.Packages != "" {
				cmd.Args = append(cmd.Args, "PACKAGES="+b.Packages)
			}
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
	}
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
