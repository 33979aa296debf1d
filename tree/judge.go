package tree

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"sync"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

// classify asks the system about names, which are sorted, in parallel, and keeps
// the files.
func (l *lister) classify(ctx context.Context, names []string) ([]File, error) {
	type result struct {
		File
		reason Reason
		err    error
	}
	results := make([]result, len(names))
	entries := l.index.find(names)
	workers := min(runtime.GOMAXPROCS(0), 1+len(names)/64) // a goroutine for less costs more than it gains
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(names) && ctx.Err() == nil; i += workers {
				st, err := l.stat.Lstat(names[i])
				r := &results[i]
				r.File = File{Path: names[i], Size: st.Size}
				r.reason, r.err = l.judge(names[i], st, err), err
				if r.reason == "" && entries != nil && l.index.unchanged(entries[i], st) {
					r.Blob = l.index.blob(entries[i])
				}
			}
		})
	}
	wg.Wait()
	files := make([]File, 0, len(names))
	for i, r := range results {
		switch {
		case r.reason == "":
			files = append(files, r.File)
		case r.reason != Missing || l.named[names[i]]:
			l.skip(names[i], r.reason, r.err)
		case l.opts.Gone: // git also lists what was deleted
			l.skip(names[i], Gone, nil)
		}
	}
	return files, ctx.Err()
}

func (l *lister) judge(name string, st atomicfile.Status, err error) Reason {
	limit := l.opts.MaxSize
	if l.named[name] {
		limit = l.opts.MaxNamed
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, atomicfile.ErrNotDir):
		return Missing
	case err != nil:
		return Unreadable
	case st.Mode&fs.ModeSymlink != 0:
		return Symlink
	case st.Mode.IsDir():
		return Repository
	case !st.Mode.IsRegular():
		return NotRegular
	case limit > 0 && st.Size > limit:
		return TooLarge
	}
	return ""
}
