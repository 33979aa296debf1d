package stamp

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/tree"
)

// share is how many files a worker takes at once: enough that workers rarely
// meet, few enough that they end together.
const share = 16

// scan reads every file and calls visit with its index, on several goroutines.
// The data is valid until visit returns; of a file that can have no metadata it is
// only the beginning. It ends early when ctx ends.
func scan(ctx context.Context, root *os.Root, o *opener, files []tree.File, visit func(i int, data []byte, v atomicfile.Version, err error)) error {
	workers := min(runtime.GOMAXPROCS(0), 1+len(files)/share)
	var next atomic.Int64
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			r, err := atomicfile.NewReader(root, MaxNamed)
			if err != nil {
				errs[w] = ErrRead.Wrap(err, "%s", root.Name())
				return
			}
			defer r.Close()
			for ctx.Err() == nil {
				end := int(next.Add(share))
				for i := end - share; i < min(end, len(files)); i++ {
					data, v, err := readFor(r, o, files[i].Path)
					visit(i, data, v, err)
				}
				if o.progress != nil {
					o.progress(min(end, len(files)), len(files))
				}
				if end >= len(files) {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// headSize is as much of a file as filetype looks at to find its type.
const headSize = 256

// readFor reads all of a file that can have metadata, and otherwise the
// beginning, which shows that: most of the bytes of many a project are in
// images and archives.
func readFor(r *atomicfile.Reader, o *opener, name string) ([]byte, atomicfile.Version, error) {
	if _, ok := o.types.Find(name, nil); !ok && !o.whole(name) {
		head, v, err := r.Head(name, headSize)
		if _, ok := o.types.Find(name, head); !ok || err != nil {
			return head, v, err
		}
	}
	return r.Read(name)
}
