package cli

import (
	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/demo"
)

func newDemo(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "show the main job on a copy of this project, in under a minute",
		Long: `demo starts a daemon and two example nodes as processes of their own, calls
their tools, kills one and shows the registry noticing, stamps a copy of this
project, changes one file and shows check catching it. It leaves nothing behind.`,
		Example: `  onex demo`,
		Args:    exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := s.config()
			if err != nil {
				return err
			}
			return demo.Run(cmd.Context(), &demo.Options{
				Exe: s.Exe, Source: cfg.Project.Root, Out: s.Out,
				Title: func(t string) string { return s.Paint(console.Bold, t) },
			})
		},
	}
}
