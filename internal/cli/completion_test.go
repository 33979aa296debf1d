package cli_test

import (
	"slices"
	"strings"
	"testing"
)

// completions asks as a shell does: for the words that the last of args can become.
// A description after a tab is not among them.
func (term *terminal) completions(args ...string) []string {
	term.t.Helper()
	status, out, errs := term.run(append([]string{"__complete"}, args...)...)
	if status != 0 {
		term.t.Fatalf("%q: status %d: %s", args, status, errs)
	}
	var words []string
	for line := range strings.Lines(out) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		words = append(words, word)
	}
	return words[:len(words)-1] // the last says what the shell may add
}

// offers checks that what a shell is offered has words, and none that must not be.
func (term *terminal) offers(all []offer) {
	term.t.Helper()
	for _, o := range all {
		words := term.completions(o.args...)
		if once := slices.Compact(slices.Sorted(slices.Values(words))); len(once) != len(words) {
			term.t.Errorf("onex %s: offered twice: %q", strings.Join(o.args, " "), words)
		}
		for _, want := range o.want {
			if !slices.Contains(words, want) {
				term.t.Errorf("onex %s: %q is not among %q", strings.Join(o.args, " "), want, words)
			}
		}
		if slices.Contains(words, o.not) || len(o.want) == 0 && len(words) > 0 {
			term.t.Errorf("onex %s: offered %q", strings.Join(o.args, " "), words)
		}
	}
}

type offer struct {
	args []string
	want []string // among what is offered; none: nothing is
	not  string
}

func TestCompletionWithoutADaemon(t *testing.T) {
	term := newTerminal(t)
	term.offers([]offer{
		{args: []string{"bus", ""}, want: []string{"pub", "sub", "health"}},
		{args: []string{"lint", "--only", ""}, want: []string{"P001", "X002"}},
		{args: []string{"lint", "--explain", ""}, want: []string{"P001", "M001"}},
		{args: []string{"lint", "-o", ""}, want: []string{"text", "sarif", "junit"}},
		{args: []string{"explain", ""}, want: []string{"ONEX_BUS_020_NO_DAEMON"}},
		{args: []string{"--set", ""}, want: []string{"log_level=", "bus_token_file="}, not: "bus_token="},
		{args: []string{"bus", "pub", ""}, want: []string{"NODE_START"}},
		{args: []string{"bus", "pub", "NODE_START", ""}},
		{args: []string{"bus", "sub", "--class", ""}, want: []string{"ephemeral", "durable", "retained"}},
		{args: []string{"version", "-o", ""}, want: []string{"text", "json"}},
		{args: []string{"version", "--output=j"}, want: []string{"json"}},
		{args: []string{"stamp", "--source", ""}, want: []string{"filesystem", "tree"}},
		{args: []string{"contract", "show", ""}, want: []string{"stamper"}},
		{args: []string{"ports", "renew", ""}},
		{args: []string{"invoke", ""}},
	})
}
