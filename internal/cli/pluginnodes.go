package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/parity"
)

// A pluginNode is a node or the tools of a plugin, by its id, and its directory.
type pluginNode struct{ id, dir string }

// pluginNodes returns the nodes and tools among the plugins, and says which do not run.
func (s *session) pluginNodes(ctx context.Context) ([]pluginNode, error) {
	project, found, err := s.plugins()
	if err != nil {
		return nil, err
	}
	var all []pluginNode
	for _, t := range []plugin.Type{plugin.Tool, plugin.Node} {
		for _, p := range found.Unusable(t) {
			s.Warn("%s does not run: %s", p.ID(), p.Reason)
		}
		for _, p := range found.Active(t) {
			dir, err := directory(ctx, project, p)
			if err != nil { // the others can run without it
				r := fault.ReportOf(err)
				s.Warn("%s does not run: %s (%s)", p.ID(), r.Message, r.Code)
				continue
			}
			all = append(all, pluginNode{p.ID(), dir})
		}
	}
	return all, nil
}

// withFixtures gives nodes the scenarios that fixtures have for them, and says which
// fixtures are not used. Where no nodes were named, the built-in ones that fixtures have
// scenarios for are nodes, too.
func (s *session) withFixtures(cfg app.Config, found []parity.Node, args []string) ([]parity.Node, error) {
	_, plugins, err := s.plugins()
	if err != nil {
		return nil, err
	}
	for _, p := range plugins.Unusable(plugin.Fixture) {
		s.Warn("%s is not used: %s", p.ID(), p.Reason)
	}
	own := map[string]bool{}
	for i, n := range found {
		name := n.Run
		if m, err := readManifest(n.Dir); name == "" && err == nil {
			name = string(m.Name)
		}
		if own[name] = true; name != "" {
			found[i].More = plugin.Scenarios(plugins, name)
		}
	}
	if len(args) > 0 {
		return found, nil
	}
	for _, n := range s.builtins() {
		if n.More = plugin.Scenarios(plugins, n.Run); len(n.More) > 0 && !own[n.Run] {
			found = append(found, n)
		}
	}
	return found, nil
}

// nodeOfPlugin returns the directory of the node that a plugin is, as tool:shout; it
// is empty when name is not that of one.
func (s *session) nodeOfPlugin(ctx context.Context, name string) (string, error) {
	kind, _, _ := strings.Cut(name, ":")
	if !slices.Contains([]plugin.Type{plugin.Tool, plugin.Node}, plugin.Type(kind)) {
		return "", nil
	}
	project, chosen, err := s.choosePlugins([]string{name})
	if err != nil {
		return "", err
	}
	if chosen[0].State != plugin.Active {
		return "", plugin.ErrUntrusted.With("%s: %s", name, chosen[0].Reason)
	}
	return directory(ctx, project, chosen[0])
}

func directory(ctx context.Context, project app.Project, p plugin.Plugin) (string, error) {
	data, err := project.Data()
	if err != nil {
		return "", err
	}
	return p.Directory(ctx, data)
}
