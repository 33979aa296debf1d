package stamp

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
)

// entries are the manifests as they are to become.
type entries struct {
	manifests *manifests
	next      map[string]meta.Manifest // by directory
}

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

// each calls visit with every manifest that changes, as if it were a file of the
// plan.
func (e entries) each(root *os.Root, visit func(i *Item, old, new []byte, err error) error) error {
	for _, dir := range slices.Sorted(maps.Keys(e.next)) {
		i := &Item{Path: path.Join(dir, meta.ManifestFile), Action: Update}
		was := e.manifests.of(i.Path)
		i.version = was.version
		var old []byte
		if was.exists() {
			var err error
			if old, err = root.ReadFile(i.Path); err != nil {
				return ErrRead.Wrap(err, "%s", i.Path)
			}
		}
		new := e.next[dir].Print()
		if again, err := meta.ParseManifest(new); err != nil || !slices.Equal(again.Names(), e.next[dir].Names()) {
			return ErrUnsafe.With("%s", i.Path)
		}
		if bytes.Equal(old, new) {
			continue
		}
		if err := visit(i, old, new, nil); err != nil {
			return err
		}
	}
	return nil
}

// maxComparisons bounds how often a new file is compared with an entry whose
// file is gone, when their names say nothing: enough for the moves of one commit.
const maxComparisons = 10_000

// follow finds the new place of files that moved and have their metadata in
// manifests: the entry of a file that is gone goes where the same content, or
// its uuid, turned up. What turns up nowhere is dropped. A file in the full form
// takes its metadata with it.
func (p *Plan) follow(ctx context.Context) error {
	if !p.opts.everything() {
		return nil
	}
	p.drops = p.manifests.orphans(p.files)
	if len(p.drops) == 0 {
		return nil
	}
	r, err := atomicfile.NewReader(p.root, MaxNamed)
	if err != nil {
		return ErrRead.Wrap(err, "%s", p.root.Name())
	}
	defer r.Close()
	free, budget := slices.Clone(p.drops), maxComparisons
	for at := range p.Items {
		i := &p.Items[at]
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if i.form == filetype.Full || i.Action != Add && i.Action != Update || len(free) == 0 {
			continue
		}
		data, _, err := r.Read(i.Path)
		if err != nil {
			continue // Apply will say so
		}
		if found := p.origin(i, data, free, &budget); found >= 0 {
			i.move(free[found].block)
			free = slices.Delete(free, found, found+1)
		}
	}
	for _, o := range free {
		p.Items = append(p.Items, Item{Path: o.name, Action: Drop})
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// origin returns which of the orphans the file of i was, or -1.
func (p *Plan) origin(i *Item, data []byte, free []orphan, budget *int) int {
	again := Item{Path: i.Path}
	parts, ok := p.open(&again, data)
	switch {
	case !ok:
		return -1
	case parts.Form == filetype.Compact:
		return slices.IndexFunc(free, func(o orphan) bool { return o.block.UUID() == parts.Meta.UUID() })
	case !i.fresh:
		return -1
	}
	was := func(o orphan) bool { return parts.Hash(o.block) == o.block.Hash() }
	at := slices.IndexFunc(free, func(o orphan) bool { return path.Base(o.name) == path.Base(i.Path) && was(o) })
	if at >= 0 || *budget < len(free) {
		return at
	}
	*budget -= len(free)
	return slices.IndexFunc(free, was)
}

// move gives i the block that it had elsewhere.
func (i *Item) move(b meta.Block) {
	i.Action, i.fresh, i.moved = Update, false, b
	i.id = identityOf(i.typ, i.Path, filetype.Parts{Meta: b})
}
