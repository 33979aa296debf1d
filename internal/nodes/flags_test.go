package nodes_test

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/node"
)

// A flagLine is one line of testdata/flags.txt.
type flagLine struct{ command, name, tools, reason string }

// flagLines reads the table of commands, tools, and what only one of them has.
func flagLines(t *testing.T) []flagLine {
	t.Helper()
	data, err := os.ReadFile("testdata/flags.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []flagLine
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) < 4 {
			t.Fatalf("%q has no reason", line)
		}
		all = append(all, flagLine{f[0], f[1], f[2], strings.Join(f[3:], " ")})
	}
	return all
}

// disagreements returns what a command's flags and the input of its tools do not
// have in common: "command name" for each.
func disagreements(c *cobra.Command, tools []node.Tool) []string {
	inputs := map[string]bool{}
	for _, tool := range tools {
		var s struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(tool.Input, &s); err != nil {
			return []string{c.Name() + " " + err.Error()}
		}
		for name := range s.Properties {
			inputs[strings.ReplaceAll(name, "_", "-")] = true
		}
	}
	if strings.Contains(c.Use, "[PATH…]") { // as arguments
		if !inputs["paths"] && len(tools) > 0 {
			return []string{c.Name() + " PATH"}
		}
		delete(inputs, "paths")
	}
	var all []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !inputs[f.Name] && f.Name != "output" { // how to print is no matter of the tool
			all = append(all, c.Name()+" "+f.Name)
		}
		delete(inputs, f.Name)
	})
	for name := range inputs {
		all = append(all, c.Name()+" input:"+name)
	}
	slices.Sort(all)
	return all
}

// TestFlagsAndContractsAgree compares each command with the tools that do the same.
// What only one of them has is in testdata/flags.txt, with the reason.
func TestFlagsAndContractsAgree(t *testing.T) {
	var excused []string
	tools := map[string][]string{}
	for _, l := range flagLines(t) {
		if l.name == "is" {
			tools[l.command] = strings.Split(l.tools, ",")
			continue
		}
		excused = append(excused, l.command+" "+l.name)
	}
	env := &console.Env{Out: io.Discard, Err: io.Discard}
	met := 0
	for _, b := range nodes.All() {
		if b.Commands == nil {
			continue
		}
		contract := hosted(t, b).Contract()
		for _, c := range b.Commands(env) {
			names, known := tools[c.Name()]
			if !known {
				t.Errorf("testdata/flags.txt does not say what tools do what command %q does", c.Name())
			}
			met++
			var same []node.Tool
			for _, name := range names {
				tool, ok := contract.Tool(node.ToolName(name))
				if !ok && name != "-" {
					t.Errorf("command %q is said to be tool %q, which %s does not have", c.Name(), name, b.Name)
				}
				if ok {
					same = append(same, tool)
				}
			}
			if len(same) == 0 {
				continue
			}
			for _, d := range disagreements(c, same) {
				i := slices.Index(excused, d)
				if i < 0 {
					t.Errorf("%s: only the command or only its tools have it, and testdata/flags.txt does not say why", d)
					continue
				}
				excused = slices.Delete(excused, i, i+1)
			}
		}
	}
	if met != len(tools) || len(excused) > 0 {
		t.Errorf("%d commands, %d in testdata/flags.txt; excused without need: %q", met, len(tools), excused)
	}
}

// TestDisagreementsAreFound shows commands that are wrong in one way each.
func TestDisagreementsAreFound(t *testing.T) {
	tool := node.Tool{Input: json.RawMessage(`{"type":"object","properties":{"paths":{},"dry_run":{}}}`)}
	for _, mutant := range []struct {
		name, use string
		flags     []string
		want      string
	}{
		{"good", "c [PATH…]", []string{"dry-run", "output"}, ""},
		{"flag_that_the_tool_lacks", "c [PATH…]", []string{"dry-run", "force"}, "c force"},
		{"flag_spelled_otherwise", "c [PATH…]", []string{"dryrun"}, "c dryrun,c input:dry-run"},
		{"input_without_flag", "c [PATH…]", nil, "c input:dry-run"},
		{"input_without_arguments", "c", []string{"dry-run"}, "c input:paths"},
	} {
		c := &cobra.Command{Use: mutant.use}
		for _, name := range mutant.flags {
			c.Flags().Bool(name, false, "")
		}
		if got := strings.Join(disagreements(c, []node.Tool{tool}), ","); got != mutant.want {
			t.Errorf("%s: %q, want %q", mutant.name, got, mutant.want)
		}
	}
	if got := disagreements(&cobra.Command{Use: "c [PATH…]"}, []node.Tool{{Input: json.RawMessage(`{}`)}}); !slices.Equal(got, []string{"c PATH"}) {
		t.Errorf("arguments that the tool lacks: %q", got)
	}
}
