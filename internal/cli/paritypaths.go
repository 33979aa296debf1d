package cli

import (
	"context"
	"errors"
	"os/exec"
	"slices"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// gateways are the ways to a tool through MCP: a server within this process, and
// one that is a process of its own and is spoken to over its standard streams.
func (s *session) gateways(program []string, bench *app.Bench) []parity.Gateway {
	hidden := []node.ToolName{host.RequestTool}
	return []parity.Gateway{
		{Name: "mcp", Bus: "memory", How: "an MCP server and a client", Lossy: true, Hidden: hidden, Open: s.openMCP},
		{Name: "mcp", Bus: "embedded", How: "an MCP client, over the standard streams of onex mcp", Lossy: true, Hidden: hidden, Open: func(ctx context.Context, _ bus.Bus) (parity.Door, error) {
			argv := slices.Concat(program, []string{"mcp", "--no-pins", "--bus", bench.Socket(), "--directory", bench.Root()})
			return mcpbridge.ProbeCommand(ctx, exec.Command(argv[0], argv[1:]...))
		}},
	}
}

// A bridge is an MCP server and its only client.
type bridge struct {
	*mcpbridge.Probe
	server *mcpbridge.Server
}

func (s *session) openMCP(ctx context.Context, b bus.Bus) (parity.Door, error) {
	server, err := mcpbridge.New(ctx, b, &mcpbridge.Options{Log: s.Log})
	if err != nil {
		return nil, err
	}
	probe, err := mcpbridge.ProbeServer(ctx, server)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return bridge{probe, server}, nil
}

func (b bridge) Close() error { return errors.Join(b.Probe.Close(), b.server.Close()) }
