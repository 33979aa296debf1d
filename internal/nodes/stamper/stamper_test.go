package stamper_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// project returns a copy of testdata/project.
func project(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(dir, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestALifeOfTheNode calls the tools one after another on one project.
func TestALifeOfTheNode(t *testing.T) {
	dir, state := project(t), t.TempDir()
	extended := 0
	h, err := stamper.New(dir, state, func(context.Context, string, *stamp.Options) error { extended++; return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	steps := []struct {
		name, tool, args string
		change           func() error
		status           node.Result
		files            []string
	}{
		{name: "nothing is stamped", tool: "stamp_check", args: `{}`, status: node.Warning,
			files: []string{"broken.md malformed", "hello.py unstamped", "stamped.yaml outdated"}},
		{name: "plan", tool: "stamp_files", args: `{}`, status: node.Partial, files: []string{"broken.md fail", "hello.py add", "stamped.yaml update"}},
		{name: "write", tool: "stamp_files", args: `{"write": true, "paths": ["hello.py"]}`, status: node.Success, files: []string{"hello.py add"}},
		{name: "again", tool: "stamp_files", args: `{"write": true, "paths": ["hello.py"]}`, status: node.Success, files: []string{}},
		{name: "one file", tool: "stamp_check", args: `{"paths": ["hello.py"], "all": true}`, status: node.Success, files: []string{"hello.py ok"}},
		{name: "all that fail", tool: "stamp_files", args: `{"write": true, "paths": ["broken.md"]}`, status: node.Warning, files: []string{"broken.md fail"}},
		{name: "changed", tool: "stamp_check", args: `{"paths": ["hello.py"]}`, status: node.Warning, files: []string{"hello.py modified"}, change: func() error {
			return appendTo(filepath.Join(dir, "hello.py"), "more = 1\n")
		}},
	}
	for _, s := range steps {
		if s.change != nil {
			if err := s.change(); err != nil {
				t.Fatal(err)
			}
		}
		out := h.Call(t.Context(), node.ToolName(s.tool), json.RawMessage(s.args))
		var got struct {
			Files []struct{ Path, Action, State string }
		}
		if err := json.Unmarshal(out.Result, &got); err != nil {
			t.Fatalf("%s: %v %v", s.name, err, out.Error)
		}
		files := []string{}
		for _, f := range got.Files {
			files = append(files, f.Path+" "+f.Action+f.State)
		}
		if out.Status != s.status || !slices.Equal(files, s.files) {
			t.Errorf("%s: %s %v, want %s %v", s.name, out.Status, files, s.status, s.files)
		}
	}
	if extended != len(steps) {
		t.Errorf("plugins were asked %d times, want before each of %d runs", extended, len(steps))
	}
	if log, err := os.ReadFile(filepath.Join(state, "canaries.ndjson")); err != nil || !strings.Contains(string(log), `"ok":true`) {
		t.Errorf("the log of the canaries: %v %q", err, log)
	}
	out := h.Call(t.Context(), "stamp_check", json.RawMessage(`{"paths": ["../x"]}`))
	if out.Error == nil || out.Error.Code != tree.ErrPath.Code {
		t.Errorf("outside of the project: %+v", out)
	}
}

func appendTo(name, text string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, text...), 0o644)
}

func TestWhatAPluginRefusesIsNoRun(t *testing.T) {
	refuses := errors.New("no plugins today")
	h, err := stamper.New(project(t), "", func(context.Context, string, *stamp.Options) error { return refuses }, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, tool := range []node.ToolName{"stamp_files", "stamp_check"} {
		if out := h.Call(t.Context(), tool, json.RawMessage(`{}`)); out.Error == nil || !strings.Contains(out.Error.Message, refuses.Error()) {
			t.Errorf("%s: %+v", tool, out)
		}
	}
}

// TestFilesAreDescribed holds what is said of files, in both forms, against pages that
// a person has read.
func TestFilesAreDescribed(t *testing.T) {
	dir := project(t)
	for _, name := range []string{"stamped.yaml", "broken.md", "data.bin", "hello.py"} {
		var text, doc bytes.Buffer
		for format, out := range map[console.Format]*bytes.Buffer{console.Text: &text, console.JSON: &doc} {
			env := &console.Env{Dir: dir, Out: out, Err: out, Log: slog.New(slog.DiscardHandler)}
			d, err := stamper.Describe(t.Context(), env, name)
			if err == nil {
				err = env.Print(format, d)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		golden.Check(t, filepath.Join("testdata/described", name+".txt"), append(text.Bytes(), doc.Bytes()...))
	}
	for _, name := range []string{"nowhere.md", "docs", "."} {
		if d, err := stamper.Describe(t.Context(), &console.Env{Dir: dir}, name); d != nil || err != nil {
			t.Errorf("%s is described: %v %v", name, d, err)
		}
	}
}

func TestWhatIsFoundedIsWhatInitWrites(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my Shop-2")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b := stamper.Found(t.Context(), dir)
	author := b.Text("author")
	if diff := cmp.Diff([]string{"my_shop_2", author, author}, []string{b.Text("name"), b.Text("owner"), b.Text("copyright")}); diff != "" || author == "" {
		t.Errorf("author %q (-want +got):\n%s", author, diff)
	}
}
