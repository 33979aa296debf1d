package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
)

// release is the version of this binary. The build sets it with
// -ldflags "-X …/internal/cli.release=v1.2.3"; otherwise the module's version
// and the revision are read from the build information.
var release string

// A build says which program this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go_version"`
	Platform string `json:"platform"`
}

func (b build) Text(_ *console.Env, w io.Writer) {
	fmt.Fprintf(w, "onex %s (%s, %s)\n", b.Version, b.Go, b.Platform)
}

func version() build {
	b := build{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	return b
}

func newVersion(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "print which onex this is",
		Example: `  onex version
  onex version -o json | jq -r .version`,
		Args: exactly(0),
	}
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(*cobra.Command, []string) error { return s.Print(*format, version()) }
	return cmd
}
