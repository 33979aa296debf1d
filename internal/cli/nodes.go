package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/noderegistry"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// A NodeRow is one node in the output of "onex nodes".
type NodeRow struct {
	noderegistry.Node
	Trust node.Trust `json:"trust_state"`
}

// NodeRows is the output of "onex nodes".
type NodeRows []NodeRow

func rowOf(n event.NodeEntry) NodeRow { return NodeRow{noderegistry.NodeOf(n), n.Trust} }

// Table leaves out what only programs want.
func (rows NodeRows) Table() console.Grid {
	g := console.Grid{
		Header: []string{"name", "version", "status", "since", "runtime", "trust", "tools", "reason"},
		Empty:  "no nodes",
	}
	for _, r := range rows {
		g.Rows = append(g.Rows, []string{
			string(r.Name), r.Version, string(r.Status), ago(r.Since),
			string(r.Runtime), string(r.Trust), joinTools(r.Tools), r.Reason,
		})
	}
	return g
}

// joinTools shortens a long list: the table must fit a terminal.
func joinTools(tools []node.ToolName) string {
	const shown = 3
	names := make([]string, 0, shown)
	for i, t := range tools {
		if i == shown {
			return fmt.Sprintf("%s +%d", strings.Join(names, ","), len(tools)-shown)
		}
		names = append(names, string(t))
	}
	return strings.Join(names, ",")
}

// ago says how long ago t was, in the largest unit.
func ago(t time.Time) string {
	d := max(time.Since(t), 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

func newNodes(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "nodes [NAME…]",
		Short:             "list the nodes that the registry knows",
		ValidArgsFunction: s.completeNodes,
		Long: `nodes lists the nodes that the registry knows, with their status and the reason
for it. Calls go to those that are online or unverified; nodes that are dead or
stopped stay listed for ten minutes. Nodes of onex.yaml that do not run are named
on standard error, with the reason. A NAME may be a node's name, name@version,
or the beginning of its id.`,
		Example: `  onex nodes
  onex nodes --live
  onex nodes --tool greet --version ^1.2 --trust trusted
  onex nodes -o json | jq '.[] | select(.status == "dead") | .reason'`,
	}
	format := formatFlag(cmd, console.Table)
	live := cmd.Flags().Bool("live", false, "only nodes that take calls")
	var filter registry.Filter
	var tool, trust string
	var statuses []string
	cmd.Flags().StringVar(&tool, "tool", "", "only nodes that offer this `tool`")
	cmd.Flags().StringVar(&filter.Versions, "version", "", "only versions in this semver `range`, such as ^1.2")
	cmd.Flags().StringSliceVar(&statuses, "status", nil, "only nodes with this `status`, or one of several")
	cmd.Flags().StringVar(&trust, "trust", "", "only nodes of at least this `level`: untrusted, trusted, verified")
	cmd.Flags().StringVar(&filter.Tag, "tag", "", "only nodes whose manifest has this `tag`")
	cmd.Flags().StringVar(&filter.Capability, "capability", "", "only nodes whose manifest names this `capability`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		filter.Names, filter.Tool = args, node.ToolName(tool)
		if err := choose(&filter, statuses, trust); err != nil {
			return err
		}
		return s.onRegistry(cmd.Context(), func(ctx context.Context, c *registry.Client) error {
			entries, err := c.Select(ctx, filter)
			if err != nil {
				return err
			}
			var unknown error
			if !filter.Narrow() { // else a node that is not listed may well be there
				unknown = unknownNodes(entries, args)
			}
			if unknown != nil && len(entries) == 0 {
				return unknown
			}
			if err := s.Print(*format, nodeRows(entries, *live)); err != nil || unknown == nil {
				if err == nil && len(args) == 0 && !filter.Narrow() {
					s.tellMissing()
				}
				return err
			}
			return console.Exit(s.Fail(unknown))
		})
	}
	return cmd
}

// tellMissing says which nodes the daemon of this project was to run and does not: a
// list that leaves them out is not complete.
func (s *session) tellMissing() {
	cfg, err := s.config()
	if err != nil {
		return // the list could not have been asked for
	}
	for _, b := range s.broken(cfg) {
		s.Warn("%s does not run: %s (%s)", b.Node, b.Error.Message, b.Error.Code)
	}
}

// choose sets the parts of a filter that are words out of closed sets.
func choose(f *registry.Filter, statuses []string, trust string) error {
	for _, word := range statuses {
		status, err := node.ParseStatus(word)
		if err != nil {
			return console.ErrUsage.With("--status: %v", err)
		}
		f.Statuses = append(f.Statuses, status)
	}
	if trust == "" {
		return nil
	}
	level, err := node.ParseTrust(trust)
	if err != nil {
		return console.ErrUsage.With("--trust: %v", err)
	}
	f.Trust = level
	return nil
}

// unknownNodes returns the error for names that no entry has; nil when there
// are none.
func unknownNodes(entries []event.NodeEntry, names []string) error {
	var missing []string
	for _, name := range names {
		if !slices.ContainsFunc(entries, func(n event.NodeEntry) bool { return answersTo(n, name) }) {
			missing = append(missing, strconv.Quote(name))
		}
	}
	if missing == nil {
		return nil
	}
	return registry.ErrNotFound.With("%s", strings.Join(missing, ", ")).Hinted("list the nodes with `onex nodes`")
}

// answersTo reports whether a person may call n by this name.
func answersTo(n event.NodeEntry, name string) bool {
	return name == string(n.Name) || name == string(n.Name)+"@"+n.Version || strings.HasPrefix(string(n.NodeID), name)
}

func nodeRows(entries []event.NodeEntry, live bool) NodeRows {
	rows := NodeRows{}
	for _, n := range entries {
		if n.Status.Routable() || !live {
			rows = append(rows, rowOf(n))
		}
	}
	return rows
}
