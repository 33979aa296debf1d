package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/node"
)

func newUp(s *session) *cobra.Command {
	var programs []string
	var mcp string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "run the bus, the registry and the built-in nodes",
		Long: `up is the daemon of a project. It runs in the foreground until it is told to
stop (SIGTERM, Ctrl-C): the bus with its store, the registry, the built-in
nodes, and the programs named by --node or by nodes: in onex.yaml.

Other onex processes of the same user find it by the project they run in; other
programs by the address that it prints, as ONEX_BUS. It opens no network port
unless listen and listen_token are set.

A program that cannot run, or ends for good, is named, and costs the others
nothing; onex bus health shows it and exits with 1 as long as the daemon runs.`,
		Example: `  onex up &
  onex up --node ./greeter --node ./clock
  onex up --http :9464                    # Prometheus metrics, health
  onex up --mcp 127.0.0.1:8931`,
		Args: exactly(0),
	}
	cmd.Flags().StringArrayVar(&programs, "node", nil, "also run the node in `dir`; may be given several times")
	var address string
	cmd.Flags().StringVar(&address, "http", "", "serve /metrics, /healthz and /readyz on `host:port`, or a port alone; without a host on 127.0.0.1")
	cmd.Flags().StringVar(&mcp, "mcp", "", "also serve the tools to MCP clients, over HTTP on a loopback `address`, as 127.0.0.1:8931")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := s.config()
		if err != nil {
			return err
		}
		cfg.HTTP = or(address, cfg.HTTP)
		for _, dir := range programs {
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(s.Dir, dir)
			}
			if _, err := os.Stat(filepath.Join(dir, node.ManifestFile)); err != nil {
				return host.ErrNoFile.Wrap(err, "--node %s", dir)
			}
			cfg.Nodes = append(cfg.Nodes, dir)
		}
		if mcp != "" {
			cfg.MCP.Listen = mcp
		}
		plugins, err := s.pluginNodes(cmd.Context())
		if err != nil {
			return err
		}
		for _, p := range plugins {
			cfg.Nodes = append(cfg.Nodes, p.dir)
		}
		if s.Getenv("GOGC") == "" {
			debug.SetGCPercent(idleGC)
		}
		began := time.Now()
		return app.Up(cmd.Context(), cfg, &app.UpOptions{Version: version().Version, Log: s.Log, Program: s.program(), Broken: s.tellBroken, Ready: func(u app.Running) {
			s.Note("onex %s is ready (%d ms): bus %s, nodes %s", version().Version,
				time.Since(began).Milliseconds(), u.Bus, strings.Join(u.Nodes, ", "))
			s.tellMCP(u.MCP)
			if u.HTTP != "" {
				s.Note("metrics and health: http://%s/metrics, /healthz, /readyz", u.HTTP)
			}
			s.Note("project %s, stop with Ctrl-C or kill %d", cfg.Project.Root, u.PID)
		}})
	}
	return cmd
}

// idleGC is the garbage, in percent of what is in use, that a daemon may hold, half of
// Go's default: it idles for hours, where memory matters and the time of a collection
// does not. GOGC overrides it.
const idleGC = 50

// tellMCP says where MCP clients are served.
func (s *session) tellMCP(at app.MCPServer) {
	if at.URL == "" {
		return
	}
	s.Note("MCP is ready at %s", at.URL)
	if at.Token != "" {
		s.Note("clients send the header Authorization: Bearer %s", at.Token)
	}
}

// tellBroken says which node does not run, and that the others do.
func (s *session) tellBroken(b app.Broken) {
	s.Warn("%s does not run: %s (%s)", b.Node, b.Error.Message, b.Error.Code)
	if b.Error.Hint != "" {
		s.Note("hint: %s", b.Error.Hint)
	}
}

// plural returns "1 thing" or "2 things".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
