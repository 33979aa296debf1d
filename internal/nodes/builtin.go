// Package nodes lists the nodes that are part of onex. Each lives in a
// directory of its own with its manifest, its contract, its code and, where a
// person types it, its command as a value:
//
//	for _, b := range nodes.All() {
//		h, err := b.Host(deps)       // to run it
//		commands := b.Commands(env)  // to type it
//	}
//
// The daemon and the command line know nodes only through this list.
package nodes

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"path"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/cli"
	"github.com/omninode-ai/onex/internal/nodes/docstringgenerator"
	"github.com/omninode-ai/onex/internal/nodes/logger"
	"github.com/omninode-ai/onex/internal/nodes/nodemanager"
	"github.com/omninode-ai/onex/internal/nodes/noderegistry"
	"github.com/omninode-ai/onex/internal/nodes/parityvalidator"
	"github.com/omninode-ai/onex/internal/nodes/registryloader"
	"github.com/omninode-ai/onex/internal/nodes/schemagenerator"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/internal/nodes/template"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// A Builtin is a node that is part of onex.
type Builtin struct {
	Name     node.Name
	Host     func(Deps) (*host.Host, error)
	Commands func(*console.Env) []*cobra.Command // nil when it has none

	Bus     bool   // its tools do nothing without a bus
	Program bool   // its tools do nothing without the program around them
	Sample  Sample // that its examples are about; default [Files]

	// Describe says what the node knows of a thing that is neither a node nor a
	// tool, without a bus: nil when it knows nothing. It may be nil itself.
	Describe func(ctx context.Context, env *console.Env, name string) (console.Texter, error)
}

//go:embed testdata/project all:testdata/workshop
var samples embed.FS

// Sample is a project that the examples in contracts are about.
type Sample string

// The samples.
const (
	Files    Sample = "project"  // some files, as people write them; what a node has that does not say
	Workshop Sample = "workshop" // a node with contract and scenario, a schema, and things that are wrong or unfinished
)

// Files returns the files of the project that the examples in the contract of b are
// about.
func (b Builtin) Files() fs.FS {
	files, err := fs.Sub(samples, path.Join("testdata", string(cmp.Or(b.Sample, Files))))
	if err != nil {
		panic(err) // the path is valid
	}
	return files
}

// Deps are what the daemon gives its nodes.
type Deps struct {
	Root string        // of the project they work in
	Data string        // of the same project, for what must survive; empty when nothing must
	Bus  bus.Bus       // nil when a tool is executed without one
	Log  *slog.Logger  // never nil
	Host *host.Options // how to host them

	Program Program // around them
}

// A Program is what the program around the nodes tells them of itself. It knows them,
// so they cannot know it. The zero value tells nothing.
type Program struct {
	Outputs []schema.Output     // the JSON that its commands print
	Parity  parityvalidator.Run // runs "onex parity"
	Line    cli.Program         // its command line

	Extend stamper.Extend // stamping, by the plugins of a project
}

// All returns the built-in nodes, sorted by name.
func All() []Builtin {
	return []Builtin{
		{
			Name:    "cli",
			Host:    func(d Deps) (*host.Host, error) { return cli.New(d.Root, d.Program.Line, d.Host) },
			Sample:  Workshop,
			Program: true,
		},
		{
			Name:     "docstring_generator",
			Host:     func(d Deps) (*host.Host, error) { return docstringgenerator.New(d.Root, d.Host) },
			Commands: docstringgenerator.Commands,
			Sample:   Workshop,
		},
		{
			Name:     "logger",
			Host:     func(d Deps) (*host.Host, error) { return logger.New(d.Root, d.Bus, d.Log, d.Host) },
			Commands: logger.Commands,
		},
		{
			Name:     "node_manager",
			Host:     func(d Deps) (*host.Host, error) { return nodemanager.New(manager(d), d.Host) },
			Commands: func(env *console.Env) []*cobra.Command { return nodemanager.Commands(env, manager(Deps{})) },
		},
		{
			Name: "node_registry",
			Host: func(d Deps) (*host.Host, error) { return noderegistry.New(d.Bus, d.Host) },
			Bus:  true,
		},
		{
			Name:    "parity_validator",
			Host:    func(d Deps) (*host.Host, error) { return parityvalidator.New(d.Root, d.Program.Parity, d.Host) },
			Sample:  Workshop,
			Program: true,
		},
		{
			Name:     "registry_loader",
			Host:     func(d Deps) (*host.Host, error) { return registryloader.New(d.Root, d.Host) },
			Commands: registryloader.Commands,
			Sample:   Workshop,
		},
		{
			Name:     "schema_generator",
			Host:     func(d Deps) (*host.Host, error) { return schemagenerator.New(d.Root, d.Program.Outputs, d.Host) },
			Commands: schemagenerator.Commands,
			Sample:   Workshop,
		},
		{
			Name:     "stamper",
			Host:     func(d Deps) (*host.Host, error) { return stamper.New(d.Root, d.Data, d.Program.Extend, d.Host) },
			Commands: stamper.Commands,
			Describe: stamper.Describe,
		},
		{
			Name: "template",
			Host: func(d Deps) (*host.Host, error) { return template.New(d.Host) },
		},
		{
			Name:     "tree_generator",
			Host:     func(d Deps) (*host.Host, error) { return treegenerator.New(d.Root, d.Host) },
			Commands: treegenerator.Commands,
		},
	}
}

// manager is what makes and mends nodes, as part of this program.
func manager(d Deps) nodemanager.Manager {
	return nodemanager.Manager{Root: d.Root, Log: d.Log, Taken: taken, Found: stamper.Found, Record: treegenerator.Record}
}

// taken returns the names of the built-in nodes and of their tools.
func taken() ([]string, error) {
	var names []string
	for _, b := range All() {
		h, err := b.Host(Deps{Log: slog.New(slog.DiscardHandler), Host: &host.Options{}})
		if err != nil {
			return nil, err
		}
		names = append(names, string(b.Name))
		for _, t := range h.Contract().Tools {
			names = append(names, string(t.Name))
		}
		h.Close()
	}
	return names, nil
}
