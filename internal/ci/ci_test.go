package ci_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/internal/ci"
	"github.com/omninode-ai/onex/internal/golden"
)

// writers are the formats; testdata has a golden file of each.
var writers = map[string]func(io.Writer, []ci.Finding, []ci.Case) error{
	"sarif":  func(w io.Writer, f []ci.Finding, _ []ci.Case) error { return ci.SARIF(w, "onex", "test/v1", f) },
	"github": func(w io.Writer, f []ci.Finding, _ []ci.Case) error { return ci.GitHub(w, f) },
	"junit":  func(w io.Writer, _ []ci.Finding, c []ci.Case) error { return ci.JUnit(w, c) },
}

func TestFormats(t *testing.T) {
	findings, cases := read[ci.Finding](t, "findings.yaml"), read[ci.Case](t, "cases.yaml")
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := write(&out, findings, cases); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", name+".golden"), out.Bytes())
		})
	}
}

// TestNothingFound holds that a run without findings is a whole document, too: a
// reader of an empty file takes it for a run that did not happen.
func TestNothingFound(t *testing.T) {
	for name, write := range writers {
		var out bytes.Buffer
		if err := write(&out, nil, nil); err != nil {
			t.Fatal(err)
		}
		switch name {
		case "sarif":
			var log struct{ Runs []struct{ Results []any } }
			if err := json.Unmarshal(out.Bytes(), &log); err != nil || len(log.Runs) != 1 || log.Runs[0].Results == nil {
				t.Errorf("%s: want one run with a list of results: %v\n%s", name, err, &out)
			}
		case "junit":
			var suites struct{ XMLName xml.Name }
			if err := xml.Unmarshal(out.Bytes(), &suites); err != nil || suites.XMLName.Local != "testsuites" {
				t.Errorf("%s: root %q, %v", name, suites.XMLName.Local, err)
			}
		default:
			if out.Len() > 0 {
				t.Errorf("%s: %q", name, &out)
			}
		}
	}
}

// TestAFindingStaysTheSame holds what tells findings apart for code scanning: rule,
// path and key, and neither the line nor the words.
func TestAFindingStaysTheSame(t *testing.T) {
	base := ci.Finding{Rule: ci.Rule{ID: "P003"}, Path: "a.py", Line: 3, Message: "m", Key: "k"}
	for name, tt := range map[string]struct {
		change func(*ci.Finding)
		same   bool
	}{
		"moved":         {func(f *ci.Finding) { f.Line, f.Column = 90, 2 }, true},
		"reworded":      {func(f *ci.Finding) { f.Message, f.Level = "other", "note" }, true},
		"another key":   {func(f *ci.Finding) { f.Key = "l" }, false},
		"another path":  {func(f *ci.Finding) { f.Path = "b.py" }, false},
		"another rule":  {func(f *ci.Finding) { f.Rule.ID = "P004" }, false},
		"without a key": {func(f *ci.Finding) { f.Key = "" }, false},
	} {
		changed := base
		tt.change(&changed)
		prints := fingerprints(t, base, changed)
		if same := prints[0] == prints[1]; same != tt.same {
			t.Errorf("%s: the same finding: %v, want %v", name, same, tt.same)
		}
	}
}

func fingerprints(t *testing.T, findings ...ci.Finding) []string {
	t.Helper()
	var out bytes.Buffer
	if err := ci.SARIF(&out, "onex", "test/v1", findings); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct{ PartialFingerprints map[string]string }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	var prints []string
	for _, r := range log.Runs[0].Results {
		prints = append(prints, r.PartialFingerprints["test/v1"])
	}
	return prints
}

// full is a disk that takes a number of bytes.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.left)
	if f.left -= n; n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestAWriterThatFails(t *testing.T) {
	findings, cases := read[ci.Finding](t, "findings.yaml"), read[ci.Case](t, "cases.yaml")
	for name, write := range writers {
		var whole bytes.Buffer
		if err := write(&whole, findings, cases); err != nil {
			t.Fatal(err)
		}
		for _, room := range []int{0, whole.Len() / 2, whole.Len() - 1} {
			if err := write(&full{room}, findings, cases); !errors.Is(err, errFull) {
				t.Errorf("%s: room for %d of %d bytes: %v", name, room, whole.Len(), err)
			}
		}
	}
}

// read reads a list from testdata.
func read[T any](t *testing.T, name string) []T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var list []T
	if err := yaml.Unmarshal(text, &list); err != nil || len(list) == 0 {
		t.Fatalf("%s: %d entries, %v", name, len(list), err)
	}
	return list
}
