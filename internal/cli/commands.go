package cli

import (
	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/nodes"
)

// addCommands gives root its verbs, in the order in which a person meets them.
func (s *session) addCommands() {
	s.root.AddGroup(
		&cobra.Group{ID: "nodes", Title: "Nodes and tools:"},
		&cobra.Group{ID: "files", Title: "Files:"},
		&cobra.Group{ID: "about", Title: "About:"},
	)
	s.addGroup("nodes", newUp(s), newNodes(s), newDescribe(s), newInvoke(s), newRun(s), newEvents(s), newMCP(s))
	s.addGroup("nodes", newParity(s), newBreaking(s))
	for _, builtin := range nodes.All() {
		if builtin.Commands != nil {
			s.addGroup("files", builtin.Commands(s.Env)...)
		}
	}
	s.addGroup("about", newDemo(s), newExplain(s), newVersion(s))
	s.root.SetHelpCommandGroupID("about")
	s.root.SetCompletionCommandGroupID("about")
}

func (s *session) addGroup(id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
		s.root.AddCommand(c)
	}
}
