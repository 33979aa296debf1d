package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
)

// A step is a command of the README and the output shown below it.
type step struct{ command, want string }

// sessions returns the commands of a page's console blocks, in order: lines
// that begin with "$ ". What follows a command is its output, in which "…"
// stands for anything.
func sessions(page string) []step {
	var steps []step
	inside := false
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case !inside:
		case strings.HasPrefix(line, "$ "):
			steps = append(steps, step{command: strings.TrimSpace(line[2:])})
		case len(steps) > 0:
			steps[len(steps)-1].want += line
		}
	}
	return steps
}

// TestPagesTellTheTruth runs every command of the pages for newcomers, in order,
// in a copy of this repository, and holds the output against what they show.
func TestPagesTellTheTruth(t *testing.T) {
	peer.Find(t, "python3")
	peer.Find(t, "git")
	peer.Find(t, "ssh-keygen")
	for _, page := range followed() {
		t.Run(page, func(t *testing.T) { follow(t, page) })
	}
}

// followed returns the pages whose commands are run as they are printed.
func followed() []string {
	return []string{
		"README.md", "docs/write-a-node.md", "docs/mcp.md", "docs/signatures.md", "docs/getting-started.md", "docs/plugins.md",
		"docs/guides/stamp-a-repository.md", "docs/guides/write-a-rule.md", "docs/guides/write-a-file-type.md",
		"docs/guides/migrate-from-python.md", "docs/guides/ci.md", "docs/guides/cluster.md", "docs/operations.md",
		"docs/invoke.md", "docs/ports.md", "docs/audit.md", "docs/merging.md", "docs/lint.md", "docs/bus-workflow.md", "docs/scenarios.md",
	}
}

// TestNoPageIsLeftOut holds that the commands of each page are run by a test, or
// that a line of testdata/pages.txt says why not; and that it notices when not.
func TestNoPageIsLeftOut(t *testing.T) {
	shown := map[string]bool{}
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		if d.IsDir() && name != "." && (d.Name() == "testdata" || d.Name() == "node_modules" || d.Name()[0] == '.') {
			return fs.SkipDir
		}
		if path.Ext(name) != ".md" || path.Dir(name) == "docs/nodes" { // TestPagesOfNodesTellTheTruth
			return err
		}
		text, err := os.ReadFile(filepath.Join("../..", name))
		shown[name] = regexp.MustCompile("(?m)^```(console|sh|bash)$").Match(text)
		return err
	})
	reasons, readErr := os.ReadFile("testdata/pages.txt")
	if err := errors.Join(err, readErr); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range leftOut(shown, string(reasons)) {
		t.Error(wrong)
	}
	for line := range strings.Lines(string(reasons)) {
		if mutant := strings.Replace(string(reasons), line, "", 1); len(leftOut(shown, mutant)) != 1 {
			t.Errorf("a list without this line is accepted: %s", line)
		}
	}
	if got := leftOut(shown, string(reasons)+"docs/nowhere.md no such page\n"); len(got) != 1 {
		t.Errorf("a page that is not there: %q", got)
	}
}

// leftOut says which pages that show commands are neither followed nor excused,
// and which excuses excuse nothing.
func leftOut(shown map[string]bool, reasons string) []string {
	var wrong []string
	excused := map[string]bool{}
	for line := range strings.Lines(reasons) {
		page, why, _ := strings.Cut(strings.TrimSpace(line), " ")
		excused[page] = why != ""
		if !shown[page] || why == "" || slices.Contains(followed(), page) {
			wrong = append(wrong, "pages.txt: the line of "+page+" excuses nothing, or has no reason")
		}
	}
	for page, commands := range shown {
		if _, ok := excused[page]; commands && !ok && !slices.Contains(followed(), page) {
			wrong = append(wrong, page+" shows commands that no test runs")
		}
	}
	return wrong
}

// shownAddress is where pages let a daemon listen. A test takes an address that is free
// in its place, so that others on this machine are not in its way.
const shownAddress = "127.0.0.1:14222"

func follow(t *testing.T, page string) {
	text, err := os.ReadFile(filepath.Join("../..", page))
	if err != nil {
		t.Fatal(err)
	}
	steps := sessions(strings.ReplaceAll(string(text), shownAddress, freePort(t)))
	if len(steps) == 0 {
		t.Fatalf("%s shows no command", page)
	}
	if strings.Contains(string(text), "--lang node") {
		peer.Find(t, "node")
	}
	s := newShell(t)
	for _, step := range steps {
		out := s.run(t, step.command)
		if !shows(out, step.want) {
			t.Fatalf("$ %s\nprints\n%s\nand the page says\n%s", step.command, out, step.want)
		}
	}
}

// shows reports whether the lines of want appear in out, in order; "…" stands
// for anything, and the width of blanks does not count.
func shows(out, want string) bool {
	var lines []string
	for line := range strings.Lines(want) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" {
			lines = append(lines, strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
		}
	}
	plain := regexp.MustCompile(`[ \t]+`).ReplaceAllString(out, " ")
	return regexp.MustCompile("(?s)" + strings.Join(lines, ".*")).MatchString(plain)
}

// A shell runs commands in a copy of the repository, with the binary under test
// called onex. It knows its jobs by their numbers, as that of a reader does.
type shell struct {
	dir  string
	env  []string
	jobs []*os.Process
}

func newShell(t *testing.T) *shell {
	t.Helper()
	run, err := os.MkdirTemp("", "onex") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	s := &shell{dir: filepath.Join(run, "repo")}
	bin := filepath.Join(run, "bin")
	self, err := os.Executable()
	err = errors.Join(err, os.Mkdir(bin, 0o755), os.Symlink(self, filepath.Join(bin, "onex")), copyRepository(s.dir))
	if err != nil {
		t.Fatal(err)
	}
	s.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NO_COLOR=1",
		"XDG_RUNTIME_DIR="+run, "XDG_STATE_HOME="+run, "HOME="+run)
	for _, args := range []string{"init -q -b main", "add -A", "-c user.name=a -c user.email=a@example.org commit -qm clone"} {
		git := exec.Command("git", strings.Fields(args)...)
		git.Dir, git.Env = s.dir, s.env
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	return s
}

// copyRepository copies the files of this repository that newcomers meet.
func copyRepository(to string) error {
	err := os.MkdirAll(to, 0o755)
	for _, name := range []string{"examples", "docs"} {
		err = errors.Join(err, os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join("../..", name))))
	}
	for _, name := range []string{"README.md", "project.onex.yaml"} {
		data, readErr := os.ReadFile(filepath.Join("../..", name))
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(to, name), data, 0o644))
	}
	return err
}

// run runs a command to its end and returns what it printed, in either stream.
// One that ends in & goes on in the background, once it says that it is ready.
func (s *shell) run(t *testing.T, command string) string {
	t.Helper()
	if rest, ok := strings.CutSuffix(command, "&"); ok {
		s.start(t, "exec "+rest)
		return ""
	}
	if strings.HasPrefix(command, "kill ") {
		for i, job := range s.jobs {
			command = strings.ReplaceAll(command, "%"+strconv.Itoa(i+1), strconv.Itoa(job.Pid))
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("$ %s: %v", command, err)
	}
	return string(out)
}

func (s *shell) start(t *testing.T, command string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Env = s.dir, s.env
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.jobs = append(s.jobs, cmd.Process)
	ended := make(chan struct{})
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		cancel()
	})
	ready := make(chan string, 1)
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(stderr)
		for said := ""; lines.Scan(); {
			if said += lines.Text() + "\n"; strings.Contains(lines.Text(), " is ready") {
				ready <- ""
				break
			}
		}
		io.Copy(io.Discard, stderr)
		cmd.Wait()
		close(ready)
	}()
	if _, ok := <-ready; !ok {
		t.Fatalf("$ %s & ended before it was ready", command)
	}
}
