// Package nodemanager is the node node_manager: it makes new nodes, and keeps
// the files of nodes that are there in order.
//
// Its tools are node_generate, node_regenerate_contract, node_regenerate_manifest,
// node_fix_health and node_synchronize; its commands are "onex new" and, below
// "onex node", contract, manifest, fix and sync. All of them are methods of
// [Manager], and say what they would change before they change it:
//
//	m := nodemanager.Manager{Root: dir}
//	report, err := m.Generate(ctx, nodemanager.Generate{Name: "greeter", Language: scaffold.Python})
//
// A new node is made in a directory of its own beside its place, stamped and tried
// there, and moved into its place in one step; what is there already is refused.
// When a later step fails, everything is put back. Existing files are replaced
// whole, one by one, and put back when one of them cannot be.
package nodemanager

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/nodedir"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// A Manager makes and mends the nodes of a project.
type Manager struct {
	Root string // of the project

	// Taken returns names that a new node may not have, because nodes and tools
	// that are part of the program have them. Nil is for none.
	Taken func() ([]string, error)

	// Found returns the values for the project.onex.yaml of a project that has none
	// yet. Nil refuses to make nodes in such a project.
	Found func(ctx context.Context, dir string) meta.Block

	// Record returns the .onextree of a directory. Nil leaves those alone.
	Record func(ctx context.Context, dir string) ([]byte, error)

	Log *slog.Logger // nil is for none
}

// New returns the node for the project of m.
func New(m Manager, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	writes := host.ToolOptions{
		Effects:       []node.Effect{node.ReadsFiles, node.WritesFiles, node.Processes},
		VolatileFiles: []string{"*"}, // each stamp has an identity and a time of its own
		Timeout:       longest,
	}
	with := func(kinds ...*fault.Kind) *host.ToolOptions {
		o := writes
		for _, k := range kinds {
			o.Errors = append(o.Errors, node.ToolError{Code: string(k.Code), Description: k.Text})
		}
		return &o
	}
	host.Handle(h, "node_generate", "make the directory of a new node that works at once, or say what would be made", m.Generate,
		with(node.ErrName, ErrTaken, ErrTarget, ErrExists, ErrTrial, ErrList, meta.ErrMissing))
	host.Handle(h, "node_regenerate_contract", "bring contracts in line with manifests and with what programs list", m.RegenerateContract, with(ErrNoNode))
	host.Handle(h, "node_regenerate_manifest", "complete manifests, and derive those that are missing", m.RegenerateManifest, with(ErrNoNode))
	host.Handle(h, "node_fix_health", "find what is wrong with the files of nodes, and mend what can be mended", m.FixHealth, with(ErrNoNode))
	host.Handle(h, "node_synchronize", "make onex.yaml list the nodes that are there", m.Synchronize, with(ErrNoNode, ErrList))
	return h, nil
}

// Select is what most tools take: which nodes are meant.
type Select struct {
	Nodes []string `json:"nodes,omitempty" jsonschema:"names or directories of nodes, relative to the project; none means all"`
	Write bool     `json:"write,omitempty" jsonschema:"write the files; otherwise only say what would change"`
}

// A Report is what every tool answers.
type Report struct {
	Written  bool      `json:"written" jsonschema:"the changes were made; otherwise they would be"`
	Changes  []Change  `json:"changes" jsonschema:"sorted by path"`
	Problems []Problem `json:"problems" jsonschema:"what a person must see to"`
}

// A Change is one file that is written.
type Change struct {
	Path   string `json:"path"`
	Action Action `json:"action"`
	Why    string `json:"why"`
}

// A Problem is something that is wrong with a node and was not mended.
type Problem struct {
	Node string `json:"node" jsonschema:"its directory"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// An Action is what becomes of a file.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
)

// ResultStatus is a warning when something is left to a person, and fixed when
// files that were there are different now.
func (r Report) ResultStatus() node.Result {
	if len(r.Problems) > 0 {
		return node.Warning
	}
	return node.Success
}

// dirsOf returns the directories that are meant, relative to the root with
// slashes, and sorted. A directory that is named need not have a manifest.
func (m Manager) dirsOf(names []string) ([]string, error) {
	found, err := nodedir.Find(m.Root)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, dir := range found {
		below, err := filepath.Rel(m.Root, dir)
		if err != nil {
			return nil, err
		}
		all = append(all, filepath.ToSlash(below))
	}
	if len(names) == 0 {
		return all, nil
	}
	var chosen []string
	for _, name := range names {
		dir, err := m.dirOf(name, all)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, dir)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}

// dirOf returns the directory that a name or a path stands for.
func (m Manager) dirOf(name string, all []string) (string, error) {
	dir := path.Clean(filepath.ToSlash(name))
	if filepath.IsLocal(filepath.FromSlash(dir)) {
		if info, err := os.Stat(filepath.Join(m.Root, filepath.FromSlash(dir))); err == nil && info.IsDir() {
			return dir, nil
		}
	}
	for _, dir := range all {
		if manifest, err := m.manifest(dir); err == nil && string(manifest.Name) == name {
			return dir, nil
		}
	}
	return "", ErrNoNode.With("%q", name).Hinted("nodes of this project: %s", strings.Join(all, ", "))
}

// manifest reads that of a node.
func (m Manager) manifest(dir string) (node.Manifest, error) {
	data, err := atomicfile.ReadFile(m.path(dir, node.ManifestFile))
	if err != nil {
		return node.Manifest{}, err
	}
	return node.ParseManifest(data)
}

// path returns where a file of the project lies.
func (m Manager) path(parts ...string) string {
	return filepath.Join(m.Root, filepath.FromSlash(path.Join(parts...)))
}

func (m Manager) log() *slog.Logger {
	if m.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return m.Log
}

// exists reports whether there is something at a path, a dangling link included.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
