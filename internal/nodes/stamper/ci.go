package stamper

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

// writeGitHub writes the findings as commands of a GitHub workflow, which shows
// them at the lines of a pull request.
func writeGitHub(w io.Writer, r stamp.CheckReport) error {
	out := bufio.NewWriter(w)
	for _, f := range r.Files {
		if !isBad(f) {
			continue
		}
		at := "file=" + githubProperty.Replace(f.Path)
		if f.Line > 0 {
			at += fmt.Sprintf(",line=%d,col=%d", f.Line, max(f.Column, 1))
		}
		fmt.Fprintf(out, "::%s %s,title=%s::%s\n", level(f.State), at, githubProperty.Replace(string(f.Code)), githubText.Replace(f.Message))
	}
	return out.Flush()
}

// How workflow commands escape what they are made of (actions/toolkit,
// packages/core/src/command.ts).
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// JUnit's report, as Jenkins and GitLab read it: a test for each file.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   junitSuite
	}
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Failure *junitFailure `xml:"failure"`
		Skipped *junitSkipped `xml:"skipped"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// writeJUnit writes every file of the report as a test, which a file that is not
// in order fails.
func writeJUnit(w io.Writer, r stamp.CheckReport) error {
	suite := junitSuite{Name: "onex"}
	for _, f := range r.Files {
		c := junitCase{Name: f.Path, Class: strings.ReplaceAll(path.Dir(f.Path), "/", "."), File: f.Path}
		switch {
		case isBad(f):
			c.Failure = &junitFailure{string(f.State), f.Message, string(f.Code) + ": " + f.Message}
			suite.Failures++
		case f.State == stamp.Skipped:
			c.Skipped = &junitSkipped{string(f.Reason)}
			suite.Skipped++
		}
		suite.Tests++
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// fix returns the command that mends what was found, for the shell of somebody
// in the directory dir of the project at root, or nothing where no command does.
func fix(f stamp.Finding, root, dir string) string {
	flags := ""
	switch {
	case f.Code == stamp.ErrNotFound.Code || f.Code == stamp.ErrRead.Code || f.Code == stamp.ErrNewer.Code || f.Code == stamp.ErrLost.Code:
		return ""
	case f.Code == stamp.ErrOrphan.Code:
		return "onex stamp --write"
	case f.Code == stamp.ErrManifest.Code:
		return ""
	case f.Code == filetype.ErrConflict.Code:
		return "onex resolve"
	case f.State == stamp.Malformed, f.State == stamp.Invalid:
		flags = "--repair "
	case f.State == stamp.Duplicate:
		flags = "--new-identity "
	case f.State == stamp.Unsigned:
		return ""
	}
	name := f.Path
	if rel, err := filepath.Rel(dir, filepath.Join(root, filepath.FromSlash(f.Path))); err == nil {
		name = rel
	}
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	return "onex stamp --write " + flags + quote(name)
}

// quote quotes s for a POSIX shell, if it has to be.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:=@%", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
