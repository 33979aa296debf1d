// Package registryloader is the node registry_loader: it finds the artifacts that a
// project offers, by package artifact.
//
// Its tool is registry_load; its command is "onex artifacts".
package registryloader

import (
	"context"
	"embed"
	"os"

	"github.com/omninode-ai/onex/artifact"
	"github.com/omninode-ai/onex/host"
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
	host.Handle(h, "registry_load", "find the artifacts that the project offers, and say which are not valid", p.load, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles}, Idempotency: node.Pure,
		Errors: host.Declare(tree.ErrPath, tree.ErrRoot, tree.ErrNoRecord),
	})
	return h, nil
}

// A project is the tree of files below a root.
type project struct{ root string }

// Load is what registry_load takes.
type Load struct {
	Paths      []string        `json:"paths,omitempty" jsonschema:"files and directories relative to the project; none means all"`
	Types      []artifact.Type `json:"types,omitempty" jsonschema:"only artifacts of these types"`
	IncludeWIP bool            `json:"include_wip,omitempty" jsonschema:"also what a file called .wip marks as work in progress"`
}

// Loaded is what registry_load answers, and the output of "onex artifacts".
type Loaded artifact.Found

// ResultStatus is a warning when an artifact is not valid.
func (l Loaded) ResultStatus() node.Result {
	if artifact.Found(l).OK() {
		return node.Success
	}
	return node.Warning
}

func (p project) load(ctx context.Context, in Load) (Loaded, error) {
	root, err := os.OpenRoot(p.root)
	if err != nil {
		return Loaded{}, err
	}
	defer root.Close()
	found, err := artifact.Load(ctx, root, &artifact.Options{Paths: in.Paths, Types: in.Types, WIP: in.IncludeWIP})
	return Loaded(found), err
}
