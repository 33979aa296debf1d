package stamp_test

import (
	"errors"
	"os"
	"testing"

	"github.com/omninode-ai/onex/stamp"
)

// TestCasesOfOthersMustSurvive rehearses files beside the canaries, each broken in
// one way.
func TestCasesOfOthersMustSurvive(t *testing.T) {
	for name, tt := range map[string]struct {
		sample stamp.Sample
		want   error
	}{
		"whole":           {stamp.Sample{Path: "house/a.py", Text: "x = 1\n"}, nil},
		"stamped already": {stamp.Sample{Path: "house/a.py", Text: "# === OmniNode:Metadata uuid=c0ffee00-0000-4000-8000-000000000001 ===\nx = 1\n"}, nil},
		"damaged":         {stamp.Sample{Path: "house/a.py", Text: "# === OmniNode:Metadata ===\n"}, stamp.ErrCanary},
		"of no type":      {stamp.Sample{Path: "house/a.nobody", Text: "x\n"}, stamp.ErrNoType},
	} {
		root, err := os.OpenRoot(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		done, err := stamp.Rehearsals(root, &stamp.Options{Cases: []stamp.Sample{tt.sample}})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if last := done[len(done)-1]; tt.want != stamp.ErrNoType && (last.Path != tt.sample.Path || (last.Failed == "") != (tt.want == nil)) {
			t.Errorf("%s: %+v", name, last)
		}
	}
}
