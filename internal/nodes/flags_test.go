package nodes

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
)

// TestEveryLineOfTheTableIsAboutACommand finds what is left of commands that are
// gone. What the lines say is checked by onex parity.
func TestEveryLineOfTheTableIsAboutACommand(t *testing.T) {
	env := &console.Env{Out: io.Discard, Err: io.Discard}
	commands := map[string]bool{}
	for _, b := range All() {
		if b.Commands == nil {
			continue
		}
		if len(b.Checks(env)) != 1 {
			t.Errorf("parity does not check the commands of %s", b.Name)
		}
		for _, c := range leaves(b.Commands(env)) {
			commands[nameOf(c)] = true
		}
	}
	lines, err := flagLines(flagTable)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if !commands[l.command] {
			t.Errorf("flags.txt speaks of command %q, which is not there", l.command)
		}
	}
}

// TestDisagreementsAreFound shows commands that are wrong in one way each.
func TestDisagreementsAreFound(t *testing.T) {
	contract := node.Contract{Tools: []node.Tool{{Name: "do", Input: json.RawMessage(`{"type":"object","properties":{"paths":{},"dry_run":{}}}`)}}}
	const is = "c is do because\n"
	for _, mutant := range []struct {
		name, table, use string
		flags            []string
		want             string // part of the error; empty for none
	}{
		{"good", is, "c [PATH…]", []string{"dry-run", "output"}, ""},
		{"excused", is + "c force only because\n", "c [PATH…]", []string{"dry-run", "force"}, ""},
		{"no_tool", "c is - because\n", "c", []string{"force"}, ""},
		{"flag_that_the_tool_lacks", is, "c [PATH…]", []string{"dry-run", "force"}, "c force:"},
		{"flag_spelled_otherwise", is, "c [PATH…]", []string{"dryrun"}, "c dryrun:"},
		{"input_without_flag", is, "c [PATH…]", nil, "c input:dry-run:"},
		{"input_without_arguments", is, "c", []string{"dry-run"}, "c input:paths:"},
		{"excused_without_need", is + "c force only because\n", "c [PATH…]", []string{"dry-run"}, "c force: flags.txt excuses it"},
		{"command_not_in_the_table", "", "c [PATH…]", []string{"dry-run"}, `does not say what tools do what command "c"`},
		{"tool_not_in_the_contract", "c is make because\n", "c", nil, `tool "make", which is not there`},
		{"no_reason", "c is do\n", "c", nil, "has no reason"},
	} {
		c := &cobra.Command{Use: mutant.use}
		for _, name := range mutant.flags {
			c.Flags().Bool(name, false, "")
		}
		_, err := sameFlags(mutant.table, []*cobra.Command{c}, contract)
		if mutant.want == "" && err != nil || mutant.want != "" && (err == nil || !strings.Contains(err.Error(), mutant.want)) {
			t.Errorf("%s: %v, want %q", mutant.name, err, mutant.want)
		}
	}
	contract.Tools[0].Input = json.RawMessage(`{}`)
	if _, err := sameFlags(is, []*cobra.Command{{Use: "c [PATH…]"}}, contract); err == nil || !strings.Contains(err.Error(), "c PATH:") {
		t.Errorf("arguments that the tool lacks: %v", err)
	}
}
