package cli

import (
	"github.com/spf13/cobra"
)

// addAbout gives root the commands that the library brings along, in our words. Theirs
// succeed, with help nobody asked for, when they are given a name that does not exist.
func (s *session) addAbout() {
	s.root.SetHelpCommandGroupID("about")
	s.root.SetCompletionCommandGroupID("about")
	s.root.InitDefaultHelpCmd()
	s.root.InitDefaultCompletionCmd()
	for _, c := range s.root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = "say how a command is used"
			c.Long = "Help says what --help says, of the command that is named: onex help bus pub."
			c.Example = "  onex help bus pub"
			c.Args = isCommand
		case "completion":
			c.Short = "write the script with which a shell completes commands"
			c.Long = "Completion writes a script for bash, zsh, fish or powershell; the help of each says where it belongs.\nPackages of onex hold these scripts already."
			c.Example = "  source <(onex completion bash)"
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range c.Commands() {
				shell.Short = "write the script for " + shell.Name()
			}
		}
	}
}

// isCommand refuses the path of a command that does not exist.
func isCommand(help *cobra.Command, path []string) error {
	found, rest, err := help.Root().Find(path)
	if err == nil && len(rest) > 0 {
		err = cobra.NoArgs(found, rest)
	}
	return usage(found, err)
}
