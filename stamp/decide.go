package stamp

import (
	"errors"
	"io/fs"
	"path"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// decide says what is to be done with the file of i, but for its identity.
func (p *Plan) decide(i Item, data []byte, err error) Item {
	if err != nil {
		i.unread(err)
		return i
	}
	parts, ok := p.open(&i, data)
	if !ok {
		return i
	}
	if p.opts.Repair && i.form != filetype.Detached && mended(i.typ, parts, data) {
		data, i.repaired = i.typ.Join(parts), true
	}
	if p.opts.Staged && (parts.Form == filetype.None || isBare(parts)) {
		i.unstaged = p.unstaged(&i)
	}
	p.convert(&i, parts.Form)
	i.fresh = parts.Form == filetype.None && i.unstaged.Len() == 0
	parts = p.identified(&i, parts)
	i.id = identityOf(i.typ, i.Path, parts)
	id := i.id.orProvisional(i.typ, i.Path)
	b, changed := restamp(i.typ, i.Path, parts, id, p.project, p.opts.Now, p.amend(&i, parts))
	switch {
	case !changed && i.id == id && !i.fresh && !i.repaired && !i.converted && i.unstaged.Len() == 0 && p.isRecorded(&i):
		i.Action = Keep
	case i.fresh:
		i.Action = Add
		i.tryOut(data, b)
	default:
		i.Action = Update
		i.tryOut(data, b)
	}
	return i
}

// isRecorded reports whether the manifest, if there the metadata of i belongs,
// has it under its name.
func (p *Plan) isRecorded(i *Item) bool {
	return i.form == filetype.Full || p.manifests.of(i.Path).Has(path.Base(i.Path))
}

// identified returns parts with the block that they are to have before they are
// stamped, where they do not have it in themselves, and without identity when the
// options ask for that.
func (p *Plan) identified(i *Item, parts filetype.Parts) filetype.Parts {
	switch {
	case i.moved.Len() > 0:
		parts.Form, parts.Meta = i.form, i.moved
	case i.unstaged.Len() > 0:
		parts.Form, parts.Meta = i.form, i.unstaged
	case isBare(parts):
		adopt(&parts.Meta, leanBlock(i.typ, p.project))
		parts.Meta = parts.Meta.Ordered()
	case parts.Form == filetype.None && i.form != filetype.Full:
		parts.Form, parts.Meta = i.form, documentIdentity(i.typ, parts)
		adopt(&parts.Meta, leanBlock(i.typ, p.project))
		parts.Meta = parts.Meta.Ordered()
	case parts.Form == filetype.None:
		parts.Meta = documentIdentity(i.typ, parts)
	}
	if i.converted {
		parts.Form, parts.Meta = i.form, asForm(parts.Meta, i.form, p.project, i.typ)
	}
	if p.opts.NewIdentity {
		parts.Meta.Delete(meta.FieldUUID)
		parts.Meta.Delete(meta.FieldCreatedAt)
	}
	return parts
}

// tryOut makes sure that b, or one like it, can be written to the file.
func (i *Item) tryOut(data []byte, b meta.Block) {
	if problems := b.Validate(); i.Action == Update && len(problems) > 0 {
		i.refuse(problems.Err())
	} else if new, err := i.write(data, b); err != nil {
		i.refuse(err)
	} else if i.version.ReadOnly() && new != nil {
		i.fail(ErrDenied.With("%s", i.Path))
	} else if i.version.Linked() && new != nil {
		i.linked()
	}
}

// linked says of a file that has several names that it is not written: the new
// content would be under one of them only.
func (i *Item) linked() {
	if err := ErrLinked.With("%s", i.Path); i.Action == Add {
		i.skip(HardLink, err)
	} else {
		i.fail(err)
	}
}

// unread records that the file could not be read, or is none after all.
func (i *Item) unread(err error) {
	switch {
	case errors.Is(err, atomicfile.ErrSymlink):
		i.skip(tree.Symlink, nil)
	case errors.Is(err, atomicfile.ErrNotRegular):
		i.skip(tree.NotRegular, nil)
	case errors.Is(err, atomicfile.ErrTooLarge):
		i.skip(tree.TooLarge, nil)
	case errors.Is(err, fs.ErrNotExist):
		i.fail(ErrNotFound.With("%s", i.Path))
	default:
		i.fail(ErrRead.Wrap(err, "%s", i.Path))
	}
}

// cut finds the type of the file and cuts it around its block, with split. It
// reports false when that decides the matter.
func (i *Item) cut(types *filetype.Set, data []byte, split func(*filetype.Type, []byte) (filetype.Parts, error)) (filetype.Parts, bool) {
	if filetype.WholeDocument(i.Path) {
		i.skip(MetadataFile, nil)
		return filetype.Parts{}, false
	}
	var ok bool
	if i.typ, ok = types.Find(i.Path, data); !ok {
		i.skip(UnknownType, ErrNoType.With("%s", i.Path))
		return filetype.Parts{}, false
	}
	parts, err := split(i.typ, data)
	if err != nil {
		i.refuse(err)
	}
	return parts, err == nil
}

// refuse records why the file can have no block, or not this one.
func (i *Item) refuse(err error) {
	var reason filetype.Skip
	if errors.As(err, &reason) {
		i.skip(tree.Reason(reason), err)
	} else {
		i.fail(err)
	}
	i.Message = i.Path + ": " + i.Message
}
