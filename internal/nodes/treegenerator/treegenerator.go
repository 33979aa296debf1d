// Package treegenerator is the node tree_generator: it records what a project
// holds in .onextree, and tells what the record and the project disagree about.
//
// Its tools are tree_generate and tree_check; its command is "onex tree".
package treegenerator

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/tree"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// New returns the node for the project at root.
func New(root string, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	p := project{root}
	host.Handle(h, "tree_generate", "list what the project holds, in the form of .onextree", p.generate, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles}, Idempotency: node.Pure,
		Errors: []node.ToolError{{Code: string(tree.ErrRoot.Code), Description: tree.ErrRoot.Text}},
	})
	host.Handle(h, "tree_check", "compare .onextree with what the project holds", p.check, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles}, Idempotency: node.Pure,
		Errors: []node.ToolError{
			{Code: string(tree.ErrNoRecord.Code), Description: tree.ErrNoRecord.Text},
			{Code: string(tree.ErrParse.Code), Description: tree.ErrParse.Text},
		},
	})
	return h, nil
}

// A project is the tree of files below a root.
type project struct{ root string }

// Generate is what tree_generate takes: nothing, the project is the daemon's.
type Generate struct{}

// Generated is what tree_generate answers.
type Generated struct {
	Files int    `json:"files" jsonschema:"number of files"`
	Tree  string `json:"tree" jsonschema:"the record, as in .onextree"`
}

func (p project) generate(ctx context.Context, _ Generate) (Generated, error) {
	n, err := p.build(ctx, nil)
	if err != nil {
		return Generated{}, err
	}
	return Generated{Files: n.Files(), Tree: string(tree.Print(n))}, nil
}

// Check is what tree_check takes: nothing.
type Check struct{}

// Checked is what tree_check answers, and the output of "onex tree --check".
type Checked struct {
	OK    bool         `json:"ok" jsonschema:"record and project agree"`
	Drift []tree.Drift `json:"drift" jsonschema:"what they disagree about, sorted by path"`
}

// ResultStatus is a warning when there is drift.
func (c Checked) ResultStatus() node.Result {
	if c.OK {
		return node.Success
	}
	return node.Warning
}

func (p project) check(ctx context.Context, _ Check) (Checked, error) {
	root, err := os.OpenRoot(p.root)
	if err != nil {
		return Checked{}, err
	}
	defer root.Close()
	data, err := root.ReadFile(tree.FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return Checked{}, tree.ErrNoRecord
	}
	if err != nil {
		return Checked{}, err
	}
	record, err := tree.Parse(data)
	if err != nil {
		return Checked{}, err
	}
	actual, err := p.build(ctx, nil)
	if err != nil {
		return Checked{}, err
	}
	drift := tree.Diff(record, actual)
	if drift == nil {
		drift = []tree.Drift{}
	}
	return Checked{OK: len(drift) == 0, Drift: drift}, nil
}

// Compare says what the .onextree of a directory and the directory disagree about.
// It returns [tree.ErrNoRecord] when there is none.
func Compare(ctx context.Context, dir string) (Checked, error) {
	return project{dir}.check(ctx, Check{})
}

// Record returns the .onextree of a directory, as it is now.
func Record(ctx context.Context, dir string) ([]byte, error) {
	n, err := project{dir}.build(ctx, nil)
	if err != nil {
		return nil, err
	}
	return tree.Print(n), nil
}

// write writes .onextree, unless it says the same already.
func (p project) write(n *tree.Node) (changed bool, err error) {
	root, err := os.OpenRoot(p.root)
	if err != nil {
		return false, err
	}
	defer root.Close()
	text := tree.Print(n)
	if old, err := root.ReadFile(tree.FileName); err == nil && string(old) == string(text) {
		return false, nil
	}
	return true, atomicfile.Write(root, tree.FileName, text, 0o644)
}

func (p project) build(ctx context.Context, o *tree.Options) (*tree.Node, error) {
	root, err := os.OpenRoot(p.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return tree.Build(ctx, root, o, namespaces(filetype.Standard()))
}

// namespaces gives each file the namespace that its block has.
func namespaces(types *filetype.Set) func(string) string {
	return func(path string) string {
		if t, ok := types.Find(path, nil); ok {
			return t.Namespace(path)
		}
		return tree.Namespace(path)
	}
}
