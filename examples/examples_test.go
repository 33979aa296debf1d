// Package examples_test runs the example nodes as their readers would.
package examples_test

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

func load(t *testing.T, dir string) *host.Host {
	t.Helper()
	if dir != "shout" {
		peer.Find(t, "python3")
	}
	h, err := host.Load(t.Context(), dir, &host.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func TestCalls(t *testing.T) {
	for _, tt := range []struct {
		dir    string
		tool   node.ToolName
		args   string
		result string
		code   fault.Code
	}{
		{"greeter", "greet", `{"name":"Ada"}`, `{"greeting": "Hello, Ada!"}`, ""},
		{"greeter", "greet", `{"name":" "}`, "", "EMPTY_NAME"},
		{"greeter", "greet", `{}`, "", schema.ErrViolated.Code},
		{"shout", "shout", `{"text":"hello"}`, `{"text":"HELLO!"}`, ""},
		{"shout", "count", `{"text":"hello"}`, `{"characters":5}`, ""},
		{"shout", "count", `{"text":"say \"x\""}`, "", schema.ErrViolated.Code},
		{"clock", "now", `{"format":"%%"}`, `{"time": "%", "calls": 1}`, ""},
		{"clock", "now", `{"zone":"UTC"}`, "", schema.ErrViolated.Code},
	} {
		t.Run(tt.dir+" "+string(tt.tool)+tt.args, func(t *testing.T) {
			o := load(t, tt.dir).Call(t.Context(), tt.tool, json.RawMessage(tt.args))
			var code fault.Code
			if o.Error != nil {
				code = o.Error.Code
			}
			if got := string(o.Result); got != tt.result || code != tt.code {
				t.Errorf("got %s %+v, want %s %q", got, o.Error, tt.result, tt.code)
			}
		})
	}
}

// TestExamplesOfContracts executes what the contracts say.
func TestExamplesOfContracts(t *testing.T) {
	ran := 0
	for _, dir := range []string{"greeter", "shout", "clock"} {
		h := load(t, dir)
		for _, tool := range h.Contract().Tools {
			for _, s := range tool.Examples {
				ran++
				o := h.Call(t.Context(), tool.Name, s.Input)
				if o.Status != s.Status {
					t.Errorf("%s %s %s: %s %+v, want %s", dir, tool.Name, s.Name, o.Status, o.Error, s.Status)
				}
				if s.Output != nil && canonical(t, o.Result) != canonical(t, s.Output) {
					t.Errorf("%s %s %s: %s, want %s", dir, tool.Name, s.Name, o.Result, s.Output)
				}
				if o.Error != nil && string(o.Error.Code) != s.Error {
					t.Errorf("%s %s %s: error %s, want %s", dir, tool.Name, s.Name, o.Error.Code, s.Error)
				}
			}
		}
	}
	if ran < 4 {
		t.Errorf("only %d examples", ran)
	}
}

func canonical(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	c, err := schema.Canonical(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(c)
}

// TestExamplesAreShort keeps the promise that a node needs no more than twenty
// lines in another language.
func TestExamplesAreShort(t *testing.T) {
	const most = 20
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".py") && !strings.HasSuffix(path, ".sh") {
			return err
		}
		if slices.Contains([]string{"clients", "validators", "handlers", "tools"}, strings.Split(path, "/")[0]) { // they speak a protocol
			return nil
		}
		found++
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		n := 0
		for s := bufio.NewScanner(f); s.Scan(); {
			n++
		}
		if n > most {
			t.Errorf("%s has %d lines, at most %d are promised", path, n, most)
		}
		return f.Close()
	})
	if err != nil || found < 3 {
		t.Errorf("%d programs, %v", found, err)
	}
}

// TestThePageShowsTheseFiles holds docs/write-a-node.md against the examples.
func TestThePageShowsTheseFiles(t *testing.T) {
	page, err := os.ReadFile("../docs/write-a-node.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"greeter/greet.py", "greeter/node.onex.yaml", "greeter/contract.yaml",
		"shout/shout.sh", "clock/clock.py", "clock/node.onex.yaml", "clock/contract.yaml",
	} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "\n"+string(data)+"```\n") {
			t.Errorf("docs/write-a-node.md does not show %s as it is", name)
		}
	}
}
