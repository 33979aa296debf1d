package stamp_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/stamp"
)

func TestNothingToRecover(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x\n"})
	if _, err := stamp.Resume(t.Context(), root); !errors.Is(err, stamp.ErrNothing) {
		t.Errorf("Resume = %v", err)
	}
	mustApply(t, root, options(day1))
	if _, err := stamp.Rollback(t.Context(), root); !errors.Is(err, stamp.ErrNothing) {
		t.Errorf("Rollback = %v", err)
	}
}

// What a killed run had ready is not thrown away by the next one.
func TestAnInterruptedRunIsEndedFirst(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x\n"})
	const journal = `{"name":"gone.py","tmp":"0","was":{"inode":1},"made":{"inode":2}}` + "\nend\n"
	write(t, root.Name(), ".onex-stage/journal", journal)
	if _, err := mustMake(t, root, options(day1)).Apply(t.Context()); !errors.Is(err, atomicfile.ErrInterrupted) {
		t.Errorf("Apply = %v", err)
	}
	if read(t, root, "a.py") != "x\n" || read(t, root, ".onex-stage/journal") != journal {
		t.Error("something was written")
	}
	r, err := stamp.Rollback(t.Context(), root)
	if err != nil || r.Status != stamp.Failure || actions(r.Files)["gone.py"] != "fail ONEX_STAMP_007_FILE_CHANGED" {
		t.Errorf("Rollback = %v, %v", actions(r.Files), err)
	}
	if r := mustApply(t, root, options(day1)); r.Status != stamp.Success {
		t.Errorf("the next run: %v", actions(r.Files))
	}
}

// TestWhatWasStagedGoesWithRecovery: a run that was killed before it replaced
// files leaves nothing to recover, and after recovery nothing at all.
func TestWhatWasStagedGoesWithRecovery(t *testing.T) {
	for name, recover := range map[string]func(context.Context, *os.Root) (stamp.Report, error){"resume": stamp.Resume, "rollback": stamp.Rollback} {
		root := project(t, map[string]string{"a.py": "print(1)\n", ".onex-stage/0": "half of a"})
		if _, err := recover(t.Context(), root); !errors.Is(err, stamp.ErrNothing) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := root.Lstat(".onex-stage"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s leaves the staging directory: %v", name, err)
		}
	}
}
