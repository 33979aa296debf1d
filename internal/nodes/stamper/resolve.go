package stamper

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// ErrMergeDriver is returned when git's merge driver cannot be installed: the
// project is in no work tree, or its configuration cannot be written.
var ErrMergeDriver = fault.New("ONEX_STAMP_085_MERGE_DRIVER_NOT_INSTALLED", fault.Unavailable, "the merge driver is not installed").
	Hinted("docs/merging.md shows how to set it up by hand")

func newResolve(env *console.Env) *cobra.Command {
	var s selection
	var dry, install bool
	format := console.Text
	cmd := &cobra.Command{
		Use:   "resolve [PATH…]",
		Short: "mend merge conflicts in metadata blocks and manifests",
		Long: `resolve takes the conflict markers that a merge left in metadata blocks and in
manifests (.onex.yaml) away: it merges the fields one by one, keeps the older
identity and computes hashes anew. Conflicts in the body of a file, and in fields
that two people wrote, are left as they are; while one is left, it ends with
status 1. It does not stage files: git add them when they are right.

With --install, git asks onex while it merges, so that such conflicts do not
appear in the first place: a line in .gitattributes, which is for everybody, and
a merge driver in .git/config, which every clone needs for itself. Merges on a
hosting service know no merge drivers; there is "onex resolve" afterwards.`,
		Example: `  git merge topic || onex resolve && git commit -a
  onex resolve --dry-run
  onex resolve --install`,
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be mended, and write nothing")
	cmd.Flags().BoolVar(&install, "install", false, "set up the merge driver for this clone")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "install")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, o, err := s.open(env, args)
		if err != nil {
			return err
		}
		defer root.Close()
		if install {
			return installDriver(cmd.Context(), env, root)
		}
		report, err := stamp.Resolve(cmd.Context(), root, o, dry)
		if err != nil {
			return err
		}
		if err := env.Print(format, resolveView{report, dry}); err != nil {
			return err
		}
		if !report.OK() {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}

// resolveView is a report of resolving as it is printed.
type resolveView struct {
	stamp.ResolveReport
	dry bool
}

// Text lists the files, then what is left to do.
func (v resolveView) Text(env *console.Env, w io.Writer) {
	for _, f := range v.Files {
		left := ""
		if f.Conflicts > 0 {
			left = fmt.Sprintf(" (%d left)", f.Conflicts)
		}
		fmt.Fprintf(w, "%s %s%s\n", env.Paint(resolutionColor(f.State), fmt.Sprintf("%-11s", f.State)), oneLine(f.Path), left)
	}
	v.Summary(w)
	switch {
	case v.dry || len(v.Files) == 0:
	case v.OK():
		env.Note("look at the files and git add them")
	default:
		env.Note("mend what is left by hand, then run onex stamp --write and git add the files")
	}
}

// Summary is the line of totals.
func (v resolveView) Summary(w io.Writer) {
	mended, left := 0, 0
	for _, f := range v.Files {
		if f.State == stamp.Mended {
			mended++
		}
		left += f.Conflicts
	}
	fmt.Fprintf(w, "%d of %d files mended, %d conflicts left\n", mended, len(v.Files), left)
}

func resolutionColor(r stamp.Resolution) console.Color {
	switch r {
	case stamp.Mended:
		return console.Green
	case stamp.PartlyDone:
		return console.Yellow
	}
	return console.Red
}

func newMergeDriver(env *console.Env) *cobra.Command {
	return &cobra.Command{
		Use:    "merge-driver BASE OURS THEIRS PATH [MARKER-SIZE]",
		Short:  "merge one file for git (see onex resolve --install)",
		Hidden: true,
		Args:   cobra.RangeArgs(4, 5),
		Long: `merge-driver is called by git with three versions of a file. It writes the merged
one to OURS and ends with status 1 when conflicts are marked in it.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			clean, err := mergeFile(cmd, env, args)
			if err == nil && !clean {
				err = console.Exit(console.ExitError)
			}
			return err
		},
	}
}

func mergeFile(cmd *cobra.Command, env *console.Env, args []string) (clean bool, err error) {
	var versions [3][]byte
	for i := range versions {
		if versions[i], err = os.ReadFile(inside(env.Dir, args[i])); err != nil {
			return false, stamp.ErrRead.Wrap(err, "%s", args[i])
		}
	}
	markers := &tree.MergeOptions{}
	if len(args) == 5 {
		if markers.MarkerSize, err = strconv.Atoi(args[4]); err != nil || markers.MarkerSize < 1 {
			return false, console.ErrUsage.With("MARKER-SIZE %q is not a number above 0", args[4])
		}
	}
	target := inside(env.Dir, args[3])
	dir, err := tree.ProjectRoot(filepath.Dir(target))
	if err != nil {
		if dir, err = tree.ProjectRoot(env.Dir); err != nil {
			dir = env.Dir
		}
	}
	name, err := filepath.Rel(dir, target)
	if err != nil || !filepath.IsLocal(name) {
		dir, name = env.Dir, args[3]
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false, stamp.ErrRead.Wrap(err, "%s", dir)
	}
	defer root.Close()
	m := stamp.Merge{Path: filepath.ToSlash(name), Base: versions[0], Ours: versions[1], Theirs: versions[2], Markers: markers}
	merged, conflicts, err := stamp.Merge3(cmd.Context(), root, m, nil)
	if err != nil {
		// Without conflict markers, what theirs changed would be overlooked.
		env.Warn("%s is merged without regard to metadata: %v", args[3], err)
		if merged, conflicts, err = tree.Merge(cmd.Context(), root, m.Base, m.Ours, m.Theirs, markers); err != nil {
			return false, err
		}
	}
	if !bytes.Equal(merged, versions[1]) {
		if err := os.WriteFile(inside(env.Dir, args[1]), merged, 0o600); err != nil { // a temporary file of git
			return false, stamp.ErrWrite.Wrap(err, "%s", args[1])
		}
	}
	return conflicts == 0, nil
}

// inside returns path as seen from dir.
func inside(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// attributesLine makes git ask the driver. It comes first in .gitattributes, so
// that what is there for other files still holds.
const attributesLine = "* merge=onex\n"

// withAttributes returns the text of .gitattributes with our line.
func withAttributes(text string) string {
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 1 && !strings.HasPrefix(fields[0], "#") {
			for _, f := range fields[1:] {
				if f == "merge=onex" {
					return text
				}
			}
		}
	}
	return "# Metadata is merged by onex; each clone needs: onex resolve --install\n" + attributesLine + text
}
