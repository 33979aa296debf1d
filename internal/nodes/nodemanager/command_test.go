package nodemanager_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/nodemanager"
)

// TestCommands types them one after the other in one project.
func TestCommands(t *testing.T) {
	m := project(t, map[string]string{"project.onex.yaml": owned})
	for _, tt := range []struct {
		args  string
		out   string // part of what is printed
		errs  string // part of what is said
		fails bool
	}{
		{"new node my.dir/greeter --lang shell --dry-run", "would create  my.dir/greeter/main.sh", "nothing was written", false},
		{"new node my.dir/greeter --lang shell", "create  my.dir/greeter/main.sh", "onex invoke greeter", false},
		{"new node other --lang shell --no-list -o table", "create  other/main.sh", "onex up --node ./other", false},
		{"new node greeter", "", "", true},
		{"new node ../greeter", "", "", true},
		{"new node", "", "", true},
		{"new scenario greeter more", "scenarios/more.yaml", "onex scenario run", false},
		{"new scenario greeter more", "", "", true},
		{"new file-type nix --extension nix --comment #", "testdata/canary/nix.nix", "onex handlers canary", false},
		{"node fix", "nothing to do", "", false},
		{"node contract greeter -o json", `"changes": []`, "", false},
		{"node manifest ./other", "nothing to do", "", false},
		{"node sync", "would update  onex.yaml", "nothing was written", false},
		{"node sync --write", "update  onex.yaml", "", false},
		{"node fix nobody", "", "", true},
	} {
		var out, errs bytes.Buffer
		env := &console.Env{Dir: m.Root, Out: &out, Err: &errs, Log: slog.New(slog.DiscardHandler)}
		root := &cobra.Command{Use: "onex", SilenceErrors: true, SilenceUsage: true}
		root.AddGroup(&cobra.Group{ID: "nodes"})
		root.AddCommand(nodemanager.Commands(env, m)...)
		root.SetArgs(strings.Fields(tt.args))
		err := root.ExecuteContext(t.Context())
		if (err != nil) != tt.fails || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.errs) {
			t.Errorf("%s: %v\nout %s\nerr %s", tt.args, err, out.String(), errs.String())
		}
	}
}
