package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

const (
	// MaxSize is the largest file that List returns by default. Hand-written
	// sources are smaller; the limit is that of the reference implementation.
	MaxSize = 5 << 20

	// MaxFiles is how many files a root may hold: several times what the largest
	// known repositories do, and what fits into a gigabyte of memory.
	MaxFiles = 5_000_000
)

// List returns the files below root that o selects, and what else it met, both
// sorted by path. See the package comment for what is ignored. It fails if the
// root cannot be read, a path does not lie in it, an ignore file is malformed,
// or ctx ends.
func List(ctx context.Context, root *os.Root, o *Options) ([]File, []Skipped, error) {
	l, err := newLister(root, o)
	if err != nil {
		return nil, nil, err
	}
	defer l.stat.Close()
	names, dirs, err := l.split()
	if err != nil {
		return nil, nil, err
	}
	files, err := l.discover(ctx, names, dirs)
	files = l.narrow(files, dirs)
	if err == nil && l.opts.Blobs && l.index == nil && !l.opts.NoGit {
		err = addBlobs(ctx, root, files)
	}
	if err == nil {
		err = l.onex.err
	}
	return files, l.skippedSorted(), err
}

// files returns those of names and of what is in dirs.
func (l *lister) files(ctx context.Context, names, dirs []string) ([]File, error) {
	switch {
	case len(dirs) == 0:
	case l.opts.Since == "" && !l.opts.NoGit && isPlain(l.root):
		return l.filesOfGit(ctx, names, dirs)
	default:
		found, err := l.below(ctx, dirs)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return l.keep(ctx, names)
}

// filesOfGit is files for a work tree of which git's index can be read. While
// git looks for what it does not track, the system is asked about what it does.
func (l *lister) filesOfGit(ctx context.Context, names, dirs []string) ([]File, error) {
	var more []string
	var ok bool
	var failed error
	var wg sync.WaitGroup
	wg.Go(func() { more, ok, failed = gitFiles(ctx, l.root.Name(), dirs, false) })
	l.index = readIndex(l.root)
	files, err := l.keep(ctx, append(names, l.index.below(dirs)...))
	wg.Wait()
	if err == nil {
		err = failed
	}
	if err == nil && (!ok || l.index == nil) {
		more, err = l.below(ctx, dirs)
	}
	if err != nil || len(more) == 0 {
		return files, err
	}
	rest, err := l.keep(ctx, more)
	files = append(files, rest...)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path }), err
}

// keep returns those of names that are files and not ignored, sorted.
func (l *lister) keep(ctx context.Context, names []string) ([]File, error) {
	if len(names) > MaxFiles {
		return nil, ErrTooMany.With("%s holds %d, limit %d", l.root.Name(), len(names), MaxFiles)
	}
	slices.Sort(names)
	return l.classify(ctx, l.selectNames(slices.Compact(names)))
}

type lister struct {
	root    *os.Root
	stat    *atomicfile.Statter
	opts    Options
	onex    *ignorer
	exclude *ignorer
	include Pattern
	index   *gitIndex       // of a work tree whose top is the root; nil: git is to be asked
	named   map[string]bool // files among Options.Paths
	skipped []Skipped
	walked  []string // directories that were looked into, without git
}

// newLister returns a lister, of which stat is to be closed.
func newLister(root *os.Root, o *Options) (*lister, error) {
	stat, err := atomicfile.NewStatter(root)
	if err != nil {
		return nil, ErrRoot.Wrap(err, "%s", root.Name())
	}
	l := &lister{root: root, stat: stat, opts: o.orDefault()}
	l.onex = newIgnorer(root, ".onexignore", onexPatterns(l.opts.Tool), nil)
	l.onex.lacks = func(name string) bool {
		_, err := stat.Lstat(name)
		return errors.Is(err, fs.ErrNotExist) || errors.Is(err, atomicfile.ErrNotDir)
	}
	l.include = Pattern{parsePatterns(strings.Join(l.opts.Include, "\n"))}
	l.exclude = newIgnorer(root, "", nil, parsePatterns(strings.Join(l.opts.Exclude, "\n")))
	return l, nil
}

// skippedSorted returns what was skipped, each once.
func (l *lister) skippedSorted() []Skipped {
	slices.SortFunc(l.skipped, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(l.skipped, func(a, b Skipped) bool { return a.Path == b.Path })
}

func (l *lister) skip(name string, reason Reason, err error) {
	l.skipped = append(l.skipped, Skipped{name, reason, err})
}

// split sorts Options.Paths into files and directories.
func (l *lister) split() (files, dirs []string, err error) {
	if len(l.opts.Paths) == 0 {
		return nil, []string{"."}, nil
	}
	l.named = map[string]bool{}
	for _, p := range l.opts.Paths {
		name := path.Clean(p)
		if !fs.ValidPath(name) {
			return nil, nil, ErrPath.With("%q", p)
		}
		isDir, reason, err := l.look(name)
		switch {
		case reason != "":
			l.skip(name, reason, err)
		case isDir && l.excluded(name, true):
			l.skip(l.topmost(name), Ignored, nil)
		case isDir || l.opts.Since != "": // git says what of it changed
			dirs = append(dirs, name)
		default:
			files, l.named[name] = append(files, name), true
		}
	}
	return files, dirs, nil
}

// look says what name is, or why it is nothing to look at.
func (l *lister) look(name string) (isDir bool, reason Reason, err error) {
	for dir := name; dir != "."; dir = path.Dir(dir) {
		info, err := l.root.Lstat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return false, Missing, nil
		case err != nil:
			return false, Unreadable, err
		case info.Mode()&fs.ModeSymlink != 0:
			return false, Symlink, nil
		case dir == name:
			isDir = info.IsDir()
		}
	}
	return isDir || name == ".", "", nil
}

// below returns the names of the files in dirs that are not ignored by git's
// rules, unsorted.
func (l *lister) below(ctx context.Context, dirs []string) ([]string, error) {
	if l.opts.Since != "" {
		return gitChanged(ctx, l.root.Name(), l.opts.Since, dirs)
	}
	if !l.opts.NoGit {
		names, ok, err := gitFiles(ctx, l.root.Name(), dirs, true)
		if ok || err != nil {
			return names, err
		}
	}
	return l.walk(ctx, dirs, DefaultIgnored())
}

// selectNames drops from names, which are sorted, those that .onexignore and
// the options exclude, and what can have no name in a record.
func (l *lister) selectNames(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		isDir := strings.HasSuffix(name, "/") // so git writes repositories in the repository
		name = strings.TrimSuffix(name, "/")
		switch {
		case l.excluded(name, isDir):
			l.skip(l.topmost(name), Ignored, nil)
		case !utf8.ValidString(name):
			l.skip(strings.ToValidUTF8(name, "\ufffd"), BadName, nil)
		case isDir:
			l.skip(name, Repository, nil)
		case len(l.include.lines) > 0 && !l.include.Match(name):
		default:
			return false
		}
		return true
	})
}

// excluded reports whether .onexignore or the options exclude name.
func (l *lister) excluded(name string, isDir bool) bool {
	return l.exclude.ignored(name, isDir) || l.onex.ignored(name, isDir)
}

// topmost returns the highest directory of name that is ignored, or name.
func (l *lister) topmost(name string) string {
	for i, c := range name {
		if dir := name[:i]; c == '/' && l.excluded(dir, true) {
			return dir
		}
	}
	return name
}
