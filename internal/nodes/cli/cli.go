// Package cli is the node cli: it tells which commands this program has, with their
// arguments and the node that brings each, and runs those that only look. So an agent
// that calls tools can do what a person at a terminal sees.
//
// Its tools are cli_commands and cli_run. It knows no command: the program around it
// gives it the tree of commands, and each command says itself whether it is offered
// (console.Offer).
package cli

import (
	"context"
	"embed"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// ErrUnknown is returned when there is no command of the name. The tool cli_commands
// lists them.
var ErrUnknown = fault.New("ONEX_CLI_001_UNKNOWN_COMMAND", fault.NotFound, "there is no such command").
	Hinted("cli_commands lists the commands")

// ErrNotOffered is returned for a command that is not run for others: it stays, changes
// something, or needs the person at the terminal; and for flags and paths that would
// lead out of the project. Whoever sits at the machine can type it.
var ErrNotOffered = fault.New("ONEX_CLI_006_COMMAND_NOT_OFFERED", fault.Denied, "the command is not run for others").
	Hinted("cli_commands says which are offered; paths are relative to the project")

// ErrRun is returned when the program cannot be started once more.
var ErrRun = fault.New("ONEX_CLI_041_NODE_EXECUTION_FAILED", fault.Unavailable, "the command cannot be run")

// Longest is how long a command may take.
const Longest = 2 * time.Minute

// A Program is what the node tells of.
type Program struct {
	Argv     []string              // how it is started
	Commands func() *cobra.Command // its commands, a tree of its own for each call
}

// New returns the node for the project at root.
func New(root string, p Program, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	c := caller{root, p}
	host.Handle(h, "cli_commands", "list the commands of onex with their arguments", c.commands, &host.ToolOptions{Idempotency: node.Pure})
	host.Handle(h, "cli_run", "run a command that only looks, and return what it says", c.run, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles, node.Processes, node.Network}, Idempotency: node.Pure, Timeout: Longest,
		Errors: host.Declare(ErrUnknown, ErrNotOffered, ErrRun),
	})
	return h, nil
}

// A caller runs commands in the project at root.
type caller struct {
	root    string
	program Program
}

// Query is what cli_commands takes.
type Query struct {
	Command string `json:"command,omitempty" jsonschema:"only this command and those below it, such as bus"`
}

// Commands is what cli_commands answers.
type Commands struct {
	Commands []Command `json:"commands" jsonschema:"sorted by name"`
}

// A Command is one that can be typed.
type Command struct {
	Name    string    `json:"name" jsonschema:"as it is typed after onex, such as bus ls"`
	Usage   string    `json:"usage" jsonschema:"with its arguments"`
	About   string    `json:"about"`
	Node    node.Name `json:"node,omitempty" jsonschema:"the built-in node that brings it"`
	Offered bool      `json:"offered" jsonschema:"cli_run runs it"`
	Flags   []Flag    `json:"flags" jsonschema:"sorted by name"`
}

// A Flag is one of a command.
type Flag struct {
	Name    string `json:"name"`
	Short   string `json:"short,omitempty"`
	Type    string `json:"type" jsonschema:"of the value, or its allowed values; bool needs none"`
	Default string `json:"default,omitempty"`
	About   string `json:"about"`
	Offered bool   `json:"offered" jsonschema:"cli_run takes it"`
}

func (c caller) commands(_ context.Context, q Query) (Commands, error) {
	all := Commands{Commands: []Command{}}
	if c.program.Commands == nil {
		return all, nil
	}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			return
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
		name := nameOf(cmd)
		if name != "" && cmd.Runnable() && (q.Command == "" || name == q.Command || strings.HasPrefix(name, q.Command+" ")) {
			all.Commands = append(all.Commands, describe(name, cmd))
		}
	}
	visit(c.program.Commands())
	slices.SortFunc(all.Commands, func(a, b Command) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// nameOf returns the name of a command without that of the program.
func nameOf(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

func describe(name string, cmd *cobra.Command) Command {
	refused, offered := console.Offered(cmd)
	d := Command{Name: name, Usage: cmd.UseLine(), About: cmd.Short, Node: node.Name(console.BroughtBy(cmd)), Offered: offered, Flags: []Flag{}}
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		kind, about := pflag.UnquoteUsage(f)
		if kind == "" {
			kind = f.Value.Type()
		}
		d.Flags = append(d.Flags, Flag{f.Name, f.Shorthand, kind, f.DefValue, about, offered && !slices.Contains(refused, f.Name)})
	})
	return d
}
