package tree

import (
	"context"
	"errors"
	"os"
	"path"
	"slices"
	"strings"
)

// DefaultIgnored returns the names of the directories that are left out where
// git does not decide: what tools, not people, put there. A .gitignore file can
// take one in again ("!build/").
func DefaultIgnored() []string {
	return []string{
		".cache", ".git", ".hg", ".jj", ".mypy_cache", ".onex", ".pytest_cache", ".ruff_cache", ".svn", ".tox",
		".venv", "__pycache__", "bower_components", "node_modules", "venv",
	}
}

// walk lists dirs by our own reading of the .gitignore files; unwanted are the
// names of directories that are left out where those say nothing.
func (l *lister) walk(ctx context.Context, dirs, unwanted []string) ([]string, error) {
	git := newIgnorer(l.root, ".gitignore", gitPatterns, parsePatterns(strings.Join(unwanted, "/\n")+"/"))
	var names []string
	stack := slices.Clone(dirs)
	for len(stack) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		dir := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if dir != "." && git.ignored(dir, true) {
			l.skip(dir, Ignored, nil)
			continue
		}
		l.walked = append(l.walked, dir)
		entries, err := readDir(l.root, dir)
		if err != nil {
			if dir == "." {
				return nil, ErrRoot.Wrap(err, "%s", l.root.Name())
			}
			l.skip(dir, Unreadable, err)
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case path.Base(name) == ".git":
			case e.IsDir() && !l.excluded(name, true):
				if !git.ignored(name, true) {
					stack = append(stack, name)
				}
			case e.IsDir():
				l.skip(name, Ignored, nil)
			case !git.ignored(name, false):
				names = append(names, name)
			}
		}
		if len(names) > MaxFiles {
			return nil, ErrTooMany.With("%s, limit %d", l.root.Name(), MaxFiles)
		}
	}
	return names, git.err
}

func readDir(root *os.Root, dir string) ([]os.DirEntry, error) {
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(-1)
	return entries, errors.Join(err, f.Close())
}
