package stamper

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// A founded project is the output of "onex init".
type founded struct {
	File      string `json:"file"`
	Name      string `json:"name"`
	Owner     string `json:"owner"`
	Author    string `json:"author"`
	Copyright string `json:"copyright"`
	License   string `json:"license,omitempty"`
	Namespace string `json:"namespace,omitempty"`
}

// Text shows the file, and what to do next.
func (f founded) Text(env *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%s\n", env.Paint(console.Bold, f.File))
	for _, field := range f.block().Fields() {
		fmt.Fprintf(w, "  %s: %s\n", field.Key, f.block().Text(field.Key))
	}
	env.Next("onex stamp --diff shows what stamping would change, onex stamp --write does it, onex check verifies it")
}

func (f founded) block() meta.Block {
	var b meta.Block
	for _, field := range []struct{ key, value string }{
		{meta.FieldName, f.Name}, {meta.FieldNamespace, f.Namespace}, {meta.FieldOwner, f.Owner}, {meta.FieldAuthor, f.Author},
		{meta.FieldCopyright, f.Copyright}, {meta.FieldLicense, f.License},
	} {
		if field.value != "" {
			b.SetText(field.key, field.value)
		}
	}
	return b
}

func newInit(env *console.Env) *cobra.Command {
	var f founded
	format := checkFormat(console.Text)
	cmd := &cobra.Command{
		Use:   "init",
		Short: "make this directory a project: write project.onex.yaml",
		Long: `init writes project.onex.yaml, the values that every new metadata block gets. What
is not given is taken from the name of the directory and from git's user.name. A
file that exists is left alone.`,
		Example: `  onex init
  onex init --owner 'Platform Team' --copyright 'Example Ltd' --license MIT`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&f.Name, "name", "", "`name` of the project (default that of the directory)")
	cmd.Flags().StringVar(&f.Namespace, "namespace", "", "`prefix` of the namespaces in it")
	cmd.Flags().StringVar(&f.Owner, "owner", "", "`who` answers for the files (default the author)")
	cmd.Flags().StringVar(&f.Author, "author", "", "`who` writes them (default git's user.name)")
	cmd.Flags().StringVar(&f.Copyright, "copyright", "", "`who` holds the rights (default the owner)")
	cmd.Flags().StringVar(&f.License, "license", "", "SPDX `expression`")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		dir, err := filepath.Abs(env.Dir)
		if err != nil {
			return err
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return err
		}
		defer root.Close()
		for _, given := range []string{"name", "owner", "author", "copyright"} {
			if flag := cmd.Flags().Lookup(given); flag.Changed && strings.TrimSpace(flag.Value.String()) == "" {
				return console.ErrUsage.With("--%s is empty", given) // a variable of the shell that is not set
			}
		}
		f.guess(cmd.Context(), dir)
		f.File = meta.ProjectFile
		if err := stamp.Init(root, f.block()); err != nil {
			return err
		}
		return env.Print(console.Format(format), f)
	}
	return cmd
}

// Found returns what "onex init" writes without flags into the project.onex.yaml of a
// directory.
func Found(ctx context.Context, dir string) meta.Block {
	var f founded
	f.guess(ctx, dir)
	return f.block()
}

// guess fills in what was not given.
func (f *founded) guess(ctx context.Context, dir string) {
	if f.Name == "" {
		f.Name = identifier(filepath.Base(dir))
	}
	if f.Author == "" {
		f.Author = author(ctx, dir)
	}
	if f.Owner == "" {
		f.Owner = f.Author
	}
	if f.Copyright == "" {
		f.Copyright = f.Owner
	}
}

// author is who git says is at work in dir, else the user of the system.
func author(ctx context.Context, dir string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", dir, "config", "user.name").Output()
	if name := strings.TrimSpace(string(out)); err == nil && name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// identifier makes a name of letters, digits and underscores out of any.
func identifier(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '_'
	}, name)
	return strings.Trim(name, "_")
}
