// Package schemagenerator is the node schema_generator: it writes JSON Schemas of the
// arguments and results of tools, from their contracts, and of what this program
// itself prints, from its types. It says which of the files that are there are stale.
//
// Its tools are schema_generate and schema_check; its command is "onex schemas".
package schemagenerator

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/artifact"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/derived"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/tree"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// Home is where the schemas of what this program prints are published.
const Home = "https://onex.omninode.ai/schemas/"

// Directory is where schemas are written to when nothing else is said.
const Directory = "schemas"

// New returns the node for the project at root, in a program that prints outputs.
func New(root string, outputs []schema.Output, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	g := generator{root, outputs}
	errs := host.Declare(derived.ErrTarget, derived.ErrClash, tree.ErrPath, tree.ErrRoot, artifact.ErrInvalid)
	host.Handle(h, "schema_generate", "write the schemas of tools, or say which would be written", g.generate, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles, node.WritesFiles}, Idempotency: node.Pure,
		Errors: slices.Concat(errs, host.Declare(derived.ErrWrite)),
	})
	host.Handle(h, "schema_check", "say which schemas are not what they would be now", g.check, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles}, Idempotency: node.Pure, Errors: errs,
	})
	return h, nil
}

// A generator makes schemas of the project at root.
type generator struct {
	root    string
	outputs []schema.Output
}

// Check is what schema_check takes.
type Check struct {
	Paths   []string `json:"paths,omitempty" jsonschema:"files and directories relative to the project with the contracts that are meant; none means all"`
	Outputs bool     `json:"outputs,omitempty" jsonschema:"also of what onex itself prints with -o json"`
	To      string   `json:"to,omitempty" jsonschema:"directory of the schemas, relative to the project; default schemas"`
	Base    string   `json:"base,omitempty" jsonschema:"begin of the $id of schemas of contracts, such as https://example.org/schemas; without it they have none"`
}

// Generate is what schema_generate takes.
type Generate struct {
	Check
	Write bool `json:"write,omitempty" jsonschema:"write the files; otherwise only say which would be written"`
}

// Schemas is what both tools answer, and the output of "onex schemas".
type Schemas struct {
	OK      bool           `json:"ok" jsonschema:"all files are what they should be"`
	To      string         `json:"to" jsonschema:"directory of the schemas"`
	Schemas []derived.Item `json:"schemas" jsonschema:"sorted by path"`
}

// checked is the answer of schema_check.
type checked Schemas

// ResultStatus is a warning when a schema is not what it would be.
func (c checked) ResultStatus() node.Result {
	if c.OK {
		return node.Success
	}
	return node.Warning
}

func (g generator) check(ctx context.Context, in Check) (checked, error) {
	s, err := g.generate(ctx, Generate{Check: in})
	return checked(s), err
}

func (g generator) generate(ctx context.Context, in Generate) (Schemas, error) {
	root, err := os.OpenRoot(g.root)
	if err != nil {
		return Schemas{}, err
	}
	defer root.Close()
	if in.To == "" {
		in.To = Directory
	}
	in.To = path.Clean(in.To)
	made, err := g.files(ctx, root, in.Check)
	if err != nil {
		return Schemas{}, err
	}
	items, err := derived.Keep(root, made, in.Write, in.wasMade(made), in.To)
	if err != nil {
		return Schemas{}, err
	}
	return Schemas{derived.OK(items), in.To, items}, nil
}

// files makes the schemas.
func (g generator) files(ctx context.Context, root *os.Root, in Check) ([]derived.File, error) {
	contracts, err := artifact.LoadContracts(ctx, root, in.Paths)
	if err != nil {
		return nil, err
	}
	var made []derived.File
	for _, c := range contracts {
		for _, t := range c.Tools {
			for _, s := range []struct {
				suffix, what string
				raw          []byte
			}{{inputSuffix, "arguments", t.Input}, {outputSuffix, "result", t.Output}} {
				name := path.Join(string(c.Node), string(t.Name)+s.suffix)
				of := fmt.Sprintf("%s of tool %s of node %s", s.what, t.Name, c.Node)
				id := ""
				if in.Base != "" {
					id = strings.TrimSuffix(in.Base, "/") + "/" + name
				}
				data, err := schema.Annotate(s.raw, id, of)
				if err != nil {
					return nil, err
				}
				made = append(made, derived.File{Path: path.Join(in.To, name), Of: of, Data: data})
			}
		}
	}
	if !in.Outputs {
		return made, nil
	}
	for _, o := range g.outputs {
		name := o.File + ".json"
		data, err := o.Render(Home+name, o.Title)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made = append(made, derived.File{Path: path.Join(in.To, name), Of: o.Title, Data: data})
	}
	return made, nil
}

// What follows the name of a tool in the names of files, as in the reference
// implementation.
const (
	inputSuffix  = "_input.schema.json"
	outputSuffix = "_output.schema.json"
)

// wasMade returns what tells whether a file was made once: by its name and place, or
// by its $id. When only some contracts were asked for, nothing is said of the others.
func (in Check) wasMade(now []derived.File) func(string, []byte) bool {
	dirs := map[string]bool{}
	for _, f := range now {
		dirs[path.Dir(f.Path)] = true
	}
	return func(name string, data []byte) bool {
		if strings.HasSuffix(name, inputSuffix) || strings.HasSuffix(name, outputSuffix) {
			return len(in.Paths) == 0 || dirs[path.Dir(name)]
		}
		return in.Outputs && path.Dir(name) == in.To && strings.Contains(string(data), `"$id": "`+Home)
	}
}
