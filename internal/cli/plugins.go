package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/stamp"
)

func newPlugins(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugins",
		Short: "programs and directories that extend onex here",
		Long: `A plugin is a program or a directory of the project, or of this machine: a
validator (rules of onex lint), a handler (a file type), a tool, a fixture (cases for
file types and nodes) or a node. It is found in .onex/plugins/TYPE/NAME (priority 0), in onex.yaml under plugins (5), or in the
environment as ONEX_PLUGIN_TYPE_NAME (10). Of two of one name the higher priority is
used, and between equals the first.

What comes with a repository is used only after it was trusted, as it is. ONEX_PLUGINS
is all, trusted (the default) or off.`,
		Example: `  onex plugins list --explain
  onex plugins trust validator:company
  ONEX_PLUGIN_VALIDATOR_COMPANY=~/check.py onex lint`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newPluginsList(s), newPluginsTrust(s), newPluginsDistrust(s))
	return cmd
}

// plugins finds the plugins of the project.
func (s *session) plugins() (app.Project, *plugin.Registry, error) {
	p, err := app.FindProject(s.Dir, s.Getenv)
	if err != nil {
		return p, nil, err
	}
	found, err := app.Plugins(p, os.Environ())
	return p, found, err
}

// extend adds to the options of stamping what plugins bring, and says which are not
// used.
func (s *session) extend(ctx context.Context, o *stamp.Options) error {
	return s.extendBy(ctx, s.Dir, o, func(p plugin.Plugin) { s.Warn("%s is not used: %s", p.ID(), p.Reason) })
}

// extendAt is extend for the node that stamps, of the project at root.
func (s *session) extendAt(ctx context.Context, root string, o *stamp.Options) error {
	return s.extendBy(ctx, root, o, func(p plugin.Plugin) { s.Log.Warn("a plugin is not used", "plugin", p.ID(), "reason", p.Reason) })
}

func (s *session) extendBy(ctx context.Context, dir string, o *stamp.Options, unused func(plugin.Plugin)) error {
	p, err := app.FindProject(dir, s.Getenv)
	if err != nil {
		return err
	}
	found, err := app.Plugins(p, os.Environ())
	if err != nil {
		return err
	}
	for _, p := range slices.Concat(found.Unusable(plugin.Handler), found.Unusable(plugin.Fixture)) {
		unused(p)
	}
	if o.Plugins, err = plugin.FileTypes(ctx, found); err != nil {
		return err
	}
	o.Cases, err = plugin.Samples(found)
	return err
}

func newPluginsList(s *session) *cobra.Command {
	var explain bool
	format := console.Table
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the plugins, those that are not used included",
		Example: `  onex plugins list --explain
  onex plugins list -o json | jq -r '.plugins[] | select(.state == "untrusted") | .name'`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "say of each why it is used or not, and where it was found")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(*cobra.Command, []string) error {
		_, found, err := s.plugins()
		if err != nil {
			return err
		}
		return s.Print(format, PluginRows{Plugins: append([]plugin.Plugin{}, found.Plugins...), explain: explain})
	}
	return cmd
}

// PluginRows is the output of "onex plugins list".
type PluginRows struct {
	Plugins []plugin.Plugin `json:"plugins"`

	explain bool
}

// Table lists one plugin in a line.
func (rows PluginRows) Table() console.Grid {
	g := console.Grid{Header: []string{"type", "name", "source", "priority", "state"}, Empty: "no plugins"}
	if rows.explain {
		g.Header = append(g.Header, "from", "why")
	}
	for _, p := range rows.Plugins {
		row := []string{string(p.Type), p.Name, string(p.Source), fmt.Sprint(p.Priority), string(p.State)}
		if rows.explain {
			row = append(row, p.Origin, p.Reason)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// Summary counts by state.
func (rows PluginRows) Summary(w io.Writer) {
	counts := map[plugin.State]int{}
	for _, p := range rows.Plugins {
		counts[p.State]++
	}
	fmt.Fprintf(w, "%d plugins: %d active, %d shadowed, %d untrusted, %d broken\n", len(rows.Plugins),
		counts[plugin.Active], counts[plugin.Shadowed], counts[plugin.Untrusted], counts[plugin.Broken])
}

func newPluginsTrust(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "trust TYPE:NAME…",
		Short: "let plugins of the project run, as they are now",
		Long: `trust records, for this user and this project, the SHA-256 of the plugins named. When
one changes it is not used until it is trusted again. The digest covers the program
itself, or all files of a directory; not what a program loads.`,
		Example: `  onex plugins trust validator:house-style
  onex plugins trust handler:yankee tool:deploy`,
		Args: cobra.MinimumNArgs(1), ValidArgsFunction: s.completePlugins,
		RunE: func(_ *cobra.Command, args []string) error {
			p, chosen, err := s.choosePlugins(args)
			if err != nil {
				return err
			}
			data, err := p.Data()
			if err != nil {
				return err
			}
			if err := plugin.Trust(data, chosen); err != nil {
				return err
			}
			for _, c := range chosen {
				s.Note("%s may run: %s (sha256 %s)", c.ID(), c.Path, c.Digest)
			}
			return nil
		},
	}
}

func newPluginsDistrust(s *session) *cobra.Command {
	return &cobra.Command{
		Use:     "distrust TYPE:NAME…",
		Short:   "do not let plugins of the project run any more",
		Example: `  onex plugins distrust validator:house-style`,
		Args:    cobra.MinimumNArgs(1), ValidArgsFunction: s.completePlugins,
		RunE: func(_ *cobra.Command, args []string) error {
			p, chosen, err := s.choosePlugins(args)
			if err != nil {
				return err
			}
			data, err := p.Data()
			if err != nil {
				return err
			}
			return plugin.Distrust(data, chosen)
		},
	}
}

// choosePlugins returns the plugins of those names that nothing shadows.
func (s *session) choosePlugins(names []string) (app.Project, []plugin.Plugin, error) {
	project, found, err := s.plugins()
	if err != nil {
		return project, nil, err
	}
	var chosen []plugin.Plugin
	for _, name := range names {
		i := slices.IndexFunc(found.Plugins, func(p plugin.Plugin) bool { return p.ID() == name && p.State != plugin.Shadowed })
		switch {
		case i < 0:
			return project, nil, plugin.ErrNotFound.With("%q; a plugin is named as in validator:company", name)
		case found.Plugins[i].State == plugin.Broken:
			return project, nil, plugin.ErrConfig.With("%s: %s", name, found.Plugins[i].Reason)
		}
		chosen = append(chosen, found.Plugins[i])
	}
	return project, chosen, nil
}

func (s *session) completePlugins(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	_, found, err := s.plugins()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, p := range found.Plugins {
		names = append(names, p.ID()+"\t"+strings.TrimSpace(filepath.Base(p.Path)+" "+string(p.State)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
