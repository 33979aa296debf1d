package host

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Embedded returns a host for a node in Go whose node.onex.yaml and contract.yaml
// are in files, which is the embed.FS of its package:
//
//	//go:embed node.onex.yaml contract.yaml
//	var files embed.FS
//
//	h, err := host.Embedded(files, o)
//	…
//	host.Handle(h, "greet", "greets somebody", greet, nil)
//
// Tools that are registered without examples take those of the contract, because
// people look for them there; everything else in the contract is derived from the
// functions. It fails when a file is not there, cannot be read, or says that the
// node is no Go function, and when the two are of different nodes.
func Embedded(files fs.FS, o *Options) (*Host, error) {
	data, err := embedded(files, node.ManifestFile)
	if err != nil {
		return nil, err
	}
	m, err := node.ParseManifest(data)
	if err != nil {
		return nil, err
	}
	if m.Runtime != node.Go {
		return nil, ErrRuntime.With("%s says runtime %q", node.ManifestFile, m.Runtime)
	}
	data, err = embedded(files, node.ContractFile)
	if err != nil {
		return nil, err
	}
	c, err := node.ParseContract(data)
	if err != nil {
		return nil, err
	}
	if c.Node != m.Name {
		return nil, ErrContract.With("%s is of node %q, the manifest of %q", node.ContractFile, c.Node, m.Name)
	}
	h := newHost(m, o)
	h.examples = map[node.ToolName][]node.Scenario{}
	for _, t := range c.Tools {
		h.examples[t.Name] = t.Examples
	}
	return h, nil
}

func embedded(files fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoFile.Wrap(err, "%s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// Declare returns errors as a tool declares them: each with its code and its text.
func Declare(kinds ...*fault.Kind) []node.ToolError {
	var all []node.ToolError
	for _, k := range kinds {
		all = append(all, node.ToolError{Code: string(k.Code), Description: k.Text})
	}
	return all
}
