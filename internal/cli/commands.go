package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/tree"
)

// addCommands gives root its verbs, in the order in which a person meets them.
func (s *session) addCommands() {
	s.root.AddGroup(
		&cobra.Group{ID: "nodes", Title: "Nodes and tools:"},
		&cobra.Group{ID: "files", Title: "Files:"},
		&cobra.Group{ID: "about", Title: "About:"},
	)
	s.addGroup("nodes", newUp(s), console.Offer(newNodes(s)), console.Offer(newDescribe(s)), newInvoke(s), newRun(s), newEvents(s), newBus(s), newMCP(s))
	s.addGroup("nodes", newPorts(s), newAudit(s))
	s.addGroup("nodes", newParity(s), newContract(s), newScenario(s), newBreaking(s), newNode(s))
	for _, builtin := range nodes.All() {
		if builtin.Commands != nil {
			commands := s.configured(s.told(builtin.Name, builtin.Commands(s.Env)))
			for _, c := range commands {
				console.BringsAlong(string(builtin.Name), c)
			}
			s.addBuiltin(commands)
		}
	}
	s.addGroup("files", console.Offer(newLint(s), "fix"), newPlugins(s))
	s.addGroup("about", newDemo(s), console.Offer(newExplain(s)), newMan(s), newReport(s), console.Offer(newVersion(s)))
	s.addAbout()
}

// addBuiltin adds the commands of a built-in node. What a group that is there
// already, as "onex node", gets of one is below it.
func (s *session) addBuiltin(commands []*cobra.Command) {
	for _, c := range commands {
		there := slices.IndexFunc(s.root.Commands(), func(other *cobra.Command) bool { return other.Name() == c.Name() })
		if there >= 0 {
			s.root.Commands()[there].AddCommand(c.Commands()...)
			continue
		}
		s.addGroup(cmp.Or(c.GroupID, "files"), c)
	}
}

// configured makes commands that ask for no setting refuse a broken onex.yaml,
// rather than work as if it were not there.
func (s *session) configured(commands []*cobra.Command) []*cobra.Command {
	for _, c := range commands {
		c.PreRunE = func(*cobra.Command, []string) error {
			root, err := tree.ProjectRoot(s.Dir)
			if err != nil {
				return nil // the command will say so, if it needs one
			}
			return app.CheckFile(root)
		}
		s.configured(c.Commands())
	}
	return commands
}

func (s *session) addGroup(id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
		s.root.AddCommand(c)
	}
}
