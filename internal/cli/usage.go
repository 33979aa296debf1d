package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/near"
	"github.com/omninode-ai/onex/invoke"
)

// usage gives cobra's own complaints, which have no type, the code and the exit
// status of a wrong command line.
func usage(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "required flag", "if any flags in the group", "at least one of the flags", "accepts "} {
		if strings.HasPrefix(err.Error(), start) {
			return console.ErrUsage.With("%s", err).Hinted("%s%s --help says more", meantCommand(cmd, err), cmd.CommandPath())
		}
	}
	if errors.Is(err, ErrArguments) || errors.Is(err, invoke.ErrCall) {
		return badUsage{err}
	}
	return err
}

// meantCommand names the command that an unknown one was probably meant to be.
func meantCommand(cmd *cobra.Command, err error) string {
	var word string
	if _, bad := fmt.Sscanf(err.Error(), "unknown command %q", &word); bad != nil {
		return ""
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return meant(near.Words(word, names))
}

// badFlag is what is wrong with a flag, and which was probably meant.
func badFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var names []string
	if errors.As(err, &unknown) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		names = near.Words(unknown.GetSpecifiedName(), names)
	}
	for i, name := range names {
		names[i] = "--" + name
	}
	return console.ErrUsage.With("%s", err).Hinted("%s%s --help says more", meant(names), cmd.CommandPath())
}

// meant is the beginning of a hint.
func meant(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(words, ", ") + "? "
}

// badUsage is an error with a code of its own that is also a wrong command line.
type badUsage struct{ error }

func (b badUsage) Unwrap() []error { return []error{b.error, console.ErrUsage} }
