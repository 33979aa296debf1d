// Package watch says when something in a set of directories changed, in batches.
//
// The main calls, in a loop:
//
//	added, err := w.Sync(dirs)       // what to watch from now on
//	batch, err := w.Wait(ctx, quiet) // what changed
//
// The system tells of each step that an editor, a build or git takes, and some of
// them twice. Wait gathers them until nothing has happened for a while, so that
// whoever looks then sees files that are whole, and looks once. A change after
// Sync returned is never missed: where the system lost count, the batch says so
// (Batch.Lost). What was in a directory before Sync added it, nobody tells: look
// there once more when it added some.
//
// Directories are watched, not files, and not what is below them; so files that
// are replaced by renaming need no care. A directory that is renamed, or is
// removed and made again, is watched anew by the next Sync.
//
// A Watcher is used by one goroutine. It holds one watch of the system for each
// directory, at most [MaxDirs], and no more than [maxNames] names.
//
// To test against this package, use a directory of the test, as its own tests do.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/omninode-ai/onex/fault"
)

const (
	// Settle is how long nothing must have happened before a batch ends: longer
	// than an editor takes for the steps of saving, shorter than a person waits.
	Settle = 200 * time.Millisecond

	// Patience is how many times as long a batch may last while things keep
	// happening: a build that writes for minutes is looked at every two seconds.
	Patience = 10

	// MaxDirs is how many directories may be watched: each takes about a kilobyte
	// of the kernel's memory, and large repositories have some ten thousand.
	MaxDirs = 200_000

	// maxNames is how many names a batch has; when more changed, as when git
	// switches branches, it is [Batch.Lost].
	maxNames = 10_000
)

// ErrLimit is returned when more directories are to be watched than the system, or
// ONEX, allows. On Linux, `sysctl fs.inotify.max_user_watches` shows how many
// directories one user may watch with all programs, and
// `fs.inotify.max_user_instances` how many programs may watch; the administrator
// can raise both. Or watch less: name directories, or list what is generated in
// .gitignore or .onexignore.
var ErrLimit = fault.New("ONEX_STAMP_086_WATCH_LIMIT", fault.Exhausted, "too many directories are watched").
	Hinted("name the directories to watch, or raise fs.inotify.max_user_watches and max_user_instances (sysctl)")

// ErrWatch is returned when the system cannot watch a directory at all, as on some
// network file systems. Run onex stamp from an editor or a hook there.
var ErrWatch = fault.New("ONEX_STAMP_087_CANNOT_WATCH", fault.Unsupported, "the directory cannot be watched")

// A Batch is what changed.
type Batch struct {
	Names []string // below the root, with slashes, sorted
	Lost  bool     // other things may have changed, too
}

// A notifier is what the system offers; fsnotify's Watcher is one.
type notifier interface {
	Add(dir string) error
	Remove(dir string) error
	Close() error
}

// A Watcher watches directories below a root.
type Watcher struct {
	root    string
	system  notifier
	events  <-chan fsnotify.Event
	errors  <-chan error
	watched map[string]bool
	stale   map[string]bool // watched directories that are gone, or elsewhere, with all below
}

// New returns a watcher of nothing. It fails with [ErrLimit] or [ErrWatch]. It must
// be closed.
func New(root string) (*Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, explain(err, root)
	}
	return newWatcher(root, w, w.Events, w.Errors), nil
}

func newWatcher(root string, system notifier, events <-chan fsnotify.Event, errs <-chan error) *Watcher {
	return &Watcher{root: root, system: system, events: events, errors: errs, watched: map[string]bool{}, stale: map[string]bool{}}
}

// Close ends watching and waits until it has ended.
func (w *Watcher) Close() error { return w.system.Close() }

// Sync watches dirs, which are below the root, from now on, and nothing else. It
// returns how many of them were not watched before. A directory that is not there,
// or may not be read, is left out. It fails with [ErrLimit] or [ErrWatch].
func (w *Watcher) Sync(dirs []string) (added int, err error) {
	if len(dirs) > MaxDirs {
		return 0, ErrLimit.With("%d in %s, limit %d", len(dirs), w.root, MaxDirs)
	}
	wanted := make(map[string]bool, len(dirs))
	for _, dir := range dirs {
		wanted[dir] = true
	}
	for dir := range w.watched {
		if !wanted[dir] || w.isStale(dir) {
			_ = w.system.Remove(w.path(dir)) // it fails for what the system has let go already
			delete(w.watched, dir)
		}
	}
	clear(w.stale)
	for _, dir := range dirs {
		if w.watched[dir] {
			continue
		}
		err := w.system.Add(w.path(dir))
		switch {
		case err == nil:
			w.watched[dir] = true
			added++
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOTDIR):
		default:
			return added, explain(err, w.path(dir))
		}
	}
	return added, nil
}

// Watched returns how many directories are watched.
func (w *Watcher) Watched() int { return len(w.watched) }

func (w *Watcher) path(dir string) string { return filepath.Join(w.root, filepath.FromSlash(dir)) }

// isStale reports whether dir, or one that it lies in, was moved or removed.
func (w *Watcher) isStale(dir string) bool {
	for ; !w.stale[dir]; dir = path.Dir(dir) {
		if dir == "." {
			return false
		}
	}
	return true
}

// Wait returns what changed once nothing has changed for the time quiet, which is
// at least [Settle]; or for [Patience] times that long, if it does not stop. It
// fails only when ctx ends, with its error.
func (w *Watcher) Wait(ctx context.Context, quiet time.Duration) (Batch, error) {
	quiet = max(quiet, Settle)
	names := map[string]bool{}
	var b Batch
	var settled, enough <-chan time.Time // of the batch, once it has begun
	for {
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case e := <-w.events:
			w.note(e, names, &b)
		case <-w.errors: // of which an overflow is the usual one
			w.lose(&b)
		case <-settled:
			return b.with(names), nil
		case <-enough:
			return b.with(names), nil
		}
		settled = time.After(quiet)
		if enough == nil {
			enough = time.After(Patience * quiet)
		}
	}
}

// note takes one event into a batch.
func (w *Watcher) note(e fsnotify.Event, names map[string]bool, b *Batch) {
	name, err := filepath.Rel(w.root, e.Name)
	if err != nil || e.Name == "" { // nothing that we know of is called so
		w.lose(b)
		return
	}
	name = filepath.ToSlash(name)
	if (e.Has(fsnotify.Rename) || e.Has(fsnotify.Remove)) && w.watched[name] {
		w.stale[name] = true
	}
	if len(names) >= maxNames {
		b.Lost = true
		return
	}
	names[name] = true
}

// lose forgets what is watched, of which events were lost.
func (w *Watcher) lose(b *Batch) { b.Lost, w.stale["."] = true, true }

func (b Batch) with(names map[string]bool) Batch {
	for name := range names {
		b.Names = append(b.Names, name)
	}
	slices.Sort(b.Names)
	return b
}

// explain gives an error of the system its code.
func explain(err error, name string) error {
	for _, limit := range []syscall.Errno{syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, limit) {
			return ErrLimit.Wrap(err, "%s", name)
		}
	}
	return ErrWatch.Wrap(err, "%s", name)
}
