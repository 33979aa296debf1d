package scripttest_test

import (
	"fmt"
	"testing"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/scripttest"
)

// commands are "onex where", which says where it is, and "onex refuse".
func commands(env *console.Env) []*cobra.Command {
	where := &cobra.Command{Use: "where", RunE: func(_ *cobra.Command, args []string) error {
		env.Note("%d arguments", len(args))
		_, err := fmt.Fprintf(env.Out, "%s %s\n", env.Dir, env.Getenv("COLOR"))
		return err
	}}
	refuse := &cobra.Command{Use: "refuse", RunE: func(*cobra.Command, []string) error { return console.ErrUsage.With("never") }}
	return []*cobra.Command{where, refuse}
}

func TestScripts(t *testing.T) {
	prepared := 0
	scripttest.Run(t, commands, func(*console.Env) { prepared++ })
	t.Cleanup(func() {
		if prepared != 4 {
			t.Errorf("%d commands were prepared, want the 4 of the script", prepared)
		}
	})
}
