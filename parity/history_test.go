package parity_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

func TestHistoryTellsWhatGotWorse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "runs.ndjson")
	good, _ := run(t, []parity.Node{goNode("good"), goNode("panics")}, parity.Options{Filters: []string{"good"}})
	bad, _ := run(t, []parity.Node{goNode("good"), goNode("panics")}, parity.Options{})
	var want []parity.Entry
	for _, r := range []parity.Report{good, bad, good} {
		want = append(want, r.Entry())
		if err := r.Entry().Append(file); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parity.ReadHistory(strings.NewReader(string(data) + `{"status": "cut o`))
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
	if text := parity.Trend(got[:2]); !strings.Contains(text, "regression: panics failed, and did not before") {
		t.Errorf("worse:\n%s", text)
	}
	if text := parity.Trend(got); !strings.Contains(text, "mended: panics") || strings.Contains(text, "regression") {
		t.Errorf("better:\n%s", text)
	}
	if text := parity.Trend(nil); text != "no runs yet\n" {
		t.Errorf("nothing: %q", text)
	}
	if _, err := parity.ReadHistory(strings.NewReader("{\n")); err == nil {
		t.Error("half a line is read")
	}
	if part := bad.Of("panics"); part.Status != node.Failed || part.Summary.Nodes != 1 || bad.Of("good").Status == node.Failed {
		t.Errorf("%+v", part.Summary)
	}
}
