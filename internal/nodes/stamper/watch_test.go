package stamper_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

const projectFile = "name: demo\nowner: Team\nauthor: Ann\ncopyright: Team\n"

// A watched is a project in which onex stamp --watch runs.
type watched struct {
	t    *testing.T
	root string
	out  *bufio.Reader
	stop context.CancelFunc
	done chan error
}

func watchProject(t *testing.T, args ...string) *watched {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	p := &watched{t: t, root: t.TempDir(), out: bufio.NewReader(r), stop: stop, done: make(chan error, 1)}
	p.put("project.onex.yaml", projectFile)
	p.put("a.md", "# a\n")
	env := &console.Env{
		Dir: p.root, Out: w, Err: io.Discard, Log: slog.New(slog.DiscardHandler),
		Getenv: func(string) string { return "" }, Data: func() (string, error) { return p.root + "-data", nil },
	}
	cmd := stamper.Commands(env)[0]
	cmd.SetArgs(append([]string{"--watch"}, args...))
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	go func() {
		p.done <- cmd.ExecuteContext(ctx)
		w.Close()
	}()
	t.Cleanup(func() { stop(); r.Close() })
	return p
}

// put replaces a file by renaming, as editors do.
func (p *watched) put(name, text string) {
	p.t.Helper()
	name = filepath.Join(p.root, name)
	err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name+"~", []byte(text), 0o644), os.Rename(name+"~", name))
	if err != nil {
		p.t.Fatal(err)
	}
}

// said waits for a line and returns the files in it, or the code.
func (p *watched) said() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%v, and the command ends with %v", err, <-p.done)
	}
	var r struct {
		stamp.Report
		Code string `json:"code"`
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		p.t.Fatalf("%v in %s", err, line)
	}
	said := []string{}
	for _, i := range r.Files {
		said = append(said, string(i.Action)+" "+i.Path)
	}
	return strings.Join(append(said, r.Code), ",")
}

func (p *watched) want(want string) {
	p.t.Helper()
	got := p.said()
	for strings.HasPrefix(got, "fail ") && strings.Contains(got, "~") { // seen before put renamed it
		got = p.said()
	}
	if strings.TrimSuffix(got, ",") != want {
		p.t.Fatalf("said %q, want %q", got, want)
	}
}

// What is stamped is not said again: if it were, each line would come twice.
func TestWatchStampsWhatChanges(t *testing.T) {
	p := watchProject(t, "--write", "-o", "json")
	p.want("add a.md")
	p.put("new/deep/b.md", "# b\n")
	p.want("add new/deep/b.md")
	p.put("new/deep/c.md", "# c\n")
	p.want("add new/deep/c.md")
	p.put("bad.md", "<!-- === OmniNode:Metadata ===\nuuid:\n")
	p.want("fail bad.md")
	p.put("project.onex.yaml", "owner: [\n")
	if got := p.said(); !strings.HasPrefix(got, "ONEX_STAMP_") {
		t.Fatalf("said %q, want the code of an error", got)
	}
	p.put("d.md", "# d\n")
	p.put("project.onex.yaml", projectFile)
	p.want("add d.md")
	if err := os.Rename(filepath.Join(p.root, "new"), filepath.Join(p.root, "old")); err != nil {
		t.Fatal(err)
	}
	p.want("update old/deep/b.md,update old/deep/c.md")
	p.put("old/deep/e.md", "# e\n")
	p.want("add old/deep/e.md")
	p.stop()
	if err := <-p.done; !errors.Is(err, context.Canceled) {
		t.Errorf("ends with %v, want the context's error", err)
	}
}

func TestWatchReportsWhatChanges(t *testing.T) {
	p := watchProject(t, "-o", "json")
	p.want("add a.md")
	p.put("b.md", "# b\n")
	p.want("add b.md")
	p.put("a.md", "# another\n")
	for !strings.Contains(p.said(), "add a.md") { // which has not been written; b.md may be named twice
	}
	if text, err := os.ReadFile(filepath.Join(p.root, "a.md")); err != nil || string(text) != "# another\n" {
		t.Errorf("a.md is %q, %v", text, err)
	}
	p.stop()
	<-p.done
}

func TestWatchForPeople(t *testing.T) {
	for format, want := range map[string]string{"text": "add     a.md\n", "summary": "1 added, ", "yaml": "---\n"} {
		p := watchProject(t, "--write", "-o", format)
		if got, err := p.out.ReadString('\n'); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s begins with %q, %v; want %q", format, got, err, want)
		}
		p.stop()
		go io.Copy(io.Discard, p.out)
		<-p.done
	}
}

func TestWatchEndsWithItsRoot(t *testing.T) {
	p := watchProject(t, "--write", "-o", "json")
	p.want("add a.md")
	if err := os.Rename(p.root, p.root+"-moved"); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(p.root + "-moved")
	if err := <-p.done; !errors.Is(err, tree.ErrRoot) {
		t.Errorf("ends with %v, want %v", err, tree.ErrRoot)
	}
}

func TestWatchRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"-o sarif": "--watch prints text, json, yaml or summary, not sarif", "--staged": "[watch staged]", "--diff": "[watch diff]", "--all": "[watch all]",
		"--sign --write": "[watch sign]", "--new-identity": "[watch new-identity]", "--resume": "[watch resume]", "--rollback": "[watch rollback]",
	} {
		if out, err := run(t, nil, ".", append([]string{"stamp", "--watch"}, strings.Fields(args)...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--watch %s: %v, want %s\n%s", args, err, want, out)
		}
	}
	if _, err := run(t, map[string]string{"project.onex.yaml": "owner: [\n"}, ".", "stamp", "--watch"); err == nil {
		t.Error("a project that cannot be stamped is watched")
	}
}
