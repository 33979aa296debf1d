package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/registry"
	"github.com/omninode-ai/onex/registry/lease"
)

// A PortLease is one lease in the output of "onex ports".
type PortLease struct {
	LeaseID     string         `json:"lease_id"`
	Port        int            `json:"port"`
	Protocol    event.Protocol `json:"protocol"`
	Name        string         `json:"name"`
	Purpose     string         `json:"purpose"`
	Requester   string         `json:"requester"`
	Host        string         `json:"host"`
	Token       uint64         `json:"fencing_token"`
	AllocatedBy string         `json:"allocated_by"`
	AllocatedAt time.Time      `json:"port_allocation_ts"`
	RenewedAt   time.Time      `json:"last_heartbeat_ts"`
	ExpiresAt   time.Time      `json:"expires_at"`
	TTL         int64          `json:"ttl_ms"`
}

func leaseRow(l event.Lease) PortLease {
	return PortLease{
		l.LeaseID.String(), l.Port, l.Protocol, l.Name, l.Purpose, l.Requester.String(), l.Host, l.Token,
		l.AllocatedBy, l.AllocatedAt, l.RenewedAt, l.ExpiresAt, l.TTL.Milliseconds(),
	}
}

// Text prints the port alone, so that a script can use it.
func (p PortLease) Text(_ *console.Env, w io.Writer) { fmt.Fprintln(w, p.Port) }

// PortLeases is the output of "onex ports list".
type PortLeases []PortLease

// Table leaves out what only programs want.
func (rows PortLeases) Table() console.Grid {
	g := console.Grid{Header: []string{"port", "protocol", "name", "purpose", "token", "since", "ends in", "lease"}, Empty: "no port is leased"}
	for _, r := range rows {
		g.Rows = append(g.Rows, []string{
			strconv.Itoa(r.Port), string(r.Protocol), r.Name, r.Purpose, strconv.FormatUint(r.Token, 10),
			ago(r.AllocatedAt), max(time.Until(r.ExpiresAt), 0).Round(time.Second).String(), r.LeaseID,
		})
	}
	return g
}

func newPorts(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ports",
		Short: "lease ports of this machine, and list who holds them",
		Long: `ports leases ports from the registry: each is held by one, until it is given
back, its holder dies, or nobody renews the lease. The range, and purposes with
ranges and limits of their own, are set by "ports:" in onex.yaml.`,
		Example: `  onex ports lease --name web
  onex ports list
  onex ports release 20000`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newPortsLease(s), newPortsRenew(s), newPortsRelease(s), newPortsList(s))
	return cmd
}

func newPortsLease(s *session) *cobra.Command {
	var wish registry.PortWish
	var protocol, requester string
	cmd := &cobra.Command{
		Use:   "lease [-- COMMAND…]",
		Short: "lease a port, alone or for as long as a command runs",
		Long: `lease asks for a port and prints it. The lease ends after its TTL unless it is
renewed with "onex ports renew".

With a COMMAND the port is held while that runs, renewed, and given back at its
end. The command finds it in $ONEX_PORT and, already listening on 127.0.0.1, as
file descriptor 3 (LISTEN_FDS, as systemd passes sockets), so that nobody can take
the port in between. Its exit status becomes that of onex.`,
		Example: `  onex ports lease --name web
  onex ports lease --name web --no-listen -- sh -c 'exec python3 -m http.server "$ONEX_PORT"'
  onex ports lease -o json --purpose metrics --ttl 5m`,
	}
	format := formatFlag(cmd, console.Text)
	f := cmd.Flags()
	f.StringVar(&wish.Name, "name", "", "what the port is for")
	f.StringVar(&wish.Purpose, "purpose", "", "a purpose of onex.yaml, with its range and limits")
	f.IntVar(&wish.Port, "port", 0, "the port that is preferred")
	f.BoolVar(&wish.Exact, "exact", false, "no other port than --port")
	f.StringVar(&protocol, "protocol", string(event.TCP), "`tcp` or udp")
	f.DurationVar(&wish.TTL, "ttl", 0, "how long the lease lasts without being renewed (default the purpose's, else 1m)")
	f.StringVar(&requester, "requester", "", "`uuid` of the holder; that of a node gives the port back when the node dies")
	noListen := f.Bool("no-listen", false, "with a COMMAND: leave it to the command to listen on $ONEX_PORT")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := completeWish(&wish, protocol, requester); err != nil {
			return err
		}
		return s.onRegistry(cmd.Context(), func(ctx context.Context, c *registry.Client) error {
			if len(args) > 0 {
				return s.holdPort(ctx, c, wish, !*noListen && wish.Protocol == event.TCP, args)
			}
			l, err := c.Lease(ctx, wish)
			if err != nil {
				return err
			}
			if *format == console.Text {
				s.Note("lease %s ends in %s; renew it with `onex ports renew %d`", l.LeaseID, l.TTL, l.Port)
			}
			return s.Print(*format, leaseRow(l))
		})
	}
	return cmd
}

func completeWish(w *registry.PortWish, protocol, requester string) (err error) {
	w.Host = process.Self().Host
	switch w.Protocol = event.Protocol(protocol); w.Protocol {
	case event.TCP, event.UDP:
	default:
		return console.ErrUsage.With("--protocol: %q is not one of tcp, udp", protocol)
	}
	if requester != "" {
		if w.Requester, err = event.ParseID(requester); err != nil {
			return console.ErrUsage.With("--requester: %q is no UUID", requester)
		}
	}
	return nil
}

func newPortsRenew(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "renew LEASE",
		Short: "give a lease its time anew",
		Long:  "renew gives a lease its time anew. LEASE is its id, or its port.",
		Example: `  onex ports renew 20000
  onex ports renew 20000 --ttl 10m`,
		Args: exactly(1),
	}
	format := formatFlag(cmd, console.Text)
	ttl := cmd.Flags().Duration("ttl", 0, "how long it lasts from now on (default as before)")
	token := cmd.Flags().Uint64("token", 0, "fail unless this is the lease's fencing token")
	cmd.ValidArgsFunction = s.completeLeases
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return s.onLease(cmd.Context(), args[0], *token, func(ctx context.Context, c *registry.Client, l event.Lease) error {
			l, err := c.Renew(ctx, l, *ttl)
			if err != nil {
				return err
			}
			return s.Print(*format, leaseRow(l))
		})
	}
	return cmd
}

func newPortsRelease(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "release LEASE",
		Short:   "give a port back",
		Long:    "release gives a port back. LEASE is the id of the lease, or the port.",
		Example: `  onex ports release 20000`,
		Args:    exactly(1),
	}
	token := cmd.Flags().Uint64("token", 0, "fail unless this is the lease's fencing token")
	cmd.ValidArgsFunction = s.completeLeases
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return s.onLease(cmd.Context(), args[0], *token, func(ctx context.Context, c *registry.Client, l event.Lease) error {
			return c.Release(ctx, l)
		})
	}
	return cmd
}

func newPortsList(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "list the leases in force",
		Example: `  onex ports list
  onex ports list -o json | jq '.[] | select(.name == "web") | .port'`,
		Args: cobra.NoArgs,
	}
	format := formatFlag(cmd, console.Table)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return s.onRegistry(cmd.Context(), func(ctx context.Context, c *registry.Client) error {
			leases, err := c.Leases(ctx)
			if err != nil {
				return err
			}
			rows := PortLeases{}
			for _, l := range leases {
				rows = append(rows, leaseRow(l))
			}
			return s.Print(*format, rows)
		})
	}
	return cmd
}

// onLease finds the lease that a person names by its id or its port, and has f
// act on it as its holder: who may speak on this bus may do that.
func (s *session) onLease(ctx context.Context, name string, token uint64, f func(context.Context, *registry.Client, event.Lease) error) error {
	return s.onRegistry(ctx, func(ctx context.Context, c *registry.Client) error {
		leases, err := c.Leases(ctx)
		if err != nil {
			return err
		}
		leases = slices.DeleteFunc(leases, func(l event.Lease) bool { return l.LeaseID.String() != name && strconv.Itoa(l.Port) != name })
		switch len(leases) {
		case 0:
			return lease.ErrUnknown.With("%q", name)
		case 1:
			if token != 0 {
				leases[0].Token = token
			}
			return f(ctx, c, leases[0])
		}
		return console.ErrUsage.With("port %s has %d leases, of several protocols or machines; name one by its id", name, len(leases))
	})
}

func (s *session) completeLeases(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return s.live(cmd.Context(), func(ctx context.Context, c *registry.Client) (words []string, err error) {
		leases, err := c.Leases(ctx)
		for _, l := range leases {
			words = append(words, fmt.Sprintf("%s\t%d %s", l.LeaseID, l.Port, l.Name))
		}
		return words, err
	}), cobra.ShellCompDirectiveNoFileComp
}
