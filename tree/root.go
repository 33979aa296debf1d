package tree

import (
	"os"
	"path/filepath"
)

// ProjectRoot returns the absolute path of the root of the project that the
// directory dir belongs to: the nearest one, from dir upwards, that holds
// onex.yaml, project.onex.yaml or .git. It returns [ErrRoot] when there is no
// such directory, and [ErrNoProject] when it belongs to no project.
func ProjectRoot(dir string) (string, error) {
	if info, err := os.Stat(dir); err != nil {
		return "", ErrRoot.Wrap(err, "%s", dir)
	} else if !info.IsDir() {
		return "", ErrRoot.With("%s is not a directory", dir)
	}
	if root := findUp(dir, "onex.yaml", "project.onex.yaml", ".git"); root != "" {
		return root, nil
	}
	return "", ErrNoProject.With("%s", dir)
}

// findUp returns the nearest directory, from dir upwards, that holds one of
// names, or nothing.
func findUp(dir string, names ...string) string {
	dir, err := filepath.Abs(dir)
	if err != nil { // there is no working directory
		return ""
	}
	for {
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				return dir
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// Below returns arg, a path as somebody in dir writes it, relative to root and with
// slashes. Links are resolved in the directories of both, so that they speak of the
// same place; not in the last element, which may be a link that is to be skipped. It
// returns [ErrPath] for what does not lie below root, and the system's error when the
// directory of arg is not there.
func Below(root, dir, arg string) (string, error) {
	name := arg
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err != nil {
		return "", err
	}
	path, err := filepath.Rel(realRoot, filepath.Join(parent, filepath.Base(name)))
	if err != nil || !filepath.IsLocal(path) {
		return "", ErrPath.With("%s is not in the project %s", name, root)
	}
	return filepath.ToSlash(path), nil
}
