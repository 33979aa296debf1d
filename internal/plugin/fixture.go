package plugin

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/omninode-ai/onex/stamp"
)

// What a fixture has: at least one of these directories, and nothing else.
const (
	canaryDir = "canary" // files that must survive stamping
	nodesDir  = "nodes"  // NODE/scenarios, as they lie beside the node itself
)

const (
	maxSamples = 1000    // files of canary of all fixtures: all are stamped before each run that writes
	maxSample  = 1 << 20 // bytes of one: a page of text is plenty
)

// checkFixture says why a directory is no fixture.
func checkFixture(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || !slices.Contains([]string{canaryDir, nodesDir}, e.Name()) {
			return fmt.Errorf("%s: a fixture has the directories %s and %s, and no %s", dir, canaryDir, nodesDir, e.Name())
		}
	}
	if len(entries) == 0 {
		return fmt.Errorf("%s has neither %s nor %s", dir, canaryDir, nodesDir)
	}
	return nil
}

// Samples returns the files that the fixtures of the registry want to survive
// stamping. The error is [ErrConfig].
func Samples(r *Registry) ([]stamp.Sample, error) {
	var all []stamp.Sample
	for _, p := range r.Active(Fixture) {
		root := filepath.Join(p.Path, canaryDir)
		if _, err := os.Stat(root); err != nil {
			continue // it has none
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if len(all) == maxSamples {
				return fmt.Errorf("fixtures have more than %d files in %s", maxSamples, canaryDir)
			}
			text, err := readAll(path, maxSample)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(p.Path, path)
			all = append(all, stamp.Sample{Path: p.Name + "/" + filepath.ToSlash(rel), Text: string(text)})
			return err
		})
		if err != nil {
			return nil, ErrConfig.Wrap(err, "%s", p.ID())
		}
	}
	return all, nil
}

// Scenarios returns the directories, of the fixtures of the registry, in which
// scenarios of the node of this name lie as they do beside the node itself.
func Scenarios(r *Registry, name string) []string {
	var dirs []string
	for _, p := range r.Active(Fixture) {
		dir := filepath.Join(p.Path, nodesDir, name)
		if info, err := os.Stat(dir); err == nil && info.IsDir() && filepath.IsLocal(name) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
