package release_test

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/release"
)

func TestParseCommit(t *testing.T) {
	long := strings.Repeat("x", release.MaxSubject)
	for _, c := range []struct {
		message string
		want    release.Commit
		fault   string
	}{
		{message: "stamp: a block stays\n\nBecause.\n# git's own\n", want: release.Commit{Area: "stamp", Text: "a block stays", Body: "Because."}},
		{message: "stamp, tree: both", want: release.Commit{Area: "stamp, tree", Text: "both"}},
		{message: "onex check: counts what it skipped", want: release.Commit{Area: "onex check", Text: "counts what it skipped"}},
		{message: ".ci: one list of stages", want: release.Commit{Area: ".ci", Text: "one list of stages"}},
		{message: "docs/mcp.md: pins", want: release.Commit{Area: "docs/mcp.md", Text: "pins"}},
		{message: "fix things", fault: "package: what changes"},
		{message: "stamp: ends with a period.", fault: "without a period"},
		{message: "stamp:no space", fault: "package: what changes"},
		{message: "stamp: one\ntwo", fault: "empty line"},
		{message: "stamp: " + long, want: release.Commit{Area: "stamp", Text: long}, fault: "characters"},
		{message: "", fault: "package: what changes"},
	} {
		got, err := release.ParseCommit(c.message)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%q: error %v, want one that says %q", c.message, err, c.fault)
			}
			if got != c.want {
				t.Errorf("%q: got %+v, want %+v beside the error", c.message, got, c.want)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%q: got %+v, error %v, want %+v", c.message, got, err, c.want)
		}
	}
}

func TestMerged(t *testing.T) {
	for message, want := range map[string]bool{"Merge branch 'x'": true, `Revert "y"`: true, "stamp: x": false} {
		if got := release.Merged(message); got != want {
			t.Errorf("Merged(%q) = %v", message, got)
		}
	}
}

func TestNotesPutUsersFirst(t *testing.T) {
	got := release.Notes([]release.Commit{
		{Area: "internal/vet", Text: "a rule"},
		{Area: "bus/zmqbus", Text: "a socket"},
		{Area: "onex check", Text: "a flag"},
		{Area: "internal/cli", Text: "a message"},
		{Area: "stamp, tree", Text: "a file"},
	})
	want := `## Commands

- **onex check**: a flag
- **internal/cli**: a message

## Files and metadata

- **stamp, tree**: a file

## Events and buses

- **bus/zmqbus**: a socket

## Inside

- **internal/vet**: a rule
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		tags string
		step release.Step
		want string // or empty: refused
	}{
		{"", release.Candidate, "v1.0.0-rc.1"},
		{"", release.Final, ""},
		{"", release.Minor, ""},
		{"v1.0.0-rc.1", release.Candidate, "v1.0.0-rc.2"},
		{"v1.0.0-rc.9 v1.0.0-rc.10", release.Candidate, "v1.0.0-rc.11"},
		{"v1.0.0-rc.2", release.Final, "v1.0.0"},
		{"v1.0.0 v1.0.0-rc.2", release.Candidate, ""},
		{"v1.0.0", release.Patch, "v1.0.1-rc.1"},
		{"v1.0.0 nightly v0.9.0", release.Minor, "v1.1.0-rc.1"},
		{"v1.4.2", release.Major, "v2.0.0-rc.1"},
		{"v1.4.2", "sideways", ""},
	} {
		got, err := release.Next(strings.Fields(c.tags), c.step)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("after %q, %s: got %q, error %v, want %q", c.tags, c.step, got, err, c.want)
		}
		if err == nil {
			if _, err := release.ParseVersion(got); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestParseVersionRefuses(t *testing.T) {
	for _, tag := range []string{"1.0.0", "v1.0", "v1.0.0-beta.1", "v1.0.0-rc", "v1.0.0-rc.0x", "v1.0.0-rc.01", "v1.0.0+build", "v1.2.0-rc.0", ""} {
		if v, err := release.ParseVersion(tag); err == nil {
			t.Errorf("%q is taken for %s", tag, v)
		}
	}
}

func TestWriteBOMIsTheSameForTheSameBinary(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "example.com/m"},
		Deps:      []*debug.Module{{Path: "z.org/z", Version: "v1.0.0", Sum: "h1:z="}, {Path: "a.org/a", Version: "v2.0.0", Sum: "h1:a="}},
		Settings:  []debug.BuildSetting{{Key: "GOOS", Value: "linux"}},
	}
	var one, two bytes.Buffer
	if err := release.WriteBOM(&one, info, "v1.0.0", "abc"); err != nil {
		t.Fatal(err)
	}
	if err := release.WriteBOM(&two, info, "v1.0.0", "abc"); err != nil || one.String() != two.String() {
		t.Errorf("two bills of one binary differ, error %v", err)
	}
	var doc struct {
		BOMFormat  string
		Components []struct{ PURL string }
	}
	if err := json.Unmarshal(one.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range doc.Components {
		got = append(got, c.PURL)
	}
	want := []string{"pkg:golang/a.org/a@v2.0.0", "pkg:golang/std@go1.26.8", "pkg:golang/z.org/z@v1.0.0"}
	if diff := cmp.Diff(want, got); diff != "" || doc.BOMFormat != "CycloneDX" {
		t.Errorf("%s: components (-want +got):\n%s", doc.BOMFormat, diff)
	}
}
