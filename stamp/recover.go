package stamp

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/atomicfile"
)

// Resume finishes a run that was killed while it was replacing files, from its
// journal: the files that it did not come to are replaced by what it had ready.
// In the report, those are updated and the others kept; a file that somebody
// wrote since is left as it is and failed, with [ErrChanged]. The error is
// [ErrNothing] when there is no such run.
func Resume(ctx context.Context, root *os.Root) (Report, error) {
	return recoverRun(ctx, root, true, atomicfile.Resume)
}

// Rollback is [Resume] in the other direction: it puts the old files back.
func Rollback(ctx context.Context, root *os.Root) (Report, error) {
	return recoverRun(ctx, root, false, atomicfile.Rollback)
}

func recoverRun(ctx context.Context, root *os.Root, forward bool, run func(context.Context, *os.Root, string) (atomicfile.Recovery, error)) (Report, error) {
	lock, stage, err := places(root)
	if err != nil {
		return Report{}, ErrWrite.Wrap(err, "%s", root.Name())
	}
	held, err := acquire(root, lock)
	if err != nil {
		return Report{}, err
	}
	defer held.Release()
	if err := recoverIndex(ctx, root, stage, forward); err != nil {
		return Report{}, err
	}
	recovery, err := run(ctx, root, stage)
	switch c := fault.ClassOf(err); {
	case errors.Is(err, atomicfile.ErrNoJournal):
		// Killed before it touched a file, a run leaves what it had staged.
		if err := atomicfile.Sweep(root, stage); err != nil {
			return Report{}, ErrWrite.Wrap(err, "%s", stage)
		}
		return Report{}, ErrNothing.With("%s", root.Name())
	case err != nil && (c == fault.Canceled || c == fault.Timeout || errors.Is(err, atomicfile.ErrJournal)):
		return Report{}, err
	case err != nil:
		return Report{}, ErrWrite.Wrap(err, "%s", root.Name())
	}
	var p Plan
	for _, name := range recovery.Changed {
		p.Items = append(p.Items, Item{Path: name, Action: Update})
	}
	for _, name := range recovery.Already {
		p.Items = append(p.Items, Item{Path: name, Action: Keep})
	}
	for _, name := range recovery.Kept {
		i := Item{Path: name}
		i.fail(ErrChanged.With("%s", name))
		p.Items = append(p.Items, i)
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	return p.Report(), nil
}

// acquire keeps other runs from root.
func acquire(root *os.Root, lock string) (*atomicfile.Lock, error) {
	held, err := atomicfile.Acquire(root, lock)
	switch {
	case errors.Is(err, atomicfile.ErrLocked):
		return nil, ErrLocked.With("%s", root.Name())
	case err != nil:
		return nil, ErrWrite.Wrap(err, "%s", lock)
	}
	return held, nil
}

// beginBatch starts a batch. A run that was interrupted has to be ended first.
func beginBatch(root *os.Root, stage string) (*atomicfile.Batch, error) {
	batch, err := atomicfile.Begin(root, stage)
	switch {
	case errors.Is(err, atomicfile.ErrInterrupted), errors.Is(err, atomicfile.ErrJournal):
		return nil, err
	case err != nil:
		return nil, ErrWrite.Wrap(err, "%s", stage)
	}
	return batch, nil
}
