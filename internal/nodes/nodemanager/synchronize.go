package nodemanager

import (
	"context"
	"path"
	"path/filepath"
	"slices"

	"github.com/omninode-ai/onex/node"
)

// Synchronize makes onex.yaml list the nodes that are meant, so that onex up runs
// them, and takes out what is listed and is not there any more. Nodes in Go are part
// of a program, and are not listed. The rest of onex.yaml stays as it is.
func (m Manager) Synchronize(ctx context.Context, in Select) (Report, error) {
	dirs, err := m.dirsOf(in.Nodes)
	if err != nil {
		return Report{}, err
	}
	r := &repair{m: m, files: map[string]edit{}}
	if err := r.takeOut(); err != nil {
		return Report{}, err
	}
	for _, dir := range dirs {
		manifest, err := m.manifest(dir)
		if err != nil {
			r.problem(dir, "mend it, or make one with onex node manifest", "%s", oneLine(err))
			continue
		}
		if manifest.Runtime == node.Go {
			continue
		}
		if err := r.enlist(dir); err != nil {
			return Report{}, err
		}
	}
	return r.finish(ctx, in.Write)
}

func (r *repair) enlist(dir string) error {
	text, err := r.read(configFile)
	if err != nil {
		return err
	}
	l, err := parseList(text)
	if err != nil || l.has(dir) {
		return err
	}
	if text, err = l.add(dir); err != nil {
		return err
	}
	r.write(configFile, text, "%s is a node", dir)
	return nil
}

// takeOut removes from the list what is not there.
func (r *repair) takeOut() error {
	text, err := r.read(configFile)
	if err != nil || text == nil {
		return err
	}
	l, err := parseList(text)
	if err != nil {
		return err
	}
	for i, dir := range slices.Backward(l.nodes) {
		if filepath.IsAbs(dir) {
			continue // of another project
		}
		there, err := exists(r.m.path(path.Clean(filepath.ToSlash(dir)), node.ManifestFile))
		if err != nil {
			return err
		}
		if there {
			continue
		}
		if text, err = l.remove(i); err != nil {
			return err
		}
		r.write(configFile, text, "%s is not there", dir)
		if l, err = parseList(text); err != nil {
			return err
		}
	}
	return nil
}
