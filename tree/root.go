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
