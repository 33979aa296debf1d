package tree

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Dirs returns the directories below root in which a file can appear that List
// would return, and those above them, sorted: what to watch for changes. It may
// return a few more than that, of which only git knows that they are ignored;
// and it does not know those in which git tracks files although they are
// ignored: List does. Of something in Options.Paths that is not there, those
// above it are among them. It fails as List does.
func Dirs(ctx context.Context, root *os.Root, o *Options) ([]string, error) {
	opts := o.orDefault()
	opts.Since, opts.Source = "", Filesystem // which say what to list, not where it can be
	l, err := newLister(root, &opts)
	if err != nil {
		return nil, err
	}
	defer l.stat.Close()
	names, dirs, err := l.split()
	if err != nil {
		return nil, err
	}
	if _, err := l.walk(ctx, dirs, l.unwanted()); err != nil {
		return nil, err
	}
	found := l.walked
	for _, name := range append(names, opts.Paths...) {
		found = append(found, path.Dir(name))
	}
	return withParents(found), l.onex.err
}

// unwanted returns the directories that are left out unless an ignore file says
// otherwise: where git decides, none but its own.
func (l *lister) unwanted() []string {
	dir, err := filepath.Abs(l.root.Name())
	if err != nil || l.opts.NoGit || findUp(dir, ".git") == "" {
		return DefaultIgnored()
	}
	return []string{".git"}
}

// withParents returns dirs and every directory above them, sorted, each once.
func withParents(dirs []string) []string {
	seen := map[string]bool{}
	var all []string
	for _, dir := range append(dirs, ".") {
		for dir = path.Clean(dir); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			all = append(all, dir)
		}
	}
	slices.Sort(all)
	return all
}
