package ci

import (
	"encoding/xml"
	"io"
	"path"
	"strings"
)

// A Case is one thing that was checked, as a test.
type Case struct {
	Name    string
	Path    string
	Failed  string // the message of what failed; empty when nothing did
	Kind    string // of the failure, in one word
	Details string // of the failure
	Skipped string // why it was not checked; empty when it was
}

// JUnit's report, as Jenkins and GitLab read it.
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

// JUnit writes the cases as one suite.
func JUnit(w io.Writer, cases []Case) error {
	suite := junitSuite{Name: "onex", Tests: len(cases)}
	for _, c := range cases {
		j := junitCase{Name: c.Name, Class: strings.ReplaceAll(path.Dir(c.Path), "/", "."), File: c.Path}
		switch {
		case c.Failed != "":
			j.Failure = &junitFailure{c.Kind, c.Failed, c.Details}
			suite.Failures++
		case c.Skipped != "":
			j.Skipped = &junitSkipped{c.Skipped}
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, j)
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
