package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// ErrNoContract is returned by onex breaking when one of the two contracts is not
// there: the directory holds no contract.yaml, or the commit that --against names
// does not exist or did not have one.
var ErrNoContract = fault.New("ONEX_CONTRACT_081_NOTHING_TO_COMPARE", fault.NotFound, "there is no contract to compare").
	Hinted("--against takes a commit, a directory that holds a contract.yaml, or the file")

// Breaks is what changed between two versions of a contract.
type Breaks struct {
	Node    node.Name       `json:"node_name"`
	From    string          `json:"from_version"`
	To      string          `json:"to_version"`
	Step    schema.Step     `json:"step"`         // that the changes ask for
	Least   string          `json:"next_version"` // the lowest version that the changes allow
	OK      bool            `json:"ok"`           // to_version is at least that
	Changes []schema.Change `json:"changes"`

	Categories []schema.CategoryStep `json:"categories"` // in which something changed
}

// Table lists the changes.
func (b Breaks) Table() console.Grid {
	g := console.Grid{Header: []string{"verdict", "category", "tool", "at", "change"}, Empty: "no change that a caller could notice"}
	for _, c := range b.Changes {
		g.Rows = append(g.Rows, []string{verdictOf(c), string(c.Category), string(c.Tool), c.At, c.Text})
	}
	return g
}

func verdictOf(c schema.Change) string {
	if c.Breaking {
		return "breaking"
	}
	return "compatible"
}

// Summary says which version the changes ask for.
func (b Breaks) Summary(w io.Writer) {
	for _, c := range b.Categories {
		fmt.Fprintf(w, "%s: %s (%d changes)\n", c.Category, c.Step, c.Changes)
	}
	fmt.Fprintf(w, "%s %s -> %s: a %s change, at least %s\n", b.Node, b.From, b.To, b.Step, b.Least)
}

func newBreaking(s *session) *cobra.Command {
	var against string
	cmd := &cobra.Command{
		Use:   "breaking [DIR]",
		Short: "say which changes of a contract break its callers",
		Long: `breaking compares the contract in DIR (default: here) with an older one, and says
what a caller could notice: an input may take more, an output may hold less, and
what cannot be told counts as a break. Each change belongs to a category: tools,
input, output, errors, effects, idempotency or behavior (volatile parts, and
answers to examples). --against names a commit, a directory or a
file.

The exit status is 1 when the version of the node has not risen as far as the
changes ask for: major for a break, minor for anything else (one less below
1.0.0).`,
		Example: `  onex breaking ./greeter --against HEAD~1
  onex breaking ./greeter --against origin/main -o json`,
		Args: cobra.MaximumNArgs(1),
	}
	format := formatFlag(cmd, console.Table)
	cmd.Flags().StringVar(&against, "against", "HEAD", "`commit`, directory or file of the older contract")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dir := s.Dir
		if len(args) == 1 {
			dir = s.within(args[0])
		}
		b, err := s.breaking(cmd.Context(), dir, against)
		if err != nil {
			return err
		}
		if err := s.Print(*format, b); err != nil {
			return err
		}
		if *format == console.Table || *format == console.Text {
			b.Summary(s.Err)
		}
		if !b.OK {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}

// within returns a path as it is meant by a person in s.Dir.
func (s *session) within(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.Dir, path)
}

func (s *session) breaking(ctx context.Context, dir, against string) (Breaks, error) {
	is, err := contractFrom(inDir(dir))
	if err != nil {
		return Breaks{}, ErrNoContract.Wrap(err, "%s", dir)
	}
	was, err := contractFrom(s.older(ctx, dir, against))
	if err != nil {
		return Breaks{}, ErrNoContract.Wrap(err, "against %q", against)
	}
	b := Breaks{Node: is.Node, From: was.Version, To: is.Version}
	if b.Changes, err = schema.Breaking(was, is); err != nil {
		return b, err
	}
	if b.Changes == nil {
		b.Changes = []schema.Change{}
	}
	b.Step, b.Categories = schema.StepOf(b.Changes), schema.ByCategory(b.Changes)
	b.Least, b.OK, err = raised(was.Version, is.Version, b.Step)
	return b, err
}

// A reader returns a file of a node's directory.
type reader func(name string) ([]byte, error)

func inDir(dir string) reader {
	return func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }
}

// older returns where the older contract is read.
func (s *session) older(ctx context.Context, dir, against string) reader {
	path := s.within(against)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return inDir(path)
	case err == nil:
		return func(name string) ([]byte, error) {
			if name == node.ContractFile {
				return os.ReadFile(path)
			}
			return nil, fs.ErrNotExist
		}
	}
	return func(name string) ([]byte, error) {
		git := exec.CommandContext(ctx, "git", "-C", dir, "show", "--end-of-options", against+":./"+name)
		var complaint bytes.Buffer
		git.Stderr = &complaint
		out, err := git.Output()
		if err != nil {
			return nil, fmt.Errorf("git: %s (%w)", strings.TrimSpace(complaint.String()), err)
		}
		return out, nil
	}
}

// contractFrom reads a contract, and the version from the manifest beside it when
// it states none.
func contractFrom(read reader) (node.Contract, error) {
	data, err := read(node.ContractFile)
	if err != nil {
		return node.Contract{}, err
	}
	c, err := node.ParseContract(data)
	if err != nil || c.Version != "" {
		return c, err
	}
	data, err = read(node.ManifestFile)
	if err != nil {
		return c, errors.Join(errors.New("the contract states no node_version, and no manifest lies beside it"), err)
	}
	m, err := node.ParseManifest(data)
	c.Version = m.Version
	return c, err
}

// raised returns the lowest version that a step from was allows, and whether is
// is at least that. Below 1.0.0 a break raises the second number and all else the
// third (semver.org, 4).
func raised(was, is string, step schema.Step) (least string, ok bool, err error) {
	from, err := semver.StrictNewVersion(was)
	if err != nil {
		return "", false, ErrNoContract.Wrap(err, "the older version %q", was)
	}
	to, err := semver.StrictNewVersion(is)
	if err != nil {
		return "", false, ErrNoContract.Wrap(err, "the version %q", is)
	}
	next := *from
	switch {
	case step == schema.Major && from.Major() > 0:
		next = from.IncMajor()
	case step == schema.Major, step == schema.Minor && from.Major() > 0:
		next = from.IncMinor()
	case step == schema.Minor:
		next = from.IncPatch()
	}
	return next.String(), !to.LessThan(&next), nil
}
