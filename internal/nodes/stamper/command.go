package stamper

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// Commands returns "onex stamp", "onex check", "onex init", "onex resolve", its merge driver,
// "onex functions" and "onex handlers".
func Commands(env *console.Env) []*cobra.Command {
	return []*cobra.Command{newStamp(env), console.Offer(newCheck(env)), newResolve(env), newMergeDriver(env), console.Offer(newFunctions(env)), newHandlers(env), newInit(env)}
}

// selection is which files a person means.
type selection struct {
	include, exclude []string
	all, staged      bool
	since            string
	maxFiles         int
	source           console.Choice[tree.Source]
	mode             console.Choice[tree.Traversal]
}

func (s *selection) flags(cmd *cobra.Command, all string) {
	cmd.Flags().StringArrayVar(&s.include, "include", nil, "only files that match this `pattern` (as in .gitignore)")
	cmd.Flags().StringArrayVar(&s.exclude, "exclude", nil, "no files that match this `pattern`")
	cmd.Flags().BoolVar(&s.staged, "staged", false, "only what the next commit changes, as it is in git's index")
	cmd.Flags().StringVar(&s.since, "since", "", "only files that changed since this git `revision`, and new ones")
	s.source = console.Choice[tree.Source]{Value: tree.Filesystem, Of: tree.Sources()}
	s.mode = console.Choice[tree.Traversal]{Value: tree.Recursive, Of: tree.Traversals()}
	cmd.Flags().Var(&s.source, "source", "where the files are learnt from")
	cmd.Flags().Var(&s.mode, "mode", "how deep directories are looked into")
	cmd.Flags().IntVar(&s.maxFiles, "max-files", 0, "no more than this `number` of files")
	for _, part := range []string{"since", "source", "mode", "max-files"} {
		cmd.MarkFlagsMutuallyExclusive("staged", part)
	}
	cmd.Flags().BoolVarP(&s.all, "all", "a", false, all)
}

// open returns the project's root and the options for what a person named: paths
// are relative to where the person is, in options they are relative to the root.
func (s *selection) open(env *console.Env, args []string) (*os.Root, *stamp.Options, error) {
	dir, paths, err := env.Paths(args)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, stamp.ErrNotFound.Wrap(err, "%s", strings.Join(args, " "))
	}
	if err != nil {
		return nil, nil, err
	}
	o := &stamp.Options{Paths: paths, Include: s.include, Exclude: s.exclude, All: s.all, Staged: s.staged, Since: s.since,
		Source: s.source.Value, Traversal: s.mode.Value, MaxFiles: s.maxFiles, Drifted: warnOf(env)}
	if env.Extend != nil {
		if err := env.Extend(context.Background(), o); err != nil { // bounded by itself
			return nil, nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	return root, o, err
}

// warnOf returns what tells a person how .onextree differs from what is there.
func warnOf(env *console.Env) func([]tree.Drift) {
	return func(drifts []tree.Drift) {
		for _, d := range drifts {
			env.Warn("%s [%s]", d.Message, d.Code)
		}
	}
}

func newStamp(env *console.Env) *cobra.Command {
	var s selection
	var write, diff, convert, repair, newIdentity, resume, rollback, signed, discover, lines, watching bool
	var form form
	format := stampFormat{checkFormat(console.Text)}
	cmd := &cobra.Command{
		Use:   "stamp [PATH…]",
		Short: "put a metadata block into files, or show what that would change",
		Long: `stamp gives every file of the project, or the files and directories named, a
metadata block, and renews the blocks of files that changed. Nothing is written
without --write. The body of a file is never changed, nor is its identity.

Values for new blocks come from project.onex.yaml.

With --form compact, a new file gets one line with its uuid, and with --form
detached nothing; the rest is in .onex.yaml, the manifest of its directory. Both
take files of any type. Without --form, "form" in onex.yaml decides, else it is
full. A file that has metadata keeps its form, unless --convert is given.

A block that cannot be read is left alone, unless --repair is given: it replaces
the block, keeping uuid, created_at and whatever else can be made out, and
replaces values that are not allowed. A file that was copied has the identity of
the one it was copied from, until --new-identity gives it its own.

With --discover-functions, functions whose comment is marked with @onex:function
are written into the field tools (see onex functions). Those that are gone are
taken out again; what people wrote there stays.

With --sign, a statement of what every stamped file of the project is goes to
.onex/statement.json, signed by the key of --signing-key or ssh-agent, as
ssh-keygen -Y sign does. onex check --require-signature demands it.

With --watch, stamping does not end: it is done now, and again whenever files have
changed, which are then stamped (with --write) or listed. See docs/watching.md.

All files are written, or none. A run that was killed while it was writing leaves
some old and some new, each whole: --resume finishes what it began, --rollback
undoes it.`,
		Example: `  onex stamp                     # what would change
  onex stamp --diff docs
  onex stamp --write
  onex stamp --form detached assets --write
  onex stamp --write --sign --signing-key ~/.ssh/id_ed25519
  onex stamp --convert --form compact src --write
  onex stamp --staged --write    # what is staged; unstaged changes stay unstaged
  onex stamp --watch --write src # and whenever something in src changes
  onex stamp --new-identity docs/copy.md --write`,
	}
	s.flags(cmd, "list also files that are kept or skipped")
	cmd.Flags().BoolVar(&write, "write", false, "write the files")
	cmd.Flags().BoolVar(&diff, "diff", false, "show the changes as a unified diff")
	cmd.Flags().Var(&form, "form", "where the metadata of new files goes")
	cmd.Flags().BoolVar(&convert, "convert", false, "bring files in another form to that of --form, or of onex.yaml")
	cmd.Flags().BoolVar(&repair, "repair", false, "replace blocks that cannot be read and values that are not allowed")
	cmd.Flags().BoolVar(&newIdentity, "new-identity", false, "give the files named a uuid and created_at of their own")
	cmd.Flags().BoolVar(&discover, "discover-functions", false, "write the functions that are marked as tools into the field tools")
	cmd.Flags().BoolVar(&lines, "function-lines", false, "with --discover-functions: write their lines, too")
	cmd.Flags().BoolVar(&resume, "resume", false, "finish a run that was killed")
	cmd.Flags().BoolVar(&rollback, "rollback", false, "undo a run that was killed")
	cmd.MarkFlagsMutuallyExclusive("write", "diff", "resume", "rollback")
	cmd.Flags().BoolVar(&signed, "sign", false, "with --write: sign what all files of the project are then")
	for _, part := range []string{"staged", "since", "include", "exclude", "diff", "resume", "rollback"} {
		cmd.MarkFlagsMutuallyExclusive("sign", part)
	}
	cmd.Flags().BoolVar(&watching, "watch", false, "go on, and stamp what changes as it changes")
	for _, part := range []string{"all", "staged", "new-identity", "sign", "diff", "resume", "rollback"} {
		cmd.MarkFlagsMutuallyExclusive("watch", part)
	}
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, o, err := s.open(env, args)
		if err != nil {
			return err
		}
		defer root.Close()
		if newIdentity && len(args) == 0 {
			return console.ErrUsage.With("--new-identity needs the files that are copies")
		}
		if resume || rollback {
			return recoverRun(cmd.Context(), env, root, resume, format.checkFormat)
		}
		o.Repair, o.NewIdentity, o.Form, o.Convert = repair, newIdentity, filetype.Form(form), convert
		o.Rehearsed = auditor(env, root)
		if discover {
			o.Functions = &funcs.Options{Lines: lines}
		} else if lines {
			return console.ErrUsage.With("--function-lines needs --discover-functions")
		}
		if signed {
			if !write || len(args) > 0 {
				return console.ErrUsage.With("--sign signs the whole project, after --write").Hinted("onex stamp --write --sign")
			}
			return stampAndSign(cmd.Context(), env, root, o, planned{all: s.all, write: true}, format.checkFormat)
		}
		if watching {
			return watchTree(cmd.Context(), env, root, o, write, format.checkFormat)
		}
		bar := env.Progress("reading")
		o.Progress = bar.Set
		plan, err := stamp.Make(cmd.Context(), root, o)
		bar.Done()
		if err != nil {
			return err
		}
		if diff {
			return printDiff(cmd.Context(), env, plan, planned{Report: plan.Report(), all: s.all}, format.checkFormat)
		}
		return printStamp(cmd.Context(), env, plan, planned{all: s.all, write: write}, format.checkFormat)
	}
	return cmd
}

// recoverRun ends a run that was killed, one way or the other.
func recoverRun(ctx context.Context, env *console.Env, root *os.Root, forward bool, format checkFormat) error {
	run := stamp.Rollback
	if forward {
		run = stamp.Resume
	}
	report, err := run(ctx, root)
	if err != nil {
		return err
	}
	return printReport(env, planned{Report: report, all: true, write: true, undone: !forward}, format)
}

// printStamp applies the plan if asked to and prints the report.
func printStamp(ctx context.Context, env *console.Env, plan *stamp.Plan, view planned, format checkFormat) error {
	view.Report = plan.Report()
	if view.write {
		var err error
		if view.Report, err = plan.Apply(ctx); err != nil {
			return err
		}
	}
	return printReport(env, view, format)
}

// printDiff prints the changes, alone or as a part of the report.
func printDiff(ctx context.Context, env *console.Env, plan *stamp.Plan, view planned, format checkFormat) error {
	switch format {
	case checkFormat(console.Text):
		return plan.Diff(ctx, env.Out)
	case checkFormat(console.JSON), checkFormat(console.YAML):
		var text strings.Builder
		if err := plan.Diff(ctx, &text); err != nil {
			return err
		}
		view.Diff = text.String()
		return printReport(env, view, format)
	}
	return console.ErrUsage.With("--diff is printed as text, json or yaml, not %s", format)
}

// printReport ends with status 1 when a file could not be stamped.
func printReport(env *console.Env, view planned, format checkFormat) error {
	if err := printFindings(env, format, view, view.findings()); err != nil {
		return err
	}
	beyond := 0
	for _, i := range view.Files {
		if i.Reason == tree.OverLimit {
			beyond++
		}
	}
	warnOfLimit(env, beyond)
	if view.Status != stamp.Success {
		return console.Exit(console.ExitError)
	}
	return nil
}

func newCheck(env *console.Env) *cobra.Command {
	var s selection
	var noCache, hints, require bool
	format := checkFormat(console.Text)
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "name every file that changed since it was stamped",
		Long: `check compares the files of the project, or those named, with their metadata
blocks. It ends with status 1 when a file is modified, unstamped, outdated,
malformed, invalid, missing, or has another file's identity. It changes no file.

A signature that is there (onex stamp --sign) is verified against allowed_signers.
With --require-signature, what is not signed as it is, is unsigned.

In a git work tree, files that were in order before and that git says are
unchanged since are not read again.`,
		Example: `  onex check
  onex check docs -o json
  onex check --staged            # in a pre-commit hook
  onex check --fix-hint          # with commands to paste
  onex check --since origin/main -o sarif > onex.sarif
  onex check --require-signature
  onex check -o in-toto > statement.json`,
	}
	s.flags(cmd, "list also files that are ok or skipped")
	cmd.Flags().BoolVar(&hints, "fix-hint", false, "print with each finding the command that mends it")
	cmd.Flags().BoolVar(&require, "require-signature", false, "report also what is not signed as it is")
	cmd.MarkFlagsMutuallyExclusive("require-signature", "staged")
	cmd.Flags().BoolVar(&noCache, "no-cache", false, "read every file, also those known to be in order")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := tree.ProjectRoot(env.Dir); err != nil && len(args) == 0 {
			return err // not everything that lies below, which may be the whole disk
		}
		root, o, err := s.open(env, args)
		if err != nil {
			return err
		}
		defer root.Close()
		if format == inToto {
			return attest(cmd.Context(), env, root, o)
		}
		o.NoCache, o.RequireSignature, o.Verify = noCache, require, verifier(env)
		o.All = o.All || format == junit
		bar := env.Progress("checking")
		o.Progress = bar.Set
		report, err := stamp.Check(cmd.Context(), root, o)
		bar.Done()
		if err != nil {
			return err
		}
		view := checkView{CheckReport: report}
		if hints {
			view.fix = func(f stamp.Finding) string { return fix(f, root.Name(), env.Dir) }
		}
		if err := printCheck(env, format, view); err != nil {
			return err
		}
		warnOfLimit(env, report.Skipped[tree.OverLimit])
		if !report.OK() {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}
