package stamp

import (
	"bufio"
	"context"
	"io"

	"github.com/aymanbagabas/go-udiff"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
)

// Diff writes what Apply would change as a unified diff, which patch -p1 and
// git apply take. It reads the files again; one that has changed since is an
// [ErrChanged].
func (p *Plan) Diff(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	changes := p.changes
	if p.opts.Staged {
		changes = p.changesStaged
	}
	err := changes(ctx, func(i *Item, old, new []byte, err error) error {
		if err == nil {
			_, err = out.WriteString(udiff.Unified("a/"+i.Path, "b/"+i.Path, string(old), string(new)))
		}
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// changes calls visit with the old and new content of every file that is to be
// written, in the order of the paths, and then of the manifests. The old content, which the new may share,
// is valid until visit returns. An error of visit ends it.
func (p *Plan) changes(ctx context.Context, visit func(i *Item, old, new []byte, err error) error) error {
	r, err := atomicfile.NewReader(p.root, MaxNamed)
	if err != nil {
		return ErrRead.Wrap(err, "%s", p.root.Name())
	}
	defer r.Close()
	entries := p.newEntries()
	for at := range p.Items {
		i := &p.Items[at]
		if i.Action != Add && i.Action != Update {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		old, version, err := r.Read(i.Path)
		if err == nil && version != i.version {
			err = ErrChanged.With("%s", i.Path)
		}
		var new []byte
		var b meta.Block
		if err == nil {
			new, b, err = p.content(i, old)
		}
		if err != nil {
			err = explain(err, i.Path)
		}
		if new != nil || err != nil {
			if err := visit(i, old, new, err); err != nil {
				return err
			}
		}
		entries.record(i, b)
	}
	return entries.finish(p.drops, visit)
}
