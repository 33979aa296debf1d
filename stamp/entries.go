package stamp

import (
	"bytes"
	"maps"
	"path"
	"slices"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// entries are the manifests as they are to become.
type entries struct {
	manifests *manifests
	next      map[string]meta.Manifest // by directory
}

func (p *Plan) newEntries() entries { return entries{p.manifests, map[string]meta.Manifest{}} }

// of returns the next manifest of the directory that the file name is in.
func (e entries) of(name string) meta.Manifest {
	dir := path.Dir(name)
	next, ok := e.next[dir]
	if !ok {
		next = e.manifests.of(name).Clone()
		e.next[dir] = next
	}
	return next
}

func (e entries) set(name string, b meta.Block) { e.of(name).Set(path.Base(name), b) }
func (e entries) drop(name string)              { e.of(name).Delete(path.Base(name)) }

// record puts the block of i where its form has it.
func (e entries) record(i *Item, b meta.Block) {
	switch {
	case i.Action == Fail:
	case i.form != filetype.Full:
		e.set(i.Path, b)
	case i.converted:
		e.drop(i.Path)
	}
}

// finish drops the entries of files that are gone and then calls each.
func (e entries) finish(drops []orphan, visit func(i *Item, old, new []byte, err error) error) error {
	for _, gone := range drops {
		e.drop(gone.name)
	}
	return e.each(visit)
}

// each calls visit with every manifest that changes, as if it were a file of the
// plan.
func (e entries) each(visit func(i *Item, old, new []byte, err error) error) error {
	for _, dir := range slices.Sorted(maps.Keys(e.next)) {
		i := &Item{Path: path.Join(dir, meta.ManifestFile), Action: Update}
		was := e.manifests.of(i.Path)
		i.version, i.entry = was.version, was.entry
		new := e.next[dir].Print()
		if again, err := meta.ParseManifest(new); err != nil || !slices.Equal(again.Names(), e.next[dir].Names()) {
			return ErrUnsafe.With("%s", i.Path)
		}
		if bytes.Equal(was.text, new) {
			continue
		}
		if err := visit(i, was.text, new, nil); err != nil {
			return err
		}
	}
	return nil
}
