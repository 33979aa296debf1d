package stamp

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// maxComparisons bounds how often a new file is compared with an entry whose
// file is gone, when their names say nothing: enough for the moves of one commit.
const maxComparisons = 10_000

// follow finds the new place of files that moved and have their metadata in
// manifests: the entry of a file that is gone goes where the same content, or
// its uuid, turned up; else to the one new file that has its name. When the whole
// project is stamped, what turns up nowhere is dropped. A file in the full form
// takes its metadata with it.
func (p *Plan) follow(ctx context.Context) error {
	orphans, err := p.orphans(ctx)
	if err != nil || len(orphans) == 0 {
		return err
	}
	f := follower{plan: p, free: slices.Clone(orphans), budget: maxComparisons}
	if err := f.run(ctx); err != nil {
		return err
	}
	if !p.opts.everything() {
		p.drops = slices.DeleteFunc(orphans, func(o orphan) bool {
			return slices.ContainsFunc(f.free, func(free orphan) bool { return free.name == o.name })
		})
		return nil
	}
	p.drops = orphans
	for _, o := range f.free {
		p.Items = append(p.Items, Item{Path: o.name, Action: Drop})
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// orphans returns the entries without a file that files of the plan may have been.
func (p *Plan) orphans(ctx context.Context) ([]orphan, error) {
	var names []string
	switch {
	case p.manifests.index != nil:
		names = p.manifests.index.names()
	case p.opts.everything():
		names = pathsOf(p.files)
	case slices.ContainsFunc(p.Items, func(i Item) bool { return i.mayHaveMoved() }):
		files, _, err := tree.List(ctx, p.root, &tree.Options{NoGit: p.opts.NoGit})
		if err != nil {
			return nil, err
		}
		names = pathsOf(files)
	}
	return p.manifests.orphans(names), nil
}

func pathsOf(files []tree.File) []string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Path
	}
	return names
}

// mayHaveMoved reports whether i is to get an entry in a manifest that does not
// have it.
func (i *Item) mayHaveMoved() bool {
	return i.form != filetype.Full && (i.Action == Add || i.Action == Update)
}

// A follower gives entries without a file to files without an entry.
type follower struct {
	plan   *Plan
	free   []orphan
	budget int
}

func (f *follower) run(ctx context.Context) error {
	var left []*Item
	for at := range f.plan.Items {
		i := &f.plan.Items[at]
		if !i.mayHaveMoved() || len(f.free) == 0 {
			continue
		}
		data, err := f.plan.read(ctx, i)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			continue // Apply will say so
		}
		if found := f.origin(i, data); found >= 0 {
			f.give(i, found, "")
		} else if i.fresh {
			left = append(left, i)
		}
	}
	for _, i := range left {
		if found := f.namesake(i, left); found >= 0 {
			f.give(i, found, ", and changed")
		}
	}
	return nil
}

// give makes i the file that an orphan was.
func (f *follower) give(i *Item, orphan int, how string) {
	o := f.free[orphan]
	i.Action, i.fresh, i.moved, i.Note = Update, false, o.block, "moved from "+o.name+how
	i.id = identityOf(i.typ, i.Path, filetype.Parts{Meta: o.block})
	f.free = slices.Delete(f.free, orphan, orphan+1)
}

// namesake returns the one orphan with the name of i, if no other new file has
// that name, or -1.
func (f *follower) namesake(i *Item, left []*Item) int {
	named := func(name string) bool { return path.Base(name) == path.Base(i.Path) }
	var at []int
	for n, o := range f.free {
		if named(o.name) {
			at = append(at, n)
		}
	}
	others := slices.ContainsFunc(left, func(o *Item) bool { return o != i && named(o.Path) })
	if len(at) != 1 || others {
		return -1
	}
	return at[0]
}

// origin returns which of the orphans the file of i was, by its uuid or its
// content, or -1.
func (f *follower) origin(i *Item, data []byte) int {
	again := Item{Path: i.Path}
	parts, ok := f.plan.open(&again, data)
	switch {
	case !ok:
		return -1
	case parts.Form == filetype.Compact:
		return slices.IndexFunc(f.free, func(o orphan) bool { return o.block.UUID() == parts.Meta.UUID() })
	case !i.fresh:
		return -1
	}
	was := func(o orphan) bool { return parts.Hash(o.block) == o.block.Hash() }
	at := slices.IndexFunc(f.free, func(o orphan) bool { return path.Base(o.name) == path.Base(i.Path) && was(o) })
	if at >= 0 || f.budget < len(f.free) {
		return at
	}
	f.budget -= len(f.free)
	return slices.IndexFunc(f.free, was)
}

// read returns the content of the file of i, as the plan sees it.
func (p *Plan) read(ctx context.Context, i *Item) ([]byte, error) {
	if p.manifests.index != nil {
		return p.manifests.index.git.Content(ctx, i.entry, MaxNamed)
	}
	r, err := atomicfile.NewReader(p.root, MaxNamed)
	if err != nil {
		return nil, ErrRead.Wrap(err, "%s", p.root.Name())
	}
	defer r.Close()
	data, _, err := r.Read(i.Path)
	return data, err
}

// convert gives a file that has metadata the form that is wanted for it, if the
// options ask for that.
func (p *Plan) convert(i *Item, form filetype.Form) {
	want := p.opts.wanted(i.Path)
	if !p.opts.Convert || form == filetype.None || i.typ.Comment.Before == "" || want == i.form {
		return
	}
	i.Note = string(i.form) + " to " + string(want)
	i.form, i.converted = want, true
}

// asForm returns b as a block of that form: one in a manifest leaves out what the
// project says, one in a file has it.
func asForm(b meta.Block, form filetype.Form, project meta.Project, t *filetype.Type) meta.Block {
	full := newBlock(t, project)
	for _, field := range inherited {
		switch {
		case form == filetype.Full && !b.Has(field) && full.Has(field):
			b.Set(field, full.Get(field))
		case form != filetype.Full && b.Has(field) && meta.Equal(b.Get(field), full.Get(field)):
			b.Delete(field)
		}
	}
	return b
}
