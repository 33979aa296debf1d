package release

import (
	"fmt"
	"regexp"
	"strings"
)

// MaxSubject is how long the first line of a commit message may be: git log
// --oneline and the pages of git hosts cut longer ones.
const MaxSubject = 100

// subject is "package: what changes", or several packages with commas.
var subject = regexp.MustCompile(`^([a-z0-9.][A-Za-z0-9/._ -]*(?:, [a-z0-9.][A-Za-z0-9/._ -]*)*): (\S.*[^.\s])$`)

// A Commit is what a message says.
type Commit struct {
	Area string // the package, command or page; "stamp, tree" for several
	Text string // what changes
	Body string // why, or empty
}

// ParseCommit reads a message of the convention in CONTRIBUTING.md:
//
//	package: what changes
//
//	why
//
// Lines that begin with # are git's and not part of it. It fails, saying how a
// subject is written, when the first line has no area, is too long or ends in a
// period, or when no empty line follows it. Where the subject is only too long, the
// commit is returned, too: notes have room for it.
func ParseCommit(message string) (Commit, error) {
	var lines []string
	for line := range strings.Lines(message) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimRight(line, " \t\r\n"))
		}
	}
	text := strings.TrimSpace(strings.Join(lines, "\n"))
	first, rest, _ := strings.Cut(text, "\n")
	m := subject.FindStringSubmatch(first)
	switch {
	case m == nil:
		return Commit{}, fmt.Errorf(`subject %q is not "package: what changes", without a period`, first)
	case rest != "" && !strings.HasPrefix(rest, "\n"):
		return Commit{}, fmt.Errorf("subject %q is not followed by an empty line", first)
	}
	c := Commit{Area: m[1], Text: m[2], Body: strings.TrimSpace(rest)}
	if n := len([]rune(first)); n > MaxSubject {
		return c, fmt.Errorf("subject %q has %d characters, more than %d", first, n, MaxSubject)
	}
	return c, nil
}

// Merged reports whether a message is one that git or a host made when it joined
// branches or took a change back; such messages have no convention.
func Merged(message string) bool {
	for _, start := range []string{"Merge ", "Revert ", "fixup! ", "squash! "} {
		if strings.HasPrefix(message, start) {
			return true
		}
	}
	return false
}
