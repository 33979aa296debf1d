package stamp

import (
	"bytes"
	"context"
	"os"
	"path"
	"strconv"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// scanStaged lists what the next commit changes and calls visit with each file
// as the index has it.
func scanStaged(ctx context.Context, root *os.Root, o *Options, visit func(e tree.Entry, data []byte, err error)) ([]tree.Skipped, error) {
	index, err := tree.OpenIndex(ctx, root)
	if err != nil {
		return nil, err
	}
	entries, skipped, err := index.Staged(ctx, o.listing())
	if err != nil {
		return nil, err
	}
	limit := o.MaxSize
	if limit == 0 {
		limit = tree.MaxSize
	}
	err = index.Read(ctx, entries, limit, func(i int, data []byte, err error) error {
		visit(entries[i], data, err)
		return nil
	})
	return skipped, err
}

// changesStaged is changes for a plan of staged files: old is what the index
// has.
func (p *Plan) changesStaged(ctx context.Context, visit func(i *Item, old, new []byte, err error) error) error {
	index, err := tree.OpenIndex(ctx, p.root)
	if err != nil {
		return err
	}
	var items []*Item
	var entries []tree.Entry
	for at := range p.Items {
		if i := &p.Items[at]; i.Action == Add || i.Action == Update {
			items, entries = append(items, i), append(entries, i.entry)
		}
	}
	return index.Read(ctx, entries, MaxNamed, func(at int, old []byte, err error) error {
		var new []byte
		if err == nil {
			new, _, err = p.content(items[at], old)
		}
		return visit(items[at], old, new, err)
	})
}

// unstaged returns the block that the file of i has in the work tree, if it has
// one. A file that was stamped after it was staged has its identity there.
func (p *Plan) unstaged(i *Item) meta.Block {
	info, err := p.root.Lstat(i.Path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > MaxNamed {
		return meta.Block{}
	}
	data, err := p.root.ReadFile(i.Path)
	if err != nil {
		return meta.Block{}
	}
	parts, err := p.split(i.typ, data)
	if err != nil || parts.Form != filetype.Full {
		return meta.Block{}
	}
	return parts.Meta
}

// A restaging puts stamped files into the index and the same blocks into the
// files of the work tree, whatever else is changed there.
type restaging struct {
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
	r := restaging{dir: path.Join(stage, "blobs")}
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
	if err != nil {
		return nil // deleted, or no longer a file: the work tree is the user's
	}
	if !bytes.Equal(work, old) {
		if new, err = withBlockOf(i, new, work); err != nil {
			return nil // there it cannot have the block
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
	return rewrite(i.typ, i.Path, work, parts.Meta)
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
	if err := r.index.Replace(ctx, r.old, r.new); err != nil {
		return err
	}
	if err := r.batch.Commit(ctx); err != nil {
		if undo := r.index.Replace(context.WithoutCancel(ctx), r.new, r.old); undo != nil {
			return ErrWrite.Wrap(undo, "the index is stamped, the work tree is not: %v", err)
		}
		return commitError(err)
	}
	return nil
}
