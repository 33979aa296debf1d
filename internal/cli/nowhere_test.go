package cli_test

import (
	"strings"
	"testing"
)

// TestNothingIsCheckedOutsideOfAProject: a wrong directory is no success.
func TestNothingIsCheckedOutsideOfAProject(t *testing.T) {
	term := newTerminal(t)
	term.dir = t.TempDir()
	for _, args := range [][]string{{"parity"}, {"scenario", "run"}} {
		status, _, errs := term.run(args...)
		if status != 1 || !strings.Contains(errs, "ONEX_PARITY_026_NO_NODES_DISCOVERED") {
			t.Errorf("onex %s: status %d, %s", strings.Join(args, " "), status, errs)
		}
	}
}
