package stamp

import (
	"bytes"
	"context"
	"os"
	"path"
	"slices"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// A Merge is a file that two branches changed, and what it was where they parted:
// empty if it was not there.
type Merge struct {
	Path               string // below the root
	Base, Ours, Theirs []byte

	Markers *tree.MergeOptions // how to mark conflicts
}

// Merge3 merges the three versions of a file as git would, were there no
// metadata in it, and gives the result metadata that is right: the fields are
// merged one by one, identity stays, the hash is computed anew. Of manifests,
// entries are merged by their name. It returns the content and how many
// conflicts are marked in it, of the body and of fields that a person wrote.
//
// The hash of a file whose metadata is in a manifest cannot be known where only
// the manifest is seen: if both sides changed the file, it comes out unset, which
// a check finds and stamping mends.
func Merge3(ctx context.Context, root *os.Root, m Merge, o *Options) (merged []byte, conflicts int, err error) {
	opts := o.orDefault()
	if err := opts.configure(root); err != nil {
		return nil, 0, err
	}
	g := merger{ctx: ctx, root: root, opts: opts}
	return g.merge(m)
}

type merger struct {
	ctx  context.Context
	root *os.Root
	opts Options
}

func (g *merger) merge(m Merge) ([]byte, int, error) {
	if path.Base(m.Path) == meta.ManifestFile {
		if out, n, ok, err := g.manifests(m, unhashed); ok || err != nil {
			return out, n, err
		}
		return g.text(m)
	}
	t, ok := g.opts.Types.Find(m.Path, m.Ours)
	if !ok || filetype.WholeDocument(m.Path) {
		return g.text(m)
	}
	if even, ok := equalised(t, m); ok {
		out, n, err := g.text(even)
		if err == nil && n == 0 {
			out = settled(t, m.Path, out, m.Ours, m.Theirs)
		}
		return out, n, err
	}
	return g.text(m)
}

// text leaves it to git.
func (g *merger) text(m Merge) ([]byte, int, error) {
	return tree.Merge(g.ctx, g.root, m.Base, m.Ours, m.Theirs, m.Markers)
}

// equalised gives the three versions blocks that differ only in the fields that
// cannot be merged, so that only the text is left to merge. It reports false
// where there is nothing of ours to merge.
func equalised(t *filetype.Type, m Merge) (Merge, bool) {
	var parts [3]filetype.Parts
	versions := [3][]byte{m.Base, m.Ours, m.Theirs}
	for i, src := range versions {
		var err error
		if parts[i], err = t.Split(src); err != nil {
			return m, false
		}
	}
	form := parts[1].Form
	if form == parts[0].Form {
		form = parts[2].Form
	}
	if form == filetype.None {
		return m, false
	}
	blocks := blocksOf(form, parts)
	for i, src := range versions {
		rest, err := t.Strip(src)
		if err == nil && form == filetype.Compact {
			versions[i], err = t.WithCompact(rest, blocks[i].UUID())
		} else if err == nil {
			versions[i], err = t.WithBlock(rest, blocks[i])
		}
		if err != nil {
			return m, false
		}
	}
	m.Base, m.Ours, m.Theirs = versions[0], versions[1], versions[2]
	return m, true
}

// blocksOf merges the blocks of base, ours and theirs. A line of the compact form
// does not say which identity is older: it is that of base, else ours.
func blocksOf(form filetype.Form, parts [3]filetype.Parts) [3]meta.Block {
	if form == filetype.Compact {
		uuid := parts[0].Meta
		for _, p := range parts[1:] {
			if uuid.UUID() == "" {
				uuid = p.Meta
			}
		}
		return [3]meta.Block{uuid, uuid, uuid}
	}
	base, ours, theirs := parts[0].Meta, parts[1].Meta, parts[2].Meta
	switch { // one side alone has, or has lost, its block
	case parts[1].Form != filetype.Full:
		return [3]meta.Block{theirs, theirs, theirs}
	case parts[2].Form != filetype.Full:
		return [3]meta.Block{ours, ours, ours}
	}
	m := mergeBlocks(base, ours, theirs)
	even := m.ours
	for _, key := range m.conflicts {
		put(&even, key, base.Get(key))
	}
	return [3]meta.Block{even, m.ours, m.theirs}
}

// settled returns merged, in which there are no conflicts, with the hash and the
// names that it must have. A merge that comes out as one of its sides is that
// side, and what nobody stamped since version 1.0.0 is left as it is.
func settled(t *filetype.Type, name string, merged, ours, theirs []byte) []byte {
	p, err := t.Split(merged)
	if err != nil || p.Form != filetype.Full || compareVersions(p.Meta.MetadataVersion(), meta.Version) < 0 {
		return merged
	}
	for _, side := range [][]byte{ours, theirs} {
		if s, err := t.Split(side); err == nil && s.Hash(s.Meta) == s.Meta.Hash() && sameRest(p, s) && sameFields(p.Meta, s.Meta) {
			return side
		}
	}
	now, ok := parseTime(p.Meta.LastModifiedAt())
	if !ok {
		return merged
	}
	id := identityOf(t, name, p).orProvisional(t, name)
	b, _ := restamp(t, name, p, id, meta.Project{}, now, nil)
	if out, err := rewrite(t, name, merged, b); err == nil {
		return out
	}
	return merged
}

// sameFields compares blocks but for hash and time.
func sameFields(a, b meta.Block) bool {
	for _, field := range []string{meta.FieldHash, meta.FieldLastModifiedAt} {
		a.Delete(field)
		b.Delete(field)
	}
	return a.Equal(b)
}

// A rehash computes the hash of the file that has the block b in a manifest, or
// returns "" if it cannot.
type rehash func(name string, b meta.Block) string

// unhashed knows no file.
func unhashed(string, meta.Block) string { return meta.UnsetHash }

// manifests merges manifests entry by entry. It reports false if one cannot be
// read.
func (g *merger) manifests(m Merge, hash rehash) (out []byte, conflicts int, ok bool, err error) {
	var three [3]meta.Manifest
	for i, text := range [][]byte{m.Base, m.Ours, m.Theirs} {
		if three[i], err = meta.ParseManifest(text); err != nil {
			return nil, 0, false, nil
		}
	}
	base, ours, theirs := three[0], three[1], three[2]
	a, b := ours.Clone(), ours.Clone()
	for _, name := range entryNames(base, ours, theirs) {
		if err := mergeEntry(name, three, a, b, hash); err != nil {
			return nil, 0, false, nil
		}
	}
	if bytes.Equal(a.Print(), b.Print()) {
		return a.Print(), 0, true, nil
	}
	text := *orMarkers(m.Markers)
	out, conflicts = conflictText(a.Print(), b.Print(), marks(text.Ours, text.Theirs))
	return out, conflicts, true, nil
}

func orMarkers(o *tree.MergeOptions) *tree.MergeOptions {
	if o == nil || o.Ours == "" {
		return &tree.MergeOptions{Ours: "ours", Theirs: "theirs"}
	}
	return o
}

func entryNames(ms ...meta.Manifest) []string {
	var names []string
	for _, m := range ms {
		names = append(names, m.Names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mergeEntry merges one entry of base, ours and theirs into a and b, which differ
// only where it cannot. An entry that one side dropped and the other changed
// stays: dropping it again is easy, and its identity is nowhere else.
func mergeEntry(name string, three [3]meta.Manifest, a, b meta.Manifest, hash rehash) error {
	var blocks [3]meta.Block
	for i, m := range three {
		var err error
		if blocks[i], err = m.Block(name); err != nil {
			return err
		}
	}
	x, y := mergeEntries(name, blocks[0], blocks[1], blocks[2], hash)
	a.Delete(name)
	b.Delete(name)
	if x.Len() > 0 {
		a.Set(name, x)
		b.Set(name, y)
	}
	return nil
}

func mergeEntries(name string, base, ours, theirs meta.Block, hash rehash) (x, y meta.Block) {
	switch {
	case ours.Equal(theirs), theirs.Equal(base), theirs.Len() == 0 && !ours.Equal(base):
		return ours, ours
	case ours.Equal(base), ours.Len() == 0:
		return theirs, theirs
	}
	added := base.Len() == 0
	if added { // by both: the line of the compact form does not say which is older
		for _, field := range []string{meta.FieldUUID, meta.FieldCreatedAt, meta.FieldHash} {
			put(&theirs, field, ours.Get(field))
		}
	}
	changed := ours.Hash() != theirs.Hash() && base.Hash() != ours.Hash() && base.Hash() != theirs.Hash()
	m := mergeBlocks(base, ours, theirs)
	if h := hash(name, m.ours); h != "" && (changed || added && h != meta.UnsetHash) {
		m.ours.SetText(meta.FieldHash, h)
		m.theirs.SetText(meta.FieldHash, h)
	}
	return m.ours, m.theirs
}
