package console

import (
	"strings"

	"github.com/spf13/cobra"
)

// Annotations of commands.
const (
	offered   = "onex.offered" // and the flags that are refused, separated by commas
	broughtBy = "onex.node"
)

// Offer marks a command as one that others may run through a bus: it ends by itself, and
// changes nothing unless one of the refused flags is given.
func Offer(cmd *cobra.Command, refused ...string) *cobra.Command {
	annotate(cmd, offered, strings.Join(refused, ","))
	return cmd
}

// Offered reports whether others may run a command, and with which flags they may not.
func Offered(cmd *cobra.Command) (refused []string, ok bool) {
	text, ok := cmd.Annotations[offered]
	if text != "" {
		refused = strings.Split(text, ",")
	}
	return refused, ok
}

// BringsAlong notes which node a command, and all below it, comes from.
func BringsAlong(name string, cmd *cobra.Command) {
	annotate(cmd, broughtBy, name)
	for _, c := range cmd.Commands() {
		BringsAlong(name, c)
	}
}

// BroughtBy returns the name of the node that a command comes from; empty for none.
func BroughtBy(cmd *cobra.Command) string { return cmd.Annotations[broughtBy] }

func annotate(cmd *cobra.Command, key, value string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[key] = value
}
