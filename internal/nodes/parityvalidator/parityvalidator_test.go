package parityvalidator_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes/parityvalidator"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// call calls the tool with a run that answers report.
func call(t *testing.T, run parityvalidator.Run, args string) host.Outcome {
	t.Helper()
	h, err := parityvalidator.New("/the/project", run, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	return h.Call(t.Context(), "parity_validate", json.RawMessage(args))
}

func TestTheReportIsThatOfParity(t *testing.T) {
	report := parity.Report{Version: parity.ReportVersion, Status: node.Success, Summary: parity.Summary{Passed: 1}, Results: []parity.Result{
		{Node: "a", Check: parity.CheckContract, Verdict: parity.Pass}, {Node: "a", Check: parity.CheckTree, Verdict: parity.Skip},
	}}
	var asked parityvalidator.Validate
	run := func(_ context.Context, root string, v parityvalidator.Validate) (parity.Report, error) {
		asked = v
		if root != "/the/project" {
			t.Errorf("the project is %s", root)
		}
		return report, nil
	}
	for _, c := range []struct {
		name, args string
		status     node.Result // of the report
		want       node.Result // of the call
		results    int
	}{
		{"all", `{}`, node.Success, node.Success, 2},
		{"brief", `{"brief": true, "nodes": ["a"], "fail_fast": true}`, node.Success, node.Success, 1},
		{"with a warning", `{}`, node.Warning, node.Warning, 2},
		{"with a failure", `{}`, node.Failed, node.Warning, 2},
	} {
		report.Status = c.status
		out := call(t, run, c.args)
		var got parity.Report
		if err := json.Unmarshal(out.Result, &got); err != nil || out.Error != nil {
			t.Fatalf("%s: %v %v", c.name, err, out.Error)
		}
		if out.Status != c.want || got.Status != c.status || len(got.Results) != c.results {
			t.Errorf("%s: %s with %d results, want %s with %d", c.name, out.Status, len(got.Results), c.want, c.results)
		}
		if c.name == "brief" {
			if diff := cmp.Diff(parityvalidator.Validate{Nodes: []string{"a"}, FailFast: true, Brief: true}, asked); diff != "" {
				t.Errorf("asked for (-want +got):\n%s", diff)
			}
		}
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	failing := func(context.Context, string, parityvalidator.Validate) (parity.Report, error) {
		return parity.Report{}, parity.ErrNoNodes
	}
	for name, c := range map[string]struct {
		run  parityvalidator.Run
		want error
	}{"no program": {nil, parity.ErrOptions}, "nothing to check": {failing, parity.ErrNoNodes}} {
		if out := call(t, c.run, `{}`); out.Error == nil || !errors.Is(out.Error.Err(), c.want) {
			t.Errorf("%s: %v, want %v", name, out.Error, c.want)
		}
	}
}
