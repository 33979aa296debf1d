package console

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/omninode-ai/onex/tree"
)

// Paths returns the root of the project that a person works in, or the directory
// itself when it belongs to none, and the arguments relative to it.
func (e *Env) Paths(args []string) (root string, paths []string, err error) {
	root, err = tree.ProjectRoot(e.Dir)
	if errors.Is(err, tree.ErrNoProject) {
		root, err = filepath.Abs(e.Dir)
	}
	if err != nil {
		return "", nil, err
	}
	for _, arg := range args {
		if arg == "" { // a variable of the shell that is not set, not the whole project
			return "", nil, ErrUsage.With("a path is empty")
		}
		path, err := tree.Below(root, e.Dir, arg)
		if errors.Is(err, fs.ErrNotExist) {
			err = tree.ErrRoot.Wrap(err, "%s", arg)
		}
		if err != nil {
			return "", nil, err
		}
		paths = append(paths, path)
	}
	return root, paths, nil
}
