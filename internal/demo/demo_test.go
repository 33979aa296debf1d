package demo_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/omninode-ai/onex/internal/cli"
	"github.com/omninode-ai/onex/internal/demo"
)

// asOnex makes the test binary be the command for the processes that the demo
// starts.
const asOnex = "DEMO_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asOnex) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		status := cli.Main(ctx, os.Args[1:], cli.Process())
		stop()
		os.Exit(status)
	}
	os.Exit(m.Run())
}

func source(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := errors.Join(
		os.Mkdir(filepath.Join(dir, "src"), 0o755),
		os.WriteFile(filepath.Join(dir, "src", "tool.py"), []byte("print('hi')\n"), 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func options(t *testing.T, out *bytes.Buffer) *demo.Options {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asOnex, "1")
	temp, err := os.MkdirTemp("", "onex") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })
	t.Setenv("TMPDIR", temp)
	return &demo.Options{Exe: exe, Source: source(t), Out: out, Title: strings.ToUpper}
}

func TestDemoKeepsItsPromises(t *testing.T) {
	var out bytes.Buffer
	if err := demo.Run(t.Context(), options(t, &out)); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"# ALL OF IT HELD", "dead since", "modified   src/tool.py"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out.String())
		}
	}
}

// TestDemoInAnEmptyDirectory: who tries onex may have nothing to stamp yet.
func TestDemoInAnEmptyDirectory(t *testing.T) {
	var out bytes.Buffer
	o := options(t, &out)
	o.Source = t.TempDir()
	if err := demo.Run(t.Context(), o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if want := "modified   greeter/"; !strings.Contains(out.String(), want) {
		t.Errorf("the demo does not show %q:\n%s", want, out.String())
	}
}

// TestDemoWithoutPython: on a machine with nothing but a shell the demo shows
// the same, and says in which languages.
func TestDemoWithoutPython(t *testing.T) {
	bin := t.TempDir()
	for _, tool := range []string{"sh", "sed", "tr", "od", "echo"} {
		path, err := exec.LookPath(tool)
		if err == nil {
			err = os.Symlink(path, filepath.Join(bin, tool))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	o := options(t, &out)
	t.Setenv("PATH", bin)
	if err := demo.Run(t.Context(), o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "(shout, shell: ") || strings.Contains(out.String(), "Python") {
		t.Errorf("the demo does not run in the shell alone:\n%s", out.String())
	}
}

// TestDemoNoticesABrokenPromise: a program that does nothing is not ONEX.
func TestDemoNoticesABrokenPromise(t *testing.T) {
	var out bytes.Buffer
	o := options(t, &out)
	o.Exe = "/bin/true"
	if err := demo.Run(t.Context(), o); !errors.Is(err, demo.ErrDemo) {
		t.Errorf("a demo of /bin/true: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "onex-demo-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// TestDemoEndsWithItsAudience runs the command whose output nobody reads to the end, as
// in onex demo | head -3: nothing is left behind.
func TestDemoEndsWithItsAudience(t *testing.T) {
	o := options(t, nil)
	cmd := exec.CommandContext(t.Context(), o.Exe, "demo")
	cmd.Dir = o.Source
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "ready"); {
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the command succeeded")
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "onex-demo-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
