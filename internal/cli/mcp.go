package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/mcpbridge"
)

// mcpFlags are the flags of onex mcp.
type mcpFlags struct {
	tools     []string
	readOnly  bool
	search    bool
	http      string
	tokenFile string
	noToken   bool
	noPins    bool
	client    string
}

func newMCP(s *session) *cobra.Command {
	var f mcpFlags
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "serve the tools of the live registry to MCP clients",
		Long: `mcp makes every tool of the live registry available to clients of the Model
Context Protocol, over standard input and output: an assistant or an agent
starts it as its MCP server. Tools appear and vanish with the nodes that offer
them; calls are checked against their contracts, and errors keep their codes.

The definition of a tool that was seen once is remembered. When it changes, the
tool is kept from clients until the difference (onex mcp diff) is accepted
(onex mcp accept).

With --http it serves streamable HTTP on a loopback address instead, to clients
that send the token it prints.`,
		Example: `  onex mcp config claude-desktop          # what to write into a client's configuration
  onex mcp --tool 'stamp_*' --read-only   # only some tools
  onex mcp --search                       # three tools that find and call all others
  onex mcp --http 127.0.0.1:8931`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return s.serveMCP(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.tools, "tool", nil, "serve only tools whose names match `pattern`, as stamp_*; may be given several times")
	flags.BoolVar(&f.readOnly, "read-only", false, "serve only tools whose contracts say that they change nothing")
	flags.BoolVar(&f.search, "search", false, "offer find_tools, describe_tool and call_tool in place of the tools")
	flags.BoolVar(&f.noPins, "no-pins", false, "serve tools also when their definitions change, without asking")
	flags.StringVar(&f.client, "client", "", "the `name` of the client that starts it: its profile in mcp: of onex.yaml holds (default: the name that the client gives)")
	flags.StringVar(&f.http, "http", "", "serve streamable HTTP on a loopback `address`, as 127.0.0.1:8931")
	flags.StringVar(&f.tokenFile, "token-file", "", "with --http: the token that clients must send, in a `file` (default: a new one, printed)")
	flags.BoolVar(&f.noToken, "no-token", false, "with --http: let every program of this machine call")
	cmd.MarkFlagsMutuallyExclusive("token-file", "no-token")
	cmd.AddCommand(newMCPConfig(s), newMCPPin(s), newMCPDiff(s), newMCPAccept(s), newMCPRelay(s))
	return cmd
}

func (s *session) serveMCP(ctx context.Context, f mcpFlags) error {
	err := s.onBus(ctx, func(cfg app.Config, b bus.Bus) error {
		o, err := cfg.MCPOptions(version().Version, s.Log)
		if err != nil {
			return err
		}
		o.Tools, o.ReadOnly, o.Search, o.Client = f.tools, f.readOnly, f.search || o.Search, f.client
		w := cfg.Watch(app.WatchOptions{Log: s.Log, From: self})
		defer w.Close()
		o.Invoke.Trace = w.Recorder()
		if f.noPins {
			o.Pins = nil
		}
		server, err := mcpbridge.New(ctx, b, o)
		if err != nil {
			return err
		}
		if f.http != "" {
			err = s.serveMCPOverHTTP(ctx, server, f)
		} else {
			err = server.RunStreams(ctx, s.In, s.Out)
		}
		return errors.Join(err, server.Close())
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *session) serveMCPOverHTTP(ctx context.Context, server *mcpbridge.Server, f mcpFlags) error {
	token, err := "", error(nil)
	switch {
	case f.tokenFile != "":
		token, err = mcpbridge.ReadToken(s.path(f.tokenFile))
	case !f.noToken:
		token = mcpbridge.NewToken()
	}
	if err != nil {
		return err
	}
	l, err := mcpbridge.Listen(ctx, f.http)
	if err != nil {
		return err
	}
	s.Note("MCP is ready at http://%s/mcp", l.Addr())
	if f.tokenFile == "" && !f.noToken {
		s.Note("clients send the header Authorization: Bearer %s", token)
	}
	return server.Serve(ctx, l, token)
}

// path returns a file that an argument names, relative to where the command
// works.
func (s *session) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.Dir, name)
}

func newMCPConfig(s *session) *cobra.Command {
	var names []string
	for _, c := range mcpbridge.Clients() {
		names = append(names, string(c))
	}
	return &cobra.Command{
		Use:       "config CLIENT",
		Short:     "print the configuration that makes an MCP client start onex mcp",
		Long:      "config prints what to add to the configuration of CLIENT, one of: " + strings.Join(names, ", ") + ".",
		Example:   "  onex mcp config cursor > .cursor/mcp.json",
		Args:      exactly(1),
		ValidArgs: names,
		RunE:      func(_ *cobra.Command, args []string) error { return s.printMCPConfig(args[0]) },
	}
}

func (s *session) printMCPConfig(name string) error {
	client, err := mcpbridge.ParseClient(name)
	if err != nil {
		return err
	}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"mcp", "--client", name, "--directory", cfg.Project.Root}
	if f := s.root.PersistentFlags().Lookup("bus"); f != nil && f.Changed {
		args = append(args, "--bus", f.Value.String())
	}
	fmt.Fprint(s.Out, client.Config(program, args))
	s.Note("add this to %s", client.File())
	return nil
}

// newMCPRelay is what onex starts for a node whose manifest has a url.
func newMCPRelay(s *session) *cobra.Command {
	var variable string
	cmd := &cobra.Command{
		Use:    "relay URL",
		Short:  "speak MCP over standard streams for a server at URL",
		Hidden: true,
		Args:   exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return mcpbridge.Relay(cmd.Context(), args[0], os.Getenv(variable), s.In, s.Out)
		},
	}
	cmd.Flags().StringVar(&variable, "token-env", "", "the environment `variable` with the token that the server wants")
	return cmd
}
