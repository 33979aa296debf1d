package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/milestone"
	"github.com/omninode-ai/onex/tree"
)

// ErrChecklist is returned by onex report milestone for a checklist that is not
// there or cannot be read: every line of what was asked for must be named exactly
// once, with its state, and done items with their proofs.
var ErrChecklist = fault.New("ONEX_CLI_040_CHECKLIST", fault.Invalid, "the checklist cannot be read").
	Hinted("docs/milestone-1.yaml of the ONEX repository is one, and describes its form")

// checklistFile is the checklist that is reported without an argument.
const checklistFile = "docs/milestone-1.yaml"

// A MilestoneReport says how far a checklist is.
type MilestoneReport struct {
	Title    string                  `json:"title"`
	Counts   map[milestone.State]int `json:"summary"`
	Sections []MilestoneSection      `json:"sections"`
	Open     []MilestoneItem         `json:"open"`
}

// A MilestoneSection counts the items of one part.
type MilestoneSection struct {
	Title  string                  `json:"title"`
	Counts map[milestone.State]int `json:"summary"`
}

// A MilestoneItem is something that is open.
type MilestoneItem struct {
	Lines []int  `json:"lines"`
	Text  string `json:"text"`
}

// Table has a row for each section.
func (r MilestoneReport) Table() console.Grid {
	g := console.Grid{Header: []string{"section"}}
	for _, state := range milestone.States() {
		g.Header = append(g.Header, string(state))
	}
	for _, s := range r.Sections {
		g.Rows = append(g.Rows, append([]string{s.Title}, counts(s.Counts)...))
	}
	return g
}

// Text is the settled items of each section, the total, and what is open.
func (r MilestoneReport) Text(env *console.Env, w io.Writer) {
	for _, s := range r.Sections {
		all := 0
		for _, n := range s.Counts {
			all += n
		}
		fmt.Fprintf(w, "%4d of %-4d %s\n", all-s.Counts[milestone.Open], all, s.Title)
	}
	r.Summary(w)
	for _, i := range r.Open {
		fmt.Fprintf(w, "%s line %s: %s\n", env.Paint(console.Yellow, "open"), lineNumbers(i.Lines), i.Text)
	}
}

// Summary writes the line of totals.
func (r MilestoneReport) Summary(w io.Writer) {
	var parts []string
	for _, state := range milestone.States() {
		parts = append(parts, fmt.Sprintf("%d %s", r.Counts[state], state))
	}
	fmt.Fprintf(w, "%s: %s\n", r.Title, strings.Join(parts, ", "))
}

func counts(of map[milestone.State]int) []string {
	var cells []string
	for _, state := range milestone.States() {
		cells = append(cells, strconv.Itoa(of[state]))
	}
	return cells
}

func lineNumbers(lines []int) string {
	var text []string
	for _, n := range lines {
		text = append(text, strconv.Itoa(n))
	}
	return strings.Join(text, ", ")
}

func newReport(s *session) *cobra.Command {
	cmd := &cobra.Command{Use: "report", Short: "say how far a checklist is", Example: "  onex report milestone", Args: cobra.NoArgs}
	milestoneCmd := &cobra.Command{
		Use:   "milestone [FILE]",
		Short: "count what is done, decided otherwise, not ours and open",
		Long: `milestone reads a checklist, docs/milestone-1.yaml of the project unless another is
named, and says how far it is. It ends with status 1 while something is open.`,
		Example: `  onex report milestone
  onex report milestone -o json | jq .open`,
		Args: cobra.MaximumNArgs(1),
	}
	format := formatFlag(milestoneCmd, console.Text)
	milestoneCmd.RunE = func(_ *cobra.Command, args []string) error {
		report, err := s.milestone(args)
		if err == nil {
			err = s.Print(*format, report)
		}
		if err == nil && len(report.Open) > 0 {
			return console.Exit(console.ExitError)
		}
		return err
	}
	cmd.AddCommand(milestoneCmd)
	return cmd
}

func (s *session) milestone(args []string) (MilestoneReport, error) {
	file := checklistFile
	if len(args) > 0 {
		file = args[0]
	}
	root, err := tree.ProjectRoot(s.Dir)
	if err != nil || len(args) > 0 {
		root = s.Dir
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(root, file)
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return MilestoneReport{}, ErrChecklist.With("there is no %s", file)
	}
	if err != nil {
		return MilestoneReport{}, err
	}
	c, err := milestone.Parse(data)
	if err != nil {
		return MilestoneReport{}, ErrChecklist.With("%s: %v", file, err)
	}
	return report(c), nil
}

func report(c *milestone.Checklist) MilestoneReport {
	r := MilestoneReport{Title: c.Title, Counts: c.Count(), Open: []MilestoneItem{}}
	for _, section := range c.Sections {
		part := MilestoneSection{Title: section.Title, Counts: map[milestone.State]int{}}
		for _, item := range section.Items {
			part.Counts[item.State]++
			if item.State == milestone.Open {
				r.Open = append(r.Open, MilestoneItem{item.Lines, item.Text})
			}
		}
		r.Sections = append(r.Sections, part)
	}
	return r
}
