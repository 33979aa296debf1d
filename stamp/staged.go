package stamp

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// maxAsked is of how many manifests git is asked one by one. It compares each with
// every file of its index: beyond some dozens, listing all is faster.
const maxAsked = 64

// staged are the files and manifests of git's index, and what of it the next
// commit changes.
type staged struct {
	git       *tree.Index
	changed   []tree.Entry
	skipped   []tree.Skipped
	files     map[string]tree.Entry // unless they were not asked for: the manifests, at least
	manifests map[string]*manifest  // by path
}

// manifestsFor returns the manifests that the options speak of: those in the work
// tree, or those in git's index. Of the index it knows all files, or if all is
// false those beside which something is staged.
func manifestsFor(ctx context.Context, root *os.Root, o *Options, all bool) (*manifests, error) {
	ms := newManifests(root)
	if !o.Staged {
		return ms, nil
	}
	s := &staged{manifests: map[string]*manifest{}}
	ms.index = s
	var err error
	if s.git, err = tree.OpenIndex(ctx, root); err != nil {
		return nil, err
	}
	if s.changed, s.skipped, err = s.git.Staged(ctx, o.listing()); err != nil {
		return nil, err
	}
	asked := s.beside()
	if all || len(asked) > maxAsked {
		asked = nil
	} else if len(asked) == 0 {
		return ms, nil
	}
	if s.files, err = s.git.Files(ctx, asked...); err != nil {
		return nil, err
	}
	return ms, s.readManifests(ctx)
}

// beside returns the paths of the manifests that what is staged may have, each once.
func (s *staged) beside() []string {
	names := make([]string, len(s.changed))
	for i, e := range s.changed {
		names[i] = path.Join(path.Dir(e.Path), meta.ManifestFile)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *staged) readManifests(ctx context.Context) error {
	var entries []tree.Entry
	for _, name := range s.names() {
		if path.Base(name) == meta.ManifestFile {
			entries = append(entries, s.files[name])
		}
	}
	return s.git.Read(ctx, entries, meta.MaxManifest, func(i int, data []byte, err error) error {
		m := &manifest{text: bytes.Clone(data), entry: entries[i]}
		m.parse(entries[i].Path, err)
		s.manifests[entries[i].Path] = m
		return nil
	})
}

// scan calls visit with each file that the next commit changes, as the index has it.
func (s *staged) scan(ctx context.Context, o *Options, visit func(e tree.Entry, data []byte, err error)) error {
	limit := o.MaxSize
	if limit == 0 {
		limit = tree.MaxSize
	}
	return s.git.Read(ctx, s.changed, limit, func(i int, data []byte, err error) error {
		visit(s.changed[i], data, err)
		return nil
	})
}

// names returns the paths of the files, sorted.
func (s *staged) names() []string { return slices.Sorted(maps.Keys(s.files)) }

func (s *staged) manifest(name string) *manifest {
	if m, ok := s.manifests[name]; ok {
		return m
	}
	m := &manifest{entry: tree.Entry{Path: name, Mode: "100644"}}
	m.Manifest, _ = meta.ParseManifest(nil)
	return m
}

// changesStaged is changes for a plan of staged files: old is what the index
// has.
func (p *Plan) changesStaged(ctx context.Context, visit func(i *Item, old, new []byte, err error) error) error {
	index := p.manifests.index.git
	var items []*Item
	var entries []tree.Entry
	for at := range p.Items {
		if i := &p.Items[at]; i.Action == Add || i.Action == Update {
			items, entries = append(items, i), append(entries, i.entry)
		}
	}
	next := p.newEntries()
	err := index.Read(ctx, entries, MaxNamed, func(at int, old []byte, err error) error {
		i := items[at]
		var new []byte
		var b meta.Block
		if err == nil {
			new, b, err = p.content(i, old)
		}
		if new != nil || err != nil {
			if err := visit(i, old, new, err); err != nil {
				return err
			}
		}
		next.record(i, b)
		return nil
	})
	if err != nil {
		return err
	}
	return next.finish(p.drops, visit)
}

// unstaged returns the block that the file of i has in the work tree, or in the
// manifest there, if it has one. A file that was stamped after it was staged has
// its identity there.
func (p *Plan) unstaged(i *Item) meta.Block {
	if parts, err := p.splitWork(i); err == nil && parts.Form == filetype.Full {
		i.form = filetype.Full
		return parts.Meta
	}
	m := readManifest(p.root, path.Join(path.Dir(i.Path), meta.ManifestFile))
	b, err := m.Block(path.Base(i.Path))
	if err != nil || b.Len() == 0 {
		return meta.Block{}
	}
	if parts, err := p.splitWork(i); err == nil && parts.Form == filetype.Compact {
		i.form = filetype.Compact
	} else if i.form == filetype.Full {
		i.form = filetype.Detached
	}
	return b
}

// splitWork cuts the file of i as it is in the work tree.
func (p *Plan) splitWork(i *Item) (filetype.Parts, error) {
	info, err := p.root.Lstat(i.Path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > MaxNamed || i.typ.Comment.Before == "" {
		return filetype.Parts{}, err
	}
	data, err := p.root.ReadFile(i.Path)
	if err != nil {
		return filetype.Parts{}, err
	}
	return p.split(i.typ, data)
}

// A restaging puts stamped files into the index and the same blocks into the
// files of the work tree, whatever else is changed there.
type restaging struct {
	root     *os.Root
	stage    string
	index    *tree.Index
	batch    *atomicfile.Batch
	reader   *atomicfile.Reader
	dir      string // of the new blobs, in the staging directory
	old, new []tree.Entry
	paths    []string // of the new blobs
}

// restage writes the plan of staged files. The index changes in one step. If
// the work tree cannot follow, it changes back.
func (p *Plan) restage(ctx context.Context, stage string) (err error) {
	r := restaging{root: p.root, stage: stage, dir: path.Join(stage, "blobs")}
	if r.index, err = tree.OpenIndex(ctx, p.root); err != nil {
		return err
	}
	if r.batch, err = beginBatch(p.root, stage); err != nil {
		return err
	}
	defer r.batch.Abort()
	if r.reader, err = atomicfile.NewReader(p.root, MaxNamed); err != nil {
		return ErrRead.Wrap(err, "%s", p.root.Name())
	}
	defer r.reader.Close()
	if err := p.root.Mkdir(r.dir, 0o700); err != nil {
		return ErrWrite.Wrap(err, "%s", r.dir)
	}
	err = p.changesStaged(ctx, func(i *Item, old, new []byte, err error) error {
		if err != nil {
			i.fail(explain(err, i.Path))
			return nil
		}
		return r.add(p.root, i, old, new)
	})
	if err != nil {
		return err
	}
	return r.commit(ctx)
}

// add prepares the new blob of one file, and its file in the work tree.
func (r *restaging) add(root *os.Root, i *Item, old, new []byte) error {
	name := path.Join(r.dir, strconv.Itoa(len(r.paths)))
	if err := root.WriteFile(name, new, 0o600); err != nil {
		return ErrWrite.Wrap(err, "%s", i.Path)
	}
	r.old, r.paths = append(r.old, i.entry), append(r.paths, name)
	work, version, err := r.reader.Read(i.Path)
	isManifest := i.typ == nil
	switch {
	case err != nil && !isManifest || version.Linked():
		return nil // deleted, or no longer a file: the work tree is the user's
	case err != nil:
		work, version = nil, atomicfile.Version{}
	}
	if !bytes.Equal(work, old) {
		if isManifest {
			new, err = withEntriesOf(old, new, work)
		} else {
			new, err = withBlockOf(i, new, work)
		}
		if err != nil || new == nil {
			return nil // there it cannot have the block, or has it
		}
	}
	if err := r.batch.Stage(i.Path, new, version); err != nil && !concernsOneFile(err) {
		return ErrWrite.Wrap(err, "%s", i.Path)
	}
	return nil
}

// withBlockOf returns work with the block of stamped, so that what differs
// between the two is what differed before.
func withBlockOf(i *Item, stamped, work []byte) ([]byte, error) {
	parts, err := i.typ.Split(stamped)
	if err != nil {
		return nil, err
	}
	return i.write(work, parts.Meta)
}

// withEntriesOf returns the manifest work with the entries that differ between old
// and new.
func withEntriesOf(old, new, work []byte) ([]byte, error) {
	var three [3]meta.Manifest
	for i, text := range [][]byte{old, new, work} {
		var err error
		if three[i], err = meta.ParseManifest(text); err != nil {
			return nil, err
		}
	}
	was, now, next := three[0], three[1], three[2]
	for _, name := range entryNames(was, now) {
		before, errBefore := was.Block(name)
		after, err := now.Block(name)
		switch {
		case err != nil || errBefore == nil && before.Equal(after):
		case now.Has(name):
			next.Set(name, after)
		default:
			next.Delete(name)
		}
	}
	return next.Print(), nil
}

func (r *restaging) commit(ctx context.Context) error {
	blobs, err := r.index.Store(ctx, r.paths)
	if err != nil {
		return err
	}
	for at, blob := range blobs {
		e := r.old[at]
		e.Blob = blob
		r.new = append(r.new, e)
	}
	if err := r.record(); err != nil {
		return err
	}
	replaced := false
	r.batch.First = func() error {
		err := r.index.Replace(ctx, r.old, r.new)
		replaced = err == nil
		return err
	}
	err = r.batch.Commit(ctx)
	if err != nil && replaced {
		if undo := r.index.Replace(context.WithoutCancel(ctx), r.new, r.old); undo != nil {
			return ErrWrite.Wrap(undo, "the index is stamped, the work tree is not: %v", err)
		}
	}
	if errors.Is(err, tree.ErrGit) {
		return err
	}
	if err != nil {
		return commitError(err)
	}
	return nil
}
