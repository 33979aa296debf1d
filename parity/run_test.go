package parity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

func TestWhatChecksNothingIsNoSuccess(t *testing.T) {
	good := []parity.Node{goNode("good")}
	broken := errors.New("no such bus")
	for _, tt := range []struct {
		name  string
		nodes []parity.Node
		o     parity.Options
		want  error
	}{
		{"no nodes", nil, parity.Options{}, parity.ErrNoNodes},
		{"filter", good, parity.Options{Filters: []string{"stamp*"}}, parity.ErrNoMatch},
		{"one of two filters", good, parity.Options{Filters: []string{"g*", "stamp*"}}, parity.ErrNoMatch},
		{"pattern", good, parity.Options{Filters: []string{"[a"}}, parity.ErrFilter},
		{"example", good, parity.Options{Example: "good/nobody"}, parity.ErrNoMatch},
		{"bus name", good, parity.Options{Buses: []parity.Transport{{Name: "cli"}}}, parity.ErrOptions},
		{"bus", good, parity.Options{Buses: []parity.Transport{{Name: "x", Open: func(context.Context) (bus.Bus, error) { return nil, broken }}}}, parity.ErrOptions},
	} {
		r, err := parity.Run(t.Context(), tt.nodes, &tt.o)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
		if tt.name != "example" && (r.OK() || r.Status != node.Failed) {
			t.Errorf("%s: report %+v", tt.name, r)
		}
	}
}

func TestSelectingNodesAndExamples(t *testing.T) {
	nodes := []parity.Node{goNode("good"), goNode("good_status"), dir("testdata/good/warns")}
	r, text := run(t, nodes, parity.Options{Filters: []string{"good", "w*"}})
	if got := []string{r.Nodes[0].Name, r.Nodes[1].Name}; len(r.Nodes) != 2 || got[0] != "good" || got[1] != "testdata/good/warns" {
		t.Errorf("nodes %v\n%s", got, text)
	}
	r, _ = run(t, nodes, parity.Options{Example: "good/nothing"})
	for _, c := range r.Results {
		if c.Example != "" && c.Example != "nothing" {
			t.Errorf("example %q was run", c.Example)
		}
	}
	if r.Summary.Executed != 4 { // directly, again, memory, memory+proxy
		t.Errorf("%d calls", r.Summary.Executed)
	}
}

func TestFailFastStopsAtTheFirstFailure(t *testing.T) {
	nodes := []parity.Node{goNode("wrong_status"), goNode("panics"), goNode("good")}
	r, text := run(t, nodes, parity.Options{FailFast: true, Parallel: 1})
	if r.Summary.Failed != 1 || !r.Stopped || r.OK() {
		t.Errorf("%+v\n%s", r.Summary, text)
	}
	if !strings.Contains(text, "Stopped before everything was checked") {
		t.Errorf("the text does not say so:\n%s", text)
	}
}

func TestInterruptedRunSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := parity.Options{Parallel: 1, Done: func(parity.Subject) { cancel() }}
	r, err := parity.Run(ctx, []parity.Node{goNode("good"), goNode("good_status")}, &o)
	if !errors.Is(err, parity.ErrInterrupted) || !r.Stopped || r.Summary.Passed == 0 || r.Summary.Failed != 0 {
		t.Errorf("%v, %+v", err, r.Summary)
	}
}

func TestAFailureShowsBothAnswersAndHowToRunItAgain(t *testing.T) {
	r, text := run(t, []parity.Node{dir("testdata/mutants/float_formatting")}, parity.Options{})
	const want = `FAIL testdata/mutants/float_formatting expectation float_formatting/sum [direct]
     the answer differs: direct differs from expected in result
     --- expected
     +++ direct
     @@ -1,7 +1,7 @@
      {
        "status": "success",
        "result": {
     -    "sum": 0.3
     +    "sum": 0.30000000000000004
        },
        "error": null,
        "exit_status": 0,
     again: onex parity testdata/mutants/float_formatting --example float_formatting/sum

Parity Validation: error
`
	if !strings.HasPrefix(text, want) {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, text))
	}
	if r.Nodes[0].ContractHash == "" || r.Nodes[0].Failed == 0 {
		t.Errorf("%+v", r.Nodes[0])
	}
}

func TestFormats(t *testing.T) {
	r, _ := run(t, []parity.Node{dir("testdata/mutants/float_formatting"), goNode("good"), dir("testdata/good/elsewhere"), dir("testdata/mutants/no_contract")}, parity.Options{})

	var back parity.Report
	if err := json.Unmarshal([]byte(written(t, r, parity.JSON)), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("the JSON says something else (-report +read):\n%s", diff)
	}

	var junit struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Type string `xml:"type,attr"`
					Text string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(written(t, r, parity.JUnit)), &junit); err != nil {
		t.Fatal(err)
	}
	cases, failures := 0, 0
	for _, s := range junit.Suites {
		for _, c := range s.Cases {
			cases++
			if c.Failure != nil {
				failures++
				if !fault.Code(c.Failure.Type).Valid() || !strings.Contains(c.Failure.Text, "again: onex parity ") {
					t.Errorf("%s: %+v", c.Name, c.Failure)
				}
			}
		}
	}
	if cases != r.Summary.Checks || failures != r.Summary.Failed || junit.Tests != cases || junit.Failures != failures || len(junit.Suites) != 4 {
		t.Errorf("JUnit has %d cases and %d failures in %d suites, the report %+v", cases, failures, len(junit.Suites), r.Summary)
	}

	var sarif struct {
		Runs []struct {
			Results []struct {
				RuleID, Level       string
				Message             struct{ Text string }
				PartialFingerprints map[string]string
				Locations           []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, r, parity.SARIF)), &sarif); err != nil {
		t.Fatal(err)
	}
	found, prints := map[string]int{}, map[string]bool{}
	for _, f := range sarif.Runs[0].Results {
		found[f.Level+" "+f.Locations[0].PhysicalLocation.ArtifactLocation.URI]++
		prints[f.PartialFingerprints["onexParity/v1"]] = true
		if !fault.Code(f.RuleID).Valid() || f.Message.Text == "" {
			t.Errorf("%+v", f)
		}
	}
	want := map[string]int{}
	for _, c := range r.Results {
		switch c.Verdict {
		case parity.Fail:
			want["error "+c.Node+"/contract.yaml"]++
		case parity.Warn:
			want["warning "+c.Node+"/contract.yaml"]++
		}
	}
	if diff := cmp.Diff(want, found); diff != "" || len(prints) != len(sarif.Runs[0].Results) {
		t.Errorf("%d fingerprints of %d findings (-want +got):\n%s", len(prints), len(sarif.Runs[0].Results), diff)
	}

	detailed := written(t, r, parity.Detailed)
	for _, want := range []string{
		"  direct         host.Call in this process",
		"  ✓ parity good/nothing [memory+proxy]: as direct",
		"  ✗ expectation float_formatting/sum [direct]: ",
		"  ⊘ effects: the node runs where it is",
		"  ✗ contract: the contract does not hold: contract.yaml: open ",
	} {
		if !strings.Contains(detailed, want) {
			t.Errorf("the detailed form lacks %q:\n%s", want, detailed)
		}
	}
	summary := written(t, r, parity.Summarized)
	if strings.Count(summary, "\n") != 3 || !strings.HasPrefix(summary, "Parity Validation: error\n") {
		t.Errorf("summary:\n%s", summary)
	}
}

func TestAReportWithoutChecksIsAFailureForCI(t *testing.T) {
	r, err := parity.Run(t.Context(), nil, nil)
	if err == nil || r.OK() || !errors.Is(r.Err(), parity.ErrDiffers) {
		t.Errorf("%v, %v", err, r.Err())
	}
	var b bytes.Buffer
	if err := r.Write(&b, parity.JUnit); err != nil || !strings.Contains(b.String(), `failures="1"`) {
		t.Errorf("%v\n%s", err, b.String())
	}
}
