package parity_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/natsd/natsdtest"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// asCommand is the variable that lets the test binary stand in for onex run
// --once. Its value is how the stand-in misbehaves; "good" does not. The scripts
// of cmd/onex try the real one.
const asCommand = "PARITY_TEST_COMMAND"

func TestMain(m *testing.M) {
	if how := os.Getenv(asCommand); how != "" {
		os.Exit(command(how, os.Args[1:]))
	}
	natsdtest.VerifyMain(m)
}

// command is onex run NODE --once --input - -o json --tool TOOL.
func command(how string, args []string) int {
	target, tool := args[1], args[slices.Index(args, "--tool")+1]
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 70
	}
	h, err := open(context.Background(), target, nil, &host.Options{Log: quiet()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer h.Close()
	out := h.Call(context.Background(), node.ToolName(tool), input)
	reply, err := json.Marshal(invoke.Reply{
		ToolName: node.ToolName(tool), Status: out.Status, Result: out.Result, Error: out.Error,
		CorrelationID: out.Correlation.String(),
	})
	if err != nil {
		return 70
	}
	switch how {
	case "noisy":
		fmt.Println("loading…")
	case "talkative":
		defer fmt.Println("done")
	case "always zero":
		out.Status = node.Success
	case "silent":
		return 0
	case "other tool":
		reply = []byte(`{"tool_name":"other","status":"success","result":null,"error":null,"node_id":"","correlation_id":"","duration_ms":0}`)
	}
	fmt.Println(string(reply))
	return out.Status.ExitStatus()
}

// open makes the host of a Go node of this package, of a built-in node, or of a directory.
func open(ctx context.Context, name string, b bus.Bus, o *host.Options) (*host.Host, error) {
	if build, ok := goNodes()[name]; ok {
		return build(b, o), nil
	}
	for _, builtin := range nodes.All() {
		if string(builtin.Name) == name {
			root, err := os.Getwd()
			if err != nil {
				return nil, err
			}
			return builtin.Host(nodes.Deps{Root: root, Bus: b, Log: quiet(), Host: o})
		}
	}
	return host.Load(ctx, name, o)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// misbehaving returns the command line of the stand-in.
func misbehaving(t *testing.T, how string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asCommand, how)
	return []string{self}
}

// nats starts a server and returns the transport to it.
func nats(t *testing.T) parity.Transport {
	t.Helper()
	server, err := natsd.Start(t.Context(), natsd.Options{Profile: natsd.ProfileMemory, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	dial := func(ctx context.Context) (bus.Bus, error) {
		return natsbus.Dial(ctx, natsbus.Options{Dialer: server.Dial, Log: quiet()})
	}
	return parity.Transport{Name: "nats", How: "NATS", Open: dial, Join: dial}
}

// bridge is MCP on the bus memory.
func bridge() parity.Gateway {
	return parity.Gateway{Name: "mcp", Bus: "memory", How: "MCP", Lossy: true, Hidden: []node.ToolName{host.RequestTool}, Open: func(ctx context.Context, b bus.Bus) (parity.Door, error) {
		server, err := mcpbridge.New(ctx, b, &mcpbridge.Options{Log: quiet()})
		if err != nil {
			return nil, err
		}
		probe, err := mcpbridge.ProbeServer(ctx, server)
		return served{probe, server}, err
	}}
}

type served struct {
	*mcpbridge.Probe
	server *mcpbridge.Server
}

func (s served) Close() error { return errors.Join(s.Probe.Close(), s.server.Close()) }

// goNode returns a node of this package as parity takes it.
func goNode(name string) parity.Node {
	return parity.Node{Name: name, Host: func(ctx context.Context, _ string, b bus.Bus, o *host.Options) (*host.Host, error) {
		return open(ctx, name, b, o)
	}}
}

func dir(path string) parity.Node { return parity.Node{Name: path, Dir: path} }
