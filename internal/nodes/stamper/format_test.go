package stamper_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/internal/schema"
)

// awkward are files that a check finds fault with, under names that formats
// have to escape.
var awkward = map[string]string{
	"new file,100%:a.py": "x = 1\n",
	"sub/broken.py":      "# === OmniNode:Metadata ===\n# a: [\n# === /OmniNode:Metadata ===\n",
	"it's.md":            "<!-- === OmniNode:Metadata ===\nuuid: <&>\n",
	"data.bin":           "\x00",
}

// run runs a command in a project with the files and returns what it prints.
func run(t *testing.T, files map[string]string, dir string, args ...string) (string, error) {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("project.onex.yaml", "name: demo\nowner: Team\nauthor: Ann\ncopyright: Team\n")
	for name, text := range files {
		write(name, text)
	}
	var out bytes.Buffer
	env := &console.Env{
		Dir: filepath.Join(root, dir), Out: &out, Err: &out, Log: slog.New(slog.DiscardHandler),
		Getenv: func(string) string { return "" },
	}
	for _, cmd := range stamper.Commands(env) {
		if cmd.Name() == args[0] {
			cmd.SetArgs(args[1:])
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			err := cmd.ExecuteContext(t.Context())
			return out.String(), err
		}
	}
	t.Fatalf("no command %s", args[0])
	return "", nil
}

func wantFailure(t *testing.T, err error) {
	t.Helper()
	var status *console.Status
	if !errors.As(err, &status) || status.Code != console.ExitError {
		t.Errorf("error %v, want exit status 1", err)
	}
}

func TestGitHubAnnotations(t *testing.T) {
	got, err := run(t, awkward, ".", "check", "-o", "github")
	wantFailure(t, err)
	want := `::error file=it's.md,line=1,col=1,title=ONEX_STAMP_023_METADATA_CORRUPTION::it's.md: metadata block is damaged: line 1, column 1: opened but not closed
::warning file=new file%2C100%25%3Aa.py,title=ONEX_STAMP_026_METADATA_MISSING::the file has no metadata block: new file,100%25:a.py
::error file=sub/broken.py,line=2,col=6,title=ONEX_STAMP_021_METADATA_PARSE_ERROR::`
	if !strings.HasPrefix(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestJUnit(t *testing.T) {
	got, err := run(t, awkward, ".", "check", "-o", "junit")
	wantFailure(t, err)
	var doc struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure struct {
					Type string `xml:"type,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	s := doc.Suites[0]
	if s.Tests != 5 || s.Failures != 3 || s.Skipped != 2 || len(s.Cases) != 5 {
		t.Errorf("%+v", s)
	}
	failed := map[string]string{}
	for _, c := range s.Cases {
		if c.Failure.Type != "" {
			failed[c.Name] = c.Failure.Type
		}
	}
	if diff := cmp.Diff(map[string]string{"it's.md": "malformed", "new file,100%:a.py": "unstamped", "sub/broken.py": "malformed"}, failed); diff != "" {
		t.Error(diff)
	}
}

func TestSARIF(t *testing.T) {
	got, err := run(t, awkward, ".", "check", "-o", "sarif")
	wantFailure(t, err)
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID              string
				RuleIndex           int
				Level               string
				PartialFingerprints map[string]string
				Locations           []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%v\n%s", err, got)
	}
	type row struct {
		Rule, Level, URI string
		Line             int
	}
	var rows []row
	seen := map[string]bool{}
	for _, r := range log.Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		rows = append(rows, row{r.RuleID, r.Level, at.ArtifactLocation.URI, at.Region.StartLine})
		if rule := log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID; rule != r.RuleID {
			t.Errorf("ruleIndex of %s leads to %s", r.RuleID, rule)
		}
		print := r.PartialFingerprints["onexCheck/v1"]
		if print == "" || seen[print] {
			t.Errorf("fingerprint %q of %s", print, at.ArtifactLocation.URI)
		}
		seen[print] = true
	}
	if diff := cmp.Diff([]row{
		{"ONEX_STAMP_023_METADATA_CORRUPTION", "error", "it%27s.md", 1},
		{"ONEX_STAMP_026_METADATA_MISSING", "warning", "./new%20file,100%25:a.py", 1},
		{"ONEX_STAMP_021_METADATA_PARSE_ERROR", "error", "sub/broken.py", 2},
	}, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	clean, err := run(t, nil, ".", "check", "-o", "sarif")
	if err != nil || !strings.Contains(clean, `"results": []`) {
		t.Errorf("nothing found: %v\n%s", err, clean)
	}
	validateSARIF(t, got)
	validateSARIF(t, clean)
}

// validateSARIF holds doc against the schema of OASIS, where a Go module that
// has it can be had.
func validateSARIF(t *testing.T, doc string) {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", "github.com/owenrumney/go-sarif/v3@v3.3.1")
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	var module struct{ Dir string }
	if err != nil || json.Unmarshal(out, &module) != nil {
		t.Logf("not held against the schema: %v", err)
		return
	}
	source, err := os.ReadFile(filepath.Join(module.Dir, "pkg/report/v210/sarif/schema.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile("(?s)const schema = `(.*)`").FindSubmatch(source)[1]
	// Of draft 4, in which it is written, nothing else has changed its meaning.
	text = bytes.Replace(text, []byte("http://json-schema.org/draft-04/schema#"), []byte(schema.Draft), 1)
	text = regexp.MustCompile(`"id": "https:[^"]*",`).ReplaceAll(text, nil)
	v, err := schema.Compile(text)
	if err == nil {
		err = v.Validate([]byte(doc))
	}
	if err != nil {
		t.Errorf("%v\n%s", err, doc)
	}
}

func TestFixHints(t *testing.T) {
	files := map[string]string{"sub/new.py": "x\n", "it's.md": awkward["it's.md"], "-x.py": "x\n"}
	got, err := run(t, files, "sub", "check", "--fix-hint")
	wantFailure(t, err)
	for _, want := range []string{
		"  fix: onex stamp --write new.py\n", "  fix: onex stamp --write --repair '../it'\\''s.md'\n", "  fix: onex stamp --write ../-x.py\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got, err = run(t, files, ".", "check", "--fix-hint", "-o", "text", "nowhere.py"); strings.Contains(got, "fix:") {
		t.Errorf("a fix for a file that is not there: %v\n%s", err, got)
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := run(t, nil, ".", "check", "-o", "html"); err == nil || !strings.Contains(err.Error(), "text|table|json|yaml|summary|sarif|github|junit") {
		t.Errorf("error %v", err)
	}
}
