package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

// stageDir is where the new files wait for their places, below the root.
const stageDir = ".onex-lint-stage"

// Mend applies the fixes of the report to the files below root: all of them, or
// none ([ErrFix]). It returns the paths of the files it changed, and how many fixes
// they have. A fix whose place another one of its file changes is left for the
// next run; a file that would not parse any more, or that somebody changed since
// the run, makes it refuse.
func Mend(ctx context.Context, root *os.Root, r *Report) (changed []string, applied int, err error) {
	byPath := map[string][]*Fix{}
	for _, d := range r.Findings {
		if d.Fix != nil && len(d.Fix.Edits) > 0 {
			byPath[d.Path] = append(byPath[d.Path], d.Fix)
		}
	}
	if len(byPath) == 0 {
		return nil, 0, nil
	}
	lock, err := atomicfile.Acquire(root, ".")
	if err != nil {
		return nil, 0, ErrFix.Wrap(err, "somebody else is at work here")
	}
	defer lock.Release()
	batch, err := begin(ctx, root)
	if err != nil {
		return nil, 0, ErrFix.Wrap(err, "%s", root.Name())
	}
	for name, fixes := range byPath {
		n, err := stageFixes(root, batch, name, r.seen[name], fixes)
		if err != nil {
			return nil, 0, errors.Join(err, batch.Abort())
		}
		changed = append(changed, name)
		applied += n
	}
	if err := batch.Commit(ctx); err != nil {
		return nil, 0, ErrFix.Wrap(err, "%s", root.Name())
	}
	slices.Sort(changed)
	return changed, applied, nil
}

// begin starts a batch; one that was killed while it put files in place is finished
// first. In a git work tree nobody sees its files.
func begin(ctx context.Context, root *os.Root) (*atomicfile.Batch, error) {
	dir := stageDir
	if info, err := root.Lstat(".git"); err == nil && info.IsDir() {
		dir = ".git/onex/lint"
	}
	interrupted, err := atomicfile.Interrupted(root, dir)
	if interrupted && err == nil {
		_, err = atomicfile.Resume(ctx, root, dir)
	}
	if err != nil {
		return nil, err
	}
	return atomicfile.Begin(root, dir)
}

func stageFixes(root *os.Root, batch *atomicfile.Batch, name string, seen []byte, fixes []*Fix) (applied int, err error) {
	reader, err := atomicfile.NewReader(root, MaxBytes)
	if err != nil {
		return 0, ErrRead.Wrap(err, "%s", name)
	}
	defer reader.Close()
	data, version, err := reader.Read(name)
	if err != nil {
		return 0, ErrRead.Wrap(err, "%s", name)
	}
	if !bytes.Equal(data, seen) {
		return 0, ErrFix.With("%s changed since it was looked at", name)
	}
	next, applied, err := Apply(data, fixes)
	if err != nil {
		return 0, ErrFix.Wrap(err, "%s", name)
	}
	if newFile(name, data).Go() != nil && newFile(name, next).Go() == nil {
		return 0, ErrFix.With("%s would be no valid Go", name)
	}
	if err := batch.Stage(name, next, version); err != nil {
		return 0, ErrFix.Wrap(err, "%s", name)
	}
	return applied, nil
}

// Apply returns data with the fixes, and how many of them it has: one that
// overlaps an earlier one is left out as a whole.
func Apply(data []byte, fixes []*Fix) (next []byte, applied int, err error) {
	var edits []Edit
	overlaps := func(e Edit) bool {
		return slices.ContainsFunc(edits, func(o Edit) bool { return e.From < o.To && o.From < e.To || e.From == o.From })
	}
	for _, f := range fixes {
		for _, e := range f.Edits {
			if e.From < 0 || e.From > e.To || e.To > len(data) {
				return nil, 0, fmt.Errorf("an edit of bytes %d to %d of %d", e.From, e.To, len(data))
			}
		}
		if !slices.ContainsFunc(f.Edits, overlaps) {
			edits = append(edits, f.Edits...)
			applied++
		}
	}
	slices.SortFunc(edits, func(a, b Edit) int { return a.From - b.From })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.From < at {
			return nil, 0, fmt.Errorf("edits of one fix overlap at byte %d", e.From)
		}
		b.Write(data[at:e.From])
		b.WriteString(e.New)
		at = e.To
	}
	b.Write(data[at:])
	return []byte(b.String()), applied, nil
}
