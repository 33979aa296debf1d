package host_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/node"
)

const anyContract = `
node_name: NAME
tools:
  work:
    input: {type: object}
    output: {type: object}
    errors:
      - {code: TOO_LATE, description: it is too late, exit_status: 30}
`

// script makes a directory with an exec node of a shell script.
func script(t *testing.T, body, more string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "run.sh", "#!/bin/sh\n"+body+"\n")
	write(t, dir, node.ManifestFile, "name: worker\nversion: 1.0.0\nruntime: exec\ncommand: [./run.sh]\n"+more)
	write(t, dir, node.ContractFile, strings.ReplaceAll(anyContract, "NAME", "worker"))
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, dir string) *host.Host {
	t.Helper()
	h, err := host.Load(t.Context(), dir, &host.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func TestExecReadsExitStatusAndOutput(t *testing.T) {
	for name, tt := range map[string]struct {
		body    string
		status  node.Result
		result  string
		code    fault.Code
		message string
	}{
		"success":       {`echo '{"a":1}'`, node.Success, `{"a":1}`, "", ""},
		"arguments":     {`cat`, node.Success, `{"n":7}`, "", ""},
		"warning":       {`echo '{}'; exit 2`, node.Warning, `{}`, "", ""},
		"partial":       {`echo '{}'; exit 3`, node.Partial, `{}`, "", ""},
		"skipped":       {`exit 4`, node.Skipped, `null`, "", ""},
		"fixed":         {`echo '{}'; exit 5`, node.Fixed, `{}`, "", ""},
		"info":          {`echo '{}'; exit 6`, node.Info, `{}`, "", ""},
		"failed":        {`echo first >&2; echo 'no luck' >&2; exit 1`, node.Failed, "", host.ErrProgram.Code, "exit status 1: no luck"},
		"odd status":    {`echo '{}'; exit 99`, node.Failed, "", host.ErrProgram.Code, "exit status 99"},
		"killed":        {`kill -9 $$`, node.Failed, "", host.ErrProgram.Code, "signal: killed"},
		"reported":      {`echo '{"code":"NOT_TODAY","class":"denied","message":"not today"}'; exit 1`, node.Failed, "", "NOT_TODAY", "not today"},
		"declared":      {`exit 30`, node.Failed, "", "TOO_LATE", "it is too late"},
		"odd code":      {`echo '{"code":"not a code","message":"no"}'; exit 1`, node.Failed, "", host.ErrProgram.Code, "no"},
		"noisy":         {`echo 'working...'; echo '{}'`, node.Failed, "", host.ErrOutput.Code, "working"},
		"empty":         {`true`, node.Failed, "", host.ErrOutput.Code, "empty"},
		"wrong":         {`echo '[1]'`, node.Failed, "", host.ErrResult.Code, ""},
		"flood":         {`yes`, node.Failed, "", host.ErrOutputLimit.Code, "1000 bytes"},
		"hang":          {`sleep 3600`, node.Failed, "", host.ErrTimeout.Code, "500ms"},
		"background":    {`sleep 3600 & echo '{}'`, node.Success, `{}`, "", ""},
		"many errors":   {`yes error | head -c 3000000 >&2; echo '{}'`, node.Success, `{}`, "", ""},
		"reads nothing": {`exec <&-; echo '{}'`, node.Success, `{}`, "", ""},
		"environment": {`printf '{"tool":"%s","secret":"%s","cid":%d,"home":%d}' "$ONEX_TOOL" "$SECRET" ${#ONEX_CORRELATION_ID} ${#HOME}`,
			node.Success, fmt.Sprintf(`{"tool":"work","secret":"","cid":36,"home":%d}`, len(os.Getenv("HOME"))), "", ""},
		"passed on": {`printf '{"v":"%s"}' "$PASSED"`, node.Success, `{"v":"yes"}`, "", ""},
		"directory": {`test -f node.onex.yaml && echo '{}'`, node.Success, `{}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SECRET", "hidden")
			t.Setenv("PASSED", "yes")
			limit := 60_000
			if name == "hang" {
				limit = 500
			}
			h := load(t, script(t, tt.body, fmt.Sprintf("env: [PASSED]\ntimeout_ms: %d\nmax_output_bytes: 1000\n", limit)))
			o := h.Call(t.Context(), "work", json.RawMessage(`{"n":7}`))
			if o.Status != tt.status || string(o.Result) != tt.result || code(o) != tt.code {
				t.Errorf("got %s %s %+v, want %s %s %q", o.Status, o.Result, o.Error, tt.status, tt.result, tt.code)
			}
			if o.Error != nil && !strings.Contains(o.Error.Message, tt.message) {
				t.Errorf("message %q does not say %q", o.Error.Message, tt.message)
			}
		})
	}
}

// pidFrom waits until a program has written its number to a file.
func pidFrom(t *testing.T, path string) int {
	t.Helper()
	var pid int
	soon.True(t, "the program starts", func() bool {
		data, err := os.ReadFile(path)
		if err != nil || !strings.HasSuffix(string(data), "\n") {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
		return err == nil
	})
	return pid
}

func running(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return alive(pid)
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestExecKilledFromOutsideMidCall(t *testing.T) {
	dir := script(t, `echo $$ >pid; exec sleep 3600`, "")
	h := load(t, dir)
	done := make(chan host.Outcome, 1)
	go func() { done <- h.Call(t.Context(), "work", nil) }()
	if err := kill(pidFrom(t, filepath.Join(dir, "pid"))); err != nil {
		t.Fatal(err)
	}
	if o := <-done; code(o) != host.ErrProgram.Code || o.Rejected {
		t.Errorf("got %+v", o.Error)
	}
}

func TestCancelKillsTheWholeGroup(t *testing.T) {
	dir := script(t, `sleep 3600 & echo $! >pid; wait`, "")
	h := load(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan host.Outcome, 1)
	go func() { done <- h.Call(ctx, "work", nil) }()
	pid := pidFrom(t, filepath.Join(dir, "pid"))
	cancel()
	if o := <-done; o.Error == nil || o.Error.Class != fault.Canceled {
		t.Errorf("got %+v", o)
	}
	soon.True(t, "what the program started is gone", func() bool { return !running(pid) })
}

func TestBackgroundProcessesEndWithTheCall(t *testing.T) {
	dir := script(t, `sleep 3600 & echo $! >pid; echo '{}'`, "")
	if o := load(t, dir).Call(t.Context(), "work", nil); o.Status != node.Success {
		t.Fatalf("got %+v", o.Error)
	}
	pid := pidFrom(t, filepath.Join(dir, "pid"))
	soon.True(t, "the background process is gone", func() bool { return !running(pid) })
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	const manifest = "name: worker\nversion: 1.0.0\nruntime: exec\ncommand: [./run.sh]\n"
	contract := strings.ReplaceAll(anyContract, "NAME", "worker")
	for name, tt := range map[string]struct {
		manifest, contract string
		want               error
	}{
		"no manifest":     {"", contract, os.ErrNotExist},
		"no contract":     {manifest, "", os.ErrNotExist},
		"bad manifest":    {"name: worker\n", contract, node.ErrManifest},
		"bad contract":    {manifest, "node_name: worker\n", node.ErrContract},
		"another's":       {manifest, strings.ReplaceAll(anyContract, "NAME", "other"), host.ErrContract},
		"another version": {manifest, contract + "node_version: 2.0.0\n", host.ErrContract},
		"no tools":        {manifest, "node_name: worker\ntools: {}\n", host.ErrContract},
		"bad schema":      {manifest, strings.Replace(contract, "{type: object}", "{type: thing}", 1), schema.ErrUnsound},
		"go":              {"name: worker\nversion: 1.0.0\n", contract, host.ErrRuntime},
		"no program":      {strings.Replace(manifest, "run.sh", "walk.sh", 1), contract, host.ErrNoProgram},
		"not on PATH":     {strings.Replace(manifest, "./run.sh", "no-such-program-here", 1), contract, host.ErrNoProgram},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "run.sh", "#!/bin/sh\necho '{}'\n")
			if tt.manifest != "" {
				write(t, dir, node.ManifestFile, tt.manifest)
			}
			if tt.contract != "" {
				write(t, dir, node.ContractFile, tt.contract)
			}
			if _, err := host.Load(t.Context(), dir, nil); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// mcpDir makes a directory with an mcp node of testdata/mcp.py.
func mcpDir(t *testing.T, mode, more string) string {
	t.Helper()
	peer.Find(t, "python3")
	source, err := filepath.Abs("testdata/mcp.py")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, node.ManifestFile, fmt.Sprintf("name: talker\nversion: 1.0.0\nruntime: mcp\ncommand: [python3, %q, %q]\n%s", source, mode, more))
	return dir
}

func TestMCPResults(t *testing.T) {
	for _, mode := range []string{"", "bare", "noisy"} {
		t.Run(cmp.Or(mode, "usual"), func(t *testing.T) {
			h := load(t, mcpDir(t, mode, ""))
			for _, tt := range []struct {
				tool   node.ToolName
				args   string
				result string
				code   fault.Code
			}{
				{"say", `{"text":"hi"}`, `{"content":[{"type": "text", "text": "hi"}]}`, ""},
				{"say", `{}`, "", schema.ErrViolated.Code},
				{"structured_text", `{}`, `{"n": 1}`, ""},
				{"fail", `{}`, "", host.ErrProgram.Code},
				{"report", `{}`, "", "NO_PAPER"},
				{"refuse", `{}`, "", host.ErrArguments.Code},
			} {
				o := h.Call(t.Context(), tt.tool, json.RawMessage(tt.args))
				if got := string(o.Result); !sameJSON(got, tt.result) || code(o) != tt.code {
					t.Errorf("%s %s: got %s %+v, want %s %q", tt.tool, tt.args, got, o.Error, tt.result, tt.code)
				}
			}
		})
	}
}

func sameJSON(a, b string) bool {
	strip := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	return strip(a) == strip(b)
}

func TestMCPContractIsDerived(t *testing.T) {
	c := load(t, mcpDir(t, "", "")).Contract()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(c.Tools) != 13 {
		t.Errorf("%d tools", len(c.Tools))
	}
	if tool, ok := c.Tool("get_pid"); !ok || tool.Description != "its process" {
		t.Errorf("get_pid: %+v", tool)
	}
}

func TestMCPContractChoosesTools(t *testing.T) {
	dir := mcpDir(t, "", "")
	write(t, dir, node.ContractFile, "node_name: talker\ntools:\n  say:\n    input: {type: object}\n    output: {type: object, properties: {content: {type: array}}}\n")
	h := load(t, dir)
	if o := h.Call(t.Context(), "say", json.RawMessage(`{"text":"hi"}`)); o.Status != node.Success {
		t.Errorf("got %+v", o.Error)
	}
	if o := h.Call(t.Context(), "get_pid", nil); code(o) != host.ErrNoTool.Code {
		t.Errorf("a tool that the contract leaves out answers %+v", o)
	}
	write(t, dir, node.ContractFile, "node_name: talker\ntools:\n  sing:\n    input: {type: object}\n    output: {}\n")
	if _, err := host.Load(t.Context(), dir, nil); !errors.Is(err, host.ErrProtocol) {
		t.Errorf("a tool that the program lacks: %v", err)
	}
}

func TestMCPThatDoesNotStart(t *testing.T) {
	for mode, want := range map[string]error{"crash": host.ErrProtocol, "none": host.ErrProtocol} {
		if _, err := host.Load(t.Context(), mcpDir(t, mode, ""), &host.Options{Log: quiet()}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", mode, err, want)
		}
	}
}

func TestMCPCarriesTheCorrelation(t *testing.T) {
	h := load(t, mcpDir(t, "", ""))
	id := event.NewID()
	o := h.Call(host.WithCorrelation(t.Context(), id), "meta", nil)
	if !strings.Contains(string(o.Result), id.String()) {
		t.Errorf("got %s, want %s in it", o.Result, id)
	}
}

// pid asks an mcp node for its process.
func pid(t *testing.T, h *host.Host) int {
	t.Helper()
	var p struct{ PID int }
	soon.True(t, "the program answers", func() bool {
		o := h.Call(t.Context(), "get_pid", nil)
		return json.Unmarshal(o.Result, &p) == nil && p.PID != 0
	})
	return p.PID
}

func TestMCPIsStartedAgain(t *testing.T) {
	h := load(t, mcpDir(t, "", ""))
	before := pid(t, h)
	if o := h.Call(t.Context(), "die", nil); code(o) != host.ErrDied.Code || o.Rejected {
		t.Errorf("the call in flight: %+v", o)
	}
	if o := h.Call(t.Context(), "say", json.RawMessage(`{"text":"hi"}`)); o.Status != node.Success && (code(o) != host.ErrDown.Code || !o.Rejected) {
		t.Errorf("a call while it is down: %+v", o)
	}
	if after := pid(t, h); after == before {
		t.Errorf("process %d before and after", after)
	}
}

func TestMCPKilledFromOutsideMidCall(t *testing.T) {
	dir := mcpDir(t, "", "")
	h := load(t, dir)
	done := make(chan host.Outcome, 1)
	go func() { done <- h.Call(t.Context(), "stick", nil) }()
	if err := kill(pidFrom(t, filepath.Join(dir, "stuck"))); err != nil {
		t.Fatal(err)
	}
	if o := <-done; code(o) != host.ErrDied.Code {
		t.Errorf("got %+v", o.Error)
	}
}

func TestMCPTimeLimits(t *testing.T) {
	h := load(t, mcpDir(t, "", "timeout_ms: 300\n"))
	before := pid(t, h)
	if o := h.Call(t.Context(), "hang", nil); code(o) != host.ErrTimeout.Code {
		t.Errorf("hang: %+v", o.Error)
	}
	if after := pid(t, h); after != before {
		t.Error("a program that is alive was killed")
	}
	if o := h.Call(t.Context(), "stick", nil); code(o) != host.ErrTimeout.Code && code(o) != host.ErrDied.Code {
		t.Errorf("stick: %+v", o.Error)
	}
	if after := pid(t, h); after == before {
		t.Error("a program that says nothing was not killed")
	}
}

func TestMCPFloodIsKilled(t *testing.T) {
	h := load(t, mcpDir(t, "", ""))
	if o := h.Call(t.Context(), "flood", nil); code(o) != host.ErrOutputLimit.Code {
		t.Errorf("got %+v", o.Error)
	}
	pid(t, h)
}

func TestCloseLeavesNoProcess(t *testing.T) {
	h := load(t, mcpDir(t, "", ""))
	var child struct{ PID int }
	if err := json.Unmarshal(h.Call(t.Context(), "breed", nil).Result, &child); err != nil {
		t.Fatal(err)
	}
	p := pid(t, h)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []int{p, child.PID} {
		soon.True(t, "the process is gone", func() bool { return !running(p) })
	}
}

// A buffer is a log for tests.
type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestStandardErrorIsTheLog(t *testing.T) {
	var log buffer
	h, err := host.Load(t.Context(), script(t, `echo 'a line' >&2; echo '{}'`, ""), &host.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	o := h.Call(t.Context(), "work", nil)
	for _, want := range []string{`"a line"`, "node=worker", "tool=work", o.Correlation.String()} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, log.String())
		}
	}
}

// TestTheLastLineOfADyingProgramIsKept: it says why, and ends without a newline.
func TestTheLastLineOfADyingProgramIsKept(t *testing.T) {
	var log buffer
	dir := mcpDir(t, "", "")
	write(t, dir, "run.sh", "#!/bin/sh\nprintf '%01000d, out of luck' 7 >&2; exit 3\n")
	write(t, dir, node.ManifestFile, "name: talker\nversion: 1.0.0\nruntime: mcp\ncommand: [./run.sh]\n")
	_, err := host.Load(t.Context(), dir, &host.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if !errors.Is(err, host.ErrDied) || !strings.Contains(err.Error(), "exit status 3: 000") || len(err.Error()) > 600 {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "out of luck") {
		t.Errorf("the log lacks it:\n%s", log.String())
	}
	o := load(t, mcpDir(t, "", "")).Call(t.Context(), "die", nil)
	if code(o) != host.ErrDied.Code || !strings.HasSuffix(o.Error.Message, "farewell, cruel world") {
		t.Errorf("got %+v", o.Error)
	}
}

// TestLoadEndsWithItsContext: a program that says nothing is not waited for by
// somebody who has gone, and is not left behind.
func TestLoadEndsWithItsContext(t *testing.T) {
	dir := mcpDir(t, "", "")
	write(t, dir, "run.sh", "#!/bin/sh\necho $$ >pid; exec sleep 3600\n")
	write(t, dir, node.ManifestFile, "name: talker\nversion: 1.0.0\nruntime: mcp\ncommand: [./run.sh]\n")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := host.Load(ctx, dir, &host.Options{Log: quiet()})
		ended <- err
	}()
	pid := pidFrom(t, filepath.Join(dir, "pid"))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	soon.True(t, "the program is gone", func() bool { return !running(pid) })

	ctx, cancel = context.WithCancel(t.Context())
	h, err := host.Load(ctx, mcpDir(t, "", ""), &host.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	cancel()
	if o := h.Call(t.Context(), "say", json.RawMessage(`{"text":"hi"}`)); o.Status != node.Success {
		t.Errorf("the program ended with the context of its start: %+v", o.Error)
	}
}
