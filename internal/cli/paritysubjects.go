package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/nodedir"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/tree"
)

// subjects returns the nodes that the arguments name, or those of the project; in a
// project without any, the built-in ones. Where there is no project, somebody is in the
// wrong directory: checking something else is no success.
func (s *session) subjects(ctx context.Context, cfg app.Config, args []string) ([]parity.Node, error) {
	if len(args) == 0 {
		dirs, err := nodeDirs(cfg.Project.Root)
		if err != nil {
			return nil, err
		}
		plugins, err := s.pluginNodes(ctx)
		if err != nil {
			return nil, err
		}
		all := withPlugins(s.directories(dirs), plugins)
		if len(all) > 0 {
			return all, nil
		}
		if _, err := tree.ProjectRoot(cfg.Project.Root); err != nil {
			return nil, parity.ErrNoNodes.Wrap(err, "here")
		}
		return s.builtins(), nil
	}
	var all []parity.Node
	for _, arg := range args {
		found, err := s.subject(ctx, arg)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// directories returns the nodes of a project. The directory of a built-in node's source
// is that node, by its own name.
func (s *session) directories(dirs []string) []parity.Node {
	var all []parity.Node
	for _, dir := range dirs {
		n := s.directory(dir)
		if n.Run != "" {
			n.Name = n.Run
		}
		all = append(all, n)
	}
	return all
}

// builtins returns the nodes of this program, for a project that has none.
func (s *session) builtins() []parity.Node {
	var all []parity.Node
	for _, b := range nodes.All() {
		all = append(all, s.builtin(b, ""))
	}
	return all
}

// withPlugins adds the nodes of plugins that are not among all: those of onex.yaml may lie
// anywhere in the project.
func withPlugins(all []parity.Node, plugins []pluginNode) []parity.Node {
	for _, p := range plugins {
		if !slices.ContainsFunc(all, func(n parity.Node) bool { return sameDir(n.Dir, p.dir) }) {
			all = append(all, parity.Node{Name: p.id, Dir: p.dir})
		}
	}
	return all
}

// sameDir reports whether two paths mean one directory.
func sameDir(a, b string) bool {
	is, errA := os.Stat(a)
	other, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(is, other)
}

// subject returns what one argument names.
func (s *session) subject(ctx context.Context, arg string) ([]parity.Node, error) {
	if dir, err := s.nodeOfPlugin(ctx, arg); err != nil || dir != "" {
		return []parity.Node{{Name: arg, Dir: dir}}, err
	}
	for _, b := range nodes.All() {
		if string(b.Name) == arg {
			return []parity.Node{s.builtin(b, "")}, nil
		}
	}
	dir := arg
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(s.Dir, arg)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, parity.ErrNoMatch.With("%q is no directory and no built-in node", arg).
			Hinted("give a directory that holds a %s, or one of: %s", node.ManifestFile, strings.Join(builtinNames(), ", "))
	}
	dirs, err := nodeDirs(dir)
	if err != nil {
		return nil, err
	}
	if len(dirs) == 0 {
		return nil, parity.ErrNoNodes.With("%q", arg)
	}
	var all []parity.Node
	for _, dir := range dirs {
		all = append(all, s.directory(dir))
	}
	return all, nil
}

// directory returns the node of a directory.
func (s *session) directory(dir string) parity.Node {
	if m, err := readManifest(dir); err == nil {
		for _, b := range nodes.All() {
			if isSource(m, b) {
				return s.builtin(b, dir)
			}
		}
	}
	return parity.Node{Name: s.shown(dir), Dir: dir}
}

func (s *session) builtin(b nodes.Builtin, dir string) parity.Node {
	n := parity.Node{
		Name: string(b.Name), Run: string(b.Name), Dir: dir, Bus: b.Bus, Files: b.Files(), Checks: b.Checks(s.Env),
		Host: func(_ context.Context, root string, bus bus.Bus, o *host.Options) (*host.Host, error) {
			return b.Host(nodes.Deps{Root: root, Bus: bus, Log: s.Log, Host: o, Program: s.program()})
		},
	}
	if dir != "" {
		n.Name = s.shown(dir)
	}
	return n
}

// isSource reports whether m lies in the source of b.
func isSource(m node.Manifest, b nodes.Builtin) bool { return m.Name == b.Name && m.Runtime == node.Go }

func readManifest(dir string) (node.Manifest, error) {
	data, err := atomicfile.ReadFile(filepath.Join(dir, node.ManifestFile))
	if err != nil {
		return node.Manifest{}, err
	}
	return node.ParseManifest(data)
}

// shown returns a directory as a person in s.Dir writes it.
func (s *session) shown(dir string) string {
	base, err := filepath.Abs(s.Dir)
	if err != nil {
		return dir
	}
	if abs, err := filepath.Abs(dir); err == nil {
		if rel, err := filepath.Rel(base, abs); err == nil && !strings.HasPrefix(rel, "..") {
			return filepath.ToSlash(rel)
		}
	}
	return dir
}

// nodeDirs returns the directories at or below root that hold a node, sorted.
func nodeDirs(root string) ([]string, error) {
	dirs, err := nodedir.Find(root)
	if err != nil {
		return nil, parity.ErrDiscovery.Wrap(err, "below %s", root)
	}
	return dirs, nil
}
