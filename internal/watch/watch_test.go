package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fake is a system that has watches and a limit of them.
type fake struct {
	dirs    map[string]bool
	refuses map[string]error
	removed []string
	events  chan fsnotify.Event
	errors  chan error
}

func newFake() *fake {
	return &fake{dirs: map[string]bool{}, refuses: map[string]error{}, events: make(chan fsnotify.Event, 1), errors: make(chan error, 1)}
}

func (f *fake) Add(dir string) error {
	if err := f.refuses[dir]; err != nil {
		return err
	}
	f.dirs[dir] = true
	return nil
}

func (f *fake) Remove(dir string) error {
	delete(f.dirs, dir)
	f.removed = append(f.removed, dir)
	return fsnotify.ErrNonExistentWatch // as the system says of a directory that is gone
}

func (f *fake) Close() error { return nil }

func (f *fake) watcher() *Watcher { return newWatcher("/p", f, f.events, f.errors) }

func mustSync(t *testing.T, w *Watcher, want int, dirs ...string) {
	t.Helper()
	if added, err := w.Sync(dirs); err != nil || added != want {
		t.Fatalf("Sync(%q) = %d, %v; want %d", dirs, added, err, want)
	}
}

// A batch ends when nothing has happened for a while, and a storm is cut.
func TestBatchesEnd(t *testing.T) {
	for _, c := range []struct {
		name         string
		events       int
		every, quiet time.Duration
		took         time.Duration
		names        int
	}{
		{"one event", 1, 0, 0, Settle, 1},
		{"steps of saving", 5, Settle / 4, 0, Settle + 4*Settle/4, 5},
		{"a rest that is asked for", 1, 0, time.Second, time.Second, 1},
		{"a storm", 1000, Settle / 4, 0, Patience * Settle, 4*Patience + 1},
		{"very many names", maxNames + 10, 0, 0, Settle, maxNames},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				w := f.watcher()
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					for i := range c.events {
						select {
						case f.events <- fsnotify.Event{Name: fmt.Sprintf("/p/d/%d", i), Op: fsnotify.Write}:
						case <-ctx.Done():
							return
						}
						time.Sleep(c.every) // of the bubble: no time passes
					}
				}()
				began := time.Now()
				b, err := w.Wait(ctx, c.quiet)
				if took := time.Since(began); err != nil || took != c.took {
					t.Errorf("a batch after %s, %v; want %s", took, err, c.took)
				}
				if n := len(b.Names); n < c.names-1 || n > c.names || b.Lost != (c.events > maxNames) {
					t.Errorf("%d names, lost %v; want %d", n, b.Lost, c.names)
				}
				stop()
				<-done
			})
		})
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := newFake().watcher().Wait(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// What the system lost count of is watched anew.
func TestAnOverflowIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		w := f.watcher()
		mustSync(t, w, 2, ".", "d")
		f.errors <- fsnotify.ErrEventOverflow
		if b, err := w.Wait(t.Context(), 0); err != nil || !b.Lost {
			t.Errorf("batch %+v, %v; want one that says that something was lost", b, err)
		}
		mustSync(t, w, 2, ".", "d")
	})
}

// A directory that was moved or removed is let go with all below it, even if there
// is another one in its place.
func TestADirectoryInThePlaceOfAnother(t *testing.T) {
	for _, op := range []fsnotify.Op{fsnotify.Rename, fsnotify.Remove} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			w := f.watcher()
			mustSync(t, w, 4, ".", "d", "d/sub", "dd")
			f.events <- fsnotify.Event{Name: "/p/d", Op: op}
			if _, err := w.Wait(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			mustSync(t, w, 2, ".", "d", "d/sub", "dd")
			slices.Sort(f.removed)
			if want := []string{"/p/d", "/p/d/sub"}; !slices.Equal(f.removed, want) {
				t.Errorf("removed %q, want %q", f.removed, want)
			}
		})
	}
}

func TestWhatCannotBeWatched(t *testing.T) {
	for _, c := range []struct {
		err  error
		want *fault.Kind // nil: the directory is left out
	}{
		{os.ErrNotExist, nil},
		{os.ErrPermission, nil},
		{syscall.ENOTDIR, nil},
		{syscall.ENOSPC, ErrLimit},
		{fmt.Errorf("inotify: %w", syscall.EMFILE), ErrLimit},
		{errors.ErrUnsupported, ErrWatch},
	} {
		f := newFake()
		f.refuses["/p/d"] = c.err
		w := f.watcher()
		_, err := w.Sync([]string{".", "d"})
		if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%v: error %v, want %v", c.err, err, c.want)
		}
		if w.Watched() != 1 {
			t.Errorf("%v: %d watched, want the other one", c.err, w.Watched())
		}
	}
	if _, err := newFake().watcher().Sync(make([]string, MaxDirs+1)); !errors.Is(err, ErrLimit) {
		t.Errorf("error %v for too many, want %v", err, ErrLimit)
	}
}

// The system itself: a file that is replaced, and one in a new directory.
func TestTheSystemTells(t *testing.T) {
	root := t.TempDir()
	w, err := New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	mustSync(t, w, 1, ".")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(filepath.Join(root, "a.tmp"), []byte("a"), 0o600))
	must(os.Rename(filepath.Join(root, "a.tmp"), filepath.Join(root, "a")))
	must(os.Mkdir(filepath.Join(root, "d"), 0o700))
	b, err := w.Wait(t.Context(), 0)
	if err != nil || !slices.Contains(b.Names, "a") || !slices.Contains(b.Names, "d") {
		t.Fatalf("batch %+v, %v; want a and d", b, err)
	}
	mustSync(t, w, 1, ".", "d")
	must(os.WriteFile(filepath.Join(root, "d", "b"), nil, 0o600))
	if b, err = w.Wait(t.Context(), 0); err != nil || !slices.Equal(b.Names, []string{"d/b"}) {
		t.Errorf("batch %+v, %v; want d/b", b, err)
	}
	mustSync(t, w, 0, ".")
	if w.Watched() != 1 {
		t.Errorf("%d watched, want the root alone", w.Watched())
	}
}
