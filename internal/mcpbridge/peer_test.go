package mcpbridge_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/node"
)

// modules returns the directory of the npm packages that .ci/npm pins, and its
// Node.js.
func modules(t *testing.T) (dir, program string) {
	t.Helper()
	dir, err := filepath.Abs("../../.build/npm/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "node", "bin", "node")
	if _, err := os.Stat(program); err != nil {
		peer.Missing(t, "there are no npm packages in .build/npm")
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

// everything builds the server that the official Go SDK is tested with.
func everything(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "everything")
	cmd := exec.CommandContext(t.Context(), peer.Find(t, "go"), "build", "-o", program,
		"github.com/modelcontextprotocol/go-sdk/conformance/everything-server")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// everythingNode runs that server as a node. protocol is the newest version that
// is spoken with it.
func everythingNode(t *testing.T, program, protocol string) func(*host.Options) *host.Host {
	t.Helper()
	dir := t.TempDir()
	manifest := fmt.Sprintf("name: everything\nversion: 1.0.0\nruntime: mcp\ncommand: [%q]\nprotocol: %s\n", program, protocol)
	if err := os.WriteFile(filepath.Join(dir, node.ManifestFile), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(o *host.Options) *host.Host {
		h, err := host.Load(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		return h
	}
}

// TestConformance runs what the official suite requires of a server, against the
// official Go SDK's own test server as a node: everything goes through the
// registry and a bus.
func TestConformance(t *testing.T) {
	dir, program := modules(t)
	server := everything(t)
	for _, revision := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(revision, func(t *testing.T) {
			w := newWorld(t)
			w.run(everythingNode(t, server, revision))
			addr := w.listen(w.serve(nil), "")
			suite(t, dir, program, revision, "http://"+addr.String()+"/mcp")
		})
	}
}

// suite runs the official suite against a server. It waits fixed times for what
// must come, so that a busy machine may need another run.
func suite(t *testing.T, dir, program, revision, url string, more ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	const runs = 4
	for n := 1; ; n++ {
		args := append([]string{filepath.Join(dir, "@modelcontextprotocol/conformance/dist/index.js"), "server",
			"--url", url, "--requirements", revision, "-o", t.TempDir()}, more...)
		out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
		if err == nil {
			t.Logf("run %d: %d scenarios pass", n, strings.Count(string(out), "\n✓"))
			return
		}
		if n == runs {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}
