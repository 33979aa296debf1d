package console_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
)

type ripeness string

func TestAChoiceIsAClosedSet(t *testing.T) {
	c := console.Choice[ripeness]{Value: "ripe", Of: []ripeness{"green", "ripe"}}
	if c.String() != "ripe" || c.Type() != "green|ripe" {
		t.Errorf("unset it is %s of %s", &c, c.Type())
	}
	for _, tt := range []struct {
		text string
		want ripeness
		ok   bool
	}{{"green", "green", true}, {"", "green", false}, {"Green", "green", false}, {"green|ripe", "green", false}, {"ripe", "ripe", true}} {
		if err := c.Set(tt.text); (err == nil) != tt.ok || c.Value != tt.want {
			t.Errorf("Set(%q): %v, value %q; want %q", tt.text, err, c.Value, tt.want)
		} else if err != nil && !strings.Contains(err.Error(), c.Type()) {
			t.Errorf("Set(%q): %v does not say what can be chosen", tt.text, err)
		}
	}
}

func TestWhatIsOffered(t *testing.T) {
	for name, tt := range map[string]struct {
		cmd     *cobra.Command
		refused []string
		ok      bool
	}{
		"not":           {&cobra.Command{}, nil, false},
		"whole":         {console.Offer(&cobra.Command{}), nil, true},
		"without flags": {console.Offer(&cobra.Command{}, "write", "watch"), []string{"write", "watch"}, true},
	} {
		refused, ok := console.Offered(tt.cmd)
		if ok != tt.ok || strings.Join(refused, " ") != strings.Join(tt.refused, " ") || len(refused) != len(tt.refused) {
			t.Errorf("%s: offered %v without %q, want %v without %q", name, ok, refused, tt.ok, tt.refused)
		}
	}
}

func TestCommandsBelowComeFromTheSameNode(t *testing.T) {
	top, middle, leaf, other := &cobra.Command{Use: "a"}, &cobra.Command{Use: "b"}, console.Offer(&cobra.Command{Use: "c"}), &cobra.Command{Use: "d"}
	top.AddCommand(middle, other)
	middle.AddCommand(leaf)
	console.BringsAlong("stamper", middle)
	for cmd, want := range map[*cobra.Command]string{top: "", middle: "stamper", leaf: "stamper", other: ""} {
		if got := console.BroughtBy(cmd); got != want {
			t.Errorf("%s comes from %q, want %q", cmd.Name(), got, want)
		}
	}
	if _, ok := console.Offered(leaf); !ok {
		t.Error("what a command offers is forgotten")
	}
}
