package stamper

import (
	"io"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/ci"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// fingerprint names the recipe of ours. A finding stays the same one while its
// rule and its path do, whatever the line: a file has one at a time.
const fingerprint = "onexCheck/v1"

func writeSARIF(w io.Writer, r stamp.CheckReport) error {
	return ci.SARIF(w, "onex check", fingerprint, ciFindings(r))
}

func writeGitHub(w io.Writer, r stamp.CheckReport) error { return ci.GitHub(w, ciFindings(r)) }

// ciFindings returns what is not in order, for the formats of package ci.
func ciFindings(r stamp.CheckReport) []ci.Finding {
	var list []ci.Finding
	for _, f := range r.Files {
		if isBad(f) {
			list = append(list, ci.Finding{Rule: ciRule(f), Level: level(f.State), Path: f.Path, Line: f.Line, Column: f.Column, Message: f.Message})
		}
	}
	return list
}

func ciRule(f stamp.Finding) ci.Rule {
	text, hint := string(f.State), ""
	for _, k := range kinds() {
		if k.Code == f.Code {
			text, hint = k.Text, k.Hint
		}
	}
	if hint == "" {
		hint = "onex explain " + string(f.Code)
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(string(f.Code), "ONEX_"), "_")
	return ci.Rule{ID: string(f.Code), Name: name, Text: text, Help: hint}
}

// writeJUnit writes every file of the report as a test, which a file that is not
// in order fails.
func writeJUnit(w io.Writer, r stamp.CheckReport) error {
	var cases []ci.Case
	for _, f := range r.Files {
		c := ci.Case{Name: f.Path, Path: f.Path}
		switch {
		case isBad(f):
			c.Failed, c.Kind, c.Details = f.Message, string(f.State), string(f.Code)+": "+f.Message
		case f.State == stamp.Skipped:
			c.Skipped = string(f.Reason)
		}
		cases = append(cases, c)
	}
	return ci.JUnit(w, cases)
}

// kinds lists the errors that a check finds in files.
func kinds() []*fault.Kind {
	return []*fault.Kind{
		stamp.ErrModified, stamp.ErrUnstamped, stamp.ErrOutdated, stamp.ErrDuplicate, stamp.ErrNewer,
		stamp.ErrManifest, stamp.ErrNoEntry, stamp.ErrOrphan, stamp.ErrLost, stamp.ErrNotFound, stamp.ErrRead, stamp.ErrTooLarge, filetype.ErrCorrupt, filetype.ErrConflict, meta.ErrParse, meta.ErrInvalid,
	}
}
