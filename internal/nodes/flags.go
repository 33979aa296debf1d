package nodes

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// flagTable says which tools do what a command does, and why one of them takes
// what the other does not.
//
//go:embed flags.txt
var flagTable string

// A flagLine is one line of flags.txt.
type flagLine struct{ command, name, tools string }

func flagLines(table string) ([]flagLine, error) {
	var all []flagLine
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) < 4 {
			return nil, fmt.Errorf("flags.txt: %q has no reason", strings.TrimSpace(line))
		}
		all = append(all, flagLine{f[0], f[1], f[2]})
	}
	return all, nil
}

// Checks returns what parity checks of b beside what it checks of every node: that
// its commands take what its tools take.
func (b Builtin) Checks(env *console.Env) []parity.NodeCheck {
	if b.Commands == nil {
		return nil
	}
	return []parity.NodeCheck{{Check: parity.CheckFlags, Run: func(_ context.Context, h *host.Host) (string, error) {
		return sameFlags(flagTable, b.Commands(env), h.Contract())
	}}}
}

// sameFlags compares commands with the tools that do the same. What only one of
// them has must be excused by the table, and nothing else may be.
func sameFlags(table string, commands []*cobra.Command, contract node.Contract) (string, error) {
	lines, err := flagLines(table)
	if err != nil {
		return "", err
	}
	var wrong []string
	commands = leaves(commands)
	for _, c := range commands {
		wrong = append(wrong, excused(c, lines, contract)...)
	}
	if len(wrong) > 0 {
		return "", fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return fmt.Sprintf("%d commands take what its tools take, or the difference has a reason", len(commands)), nil
}

// leaves returns the commands that do something: those below a group instead of it.
func leaves(commands []*cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range commands {
		if c.HasSubCommands() {
			all = append(all, leaves(c.Commands())...)
		} else {
			all = append(all, c)
		}
	}
	return all
}

// nameOf returns what the table calls a command: "stamp", or "new/node" below a group.
func nameOf(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "/") }

// excused returns what the table does not say of a command, and what it says
// without need.
func excused(c *cobra.Command, lines []flagLine, contract node.Contract) []string {
	var wrong []string
	name, known := nameOf(c), false
	excuses := map[string]bool{}
	var same []node.Tool
	for _, l := range lines {
		switch {
		case l.command != name:
		case l.name != "is":
			excuses[l.name] = true
		default:
			known = true
			for tool := range strings.SplitSeq(l.tools, ",") {
				t, ok := contract.Tool(node.ToolName(tool))
				if ok {
					same = append(same, t)
				} else if tool != "-" {
					wrong = append(wrong, fmt.Sprintf("command %q is said to be tool %q, which is not there", name, tool))
				}
			}
		}
	}
	if !known {
		wrong = append(wrong, fmt.Sprintf("flags.txt does not say what tools do what command %q does", name))
	}
	if len(same) > 0 {
		for _, d := range disagreements(c, same) {
			if !excuses[d] {
				wrong = append(wrong, fmt.Sprintf("%s %s: only the command or only its tools have it, and flags.txt does not say why", name, d))
			}
			delete(excuses, d)
		}
	}
	for excuse := range excuses {
		wrong = append(wrong, fmt.Sprintf("%s %s: flags.txt excuses it without need", name, excuse))
	}
	slices.Sort(wrong)
	return wrong
}

// disagreements returns what a command and the input of its tools do not have in
// common: the names of flags, PATH, and input:NAME.
func disagreements(c *cobra.Command, tools []node.Tool) []string {
	inputs := map[string]bool{}
	for _, tool := range tools {
		var s struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(tool.Input, &s); err != nil {
			return []string{err.Error()}
		}
		for name := range s.Properties {
			inputs[strings.ReplaceAll(name, "_", "-")] = true
		}
	}
	if strings.Contains(c.Use, "[PATH…]") { // as arguments
		if !inputs["paths"] {
			return []string{"PATH"}
		}
		delete(inputs, "paths")
	}
	var all []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !inputs[f.Name] && f.Name != "output" && f.Name != "help" { // how to print is no matter of the tool
			all = append(all, f.Name)
		}
		delete(inputs, f.Name)
	})
	for name := range inputs {
		all = append(all, "input:"+name)
	}
	slices.Sort(all)
	return all
}
