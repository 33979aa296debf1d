package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// manSection is the section of the manual for commands of users.
const manSection = "1"

func newMan(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "man DIR",
		Short:   "write the manual pages, one a command, to a directory",
		Long:    "Man writes onex.1, onex-stamp.1 and so on. Packages of onex hold them already; this is for who builds it.",
		Example: "  onex man ~/.local/share/man/man1",
		Args:    exactly(1),
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		dir := args[0]
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(s.Dir, dir)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return writeManuals(dir, s.root)
	}
	return cmd
}

// writeManuals writes the pages of c and of every command below it that is not hidden.
func writeManuals(dir string, c *cobra.Command) error {
	name := filepath.Join(dir, manName(c)+"."+manSection)
	if err := os.WriteFile(name, []byte(manual(c)), 0o644); err != nil {
		return err
	}
	for _, sub := range documented(c) {
		if err := writeManuals(dir, sub); err != nil {
			return err
		}
	}
	return nil
}

// documented returns the commands below c that have a page.
func documented(c *cobra.Command) []*cobra.Command {
	var subs []*cobra.Command
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			subs = append(subs, sub)
		}
	}
	return subs
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manual returns the page of c in the man macros of troff. It has no date, so
// that the same source gives the same page.
func manual(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s %s \"\" \"onex %s\" \"ONEX\"\n", strings.ToUpper(manName(c)), manSection, version().Version)
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(c.UseLine()))
	if c.Long != "" {
		fmt.Fprintf(&b, ".SH DESCRIPTION\n%s\n", strings.ReplaceAll(roff(c.Long), "\n\n", "\n.PP\n"))
	}
	verbatim(&b, "OPTIONS", c.LocalNonPersistentFlags().FlagUsages())
	verbatim(&b, "OPTIONS OF EVERY COMMAND", commonFlags(c))
	verbatim(&b, "EXAMPLES", c.Example)
	b.WriteString(".SH SEE ALSO\n" + strings.Join(seeAlso(c), ",\n") + "\n")
	return b.String()
}

// commonFlags returns the options that every command has, without the directory
// in which the page happens to be made.
func commonFlags(c *cobra.Command) string {
	set := c.Root().PersistentFlags()
	return strings.ReplaceAll(set.FlagUsages(), fmt.Sprintf(" (default %q)", set.Lookup("directory").DefValue), "")
}

// verbatim writes a section whose lines stay as they are.
func verbatim(b *strings.Builder, title, text string) {
	if strings.TrimSpace(text) != "" {
		fmt.Fprintf(b, ".SH %s\n.nf\n%s\n.fi\n", title, roff(strings.TrimRight(text, "\n")))
	}
}

func seeAlso(c *cobra.Command) []string {
	var pages []string
	if c.HasParent() {
		pages = append(pages, manName(c.Parent()))
	}
	for _, sub := range documented(c) {
		pages = append(pages, manName(sub))
	}
	for i, p := range pages {
		pages[i] = fmt.Sprintf("\\fB%s\\fR(%s)", roff(p), manSection)
	}
	return pages
}

// roff escapes text, so that none of it is a request or an escape of troff, and
// all of it is ASCII.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return ascii(strings.Join(lines, "\n"))
}

// ascii writes other characters as troff names them, which every troff reads.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}
