// Package nodedir finds the directories of nodes: those that hold a
// node.onex.yaml.
//
//	dirs, err := nodedir.Find(root)
//
// Every part of the program that speaks of "all nodes of the project" means these.
package nodedir

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// Find returns the directories at or below root that hold a node, sorted. What
// others wrote and what tests break on purpose is left out: directories that are
// hidden, begin with an underscore, or are called testdata, vendor or
// node_modules. Links are not followed.
func Find(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err // d may be nil
		}
		switch name := d.Name(); {
		case d.IsDir() && path != root && skipped(name):
			return filepath.SkipDir
		case !d.IsDir() && name == node.ManifestFile:
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	})
	return dirs, err
}

func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || slices.Contains([]string{"testdata", "vendor", "node_modules"}, name)
}
