package stamp

import (
	"bytes"
	"slices"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// content returns what the file of item i, of which data is the content, is to
// become, or nil if it stays as it is, and its block.
func (p *Plan) content(i *Item, data []byte) ([]byte, meta.Block, error) {
	again := Item{Path: i.Path, version: i.version}
	parts, ok := p.open(&again, data)
	if !ok {
		return nil, meta.Block{}, again.err
	}
	b, _ := restamp(i.typ, i.Path, p.identified(i, parts), i.id, p.project, p.opts.Now, p.amend(i, parts))
	if i.repaired {
		data = i.typ.Join(parts)
	}
	new, err := i.write(data, b)
	return new, b, err
}

// write returns data with as much of b as the form of i has in the file, or nil
// if that changes nothing.
func (i *Item) write(data []byte, b meta.Block) ([]byte, error) {
	switch i.form {
	case filetype.Detached:
		if !i.converted {
			return nil, nil
		}
		out, err := i.typ.Strip(data)
		if err != nil || len(out) == len(data) {
			return nil, err
		}
		return out, nil
	case filetype.Compact:
		return rewriteCompact(i.typ, i.Path, data, b.UUID())
	}
	return rewrite(i.typ, i.Path, data, b)
}

// rewriteCompact is rewrite for the compact line, and returns nil if src has it.
func rewriteCompact(t *filetype.Type, name string, src []byte, uuid string) ([]byte, error) {
	out, err := t.WithCompact(src, uuid)
	if err != nil || bytes.Equal(out, src) {
		return nil, err
	}
	before, err := t.Split(src)
	if err != nil {
		return nil, err
	}
	after, err := t.Split(out)
	if err != nil || after.Meta.UUID() != uuid || !sameRest(before, after) {
		return nil, ErrUnsafe.With("%s is left as it is", name)
	}
	return out, nil
}

// rewrite returns src with b as its block, after it has made sure that nothing
// else is different. That the canary lived does not prove it for every file.
func rewrite(t *filetype.Type, name string, src []byte, b meta.Block) ([]byte, error) {
	out, err := t.WithBlock(src, b)
	if err != nil {
		return nil, err
	}
	before, err := t.Split(src)
	if err != nil {
		return nil, err
	}
	after, err := t.Split(out)
	if err != nil || !after.Meta.Equal(b) || !sameRest(before, after) {
		return nil, ErrUnsafe.With("%s is left as it is", name)
	}
	return out, nil
}

// sameRest reports whether two files without their blocks are the same bytes.
func sameRest(a, b filetype.Parts) bool {
	if bytes.Equal(a.BOM, b.BOM) && bytes.Equal(a.Head, b.Head) && bytes.Equal(a.Body, b.Body) {
		return true
	}
	return bytes.Equal(slices.Concat(a.BOM, a.Head, a.Body), slices.Concat(b.BOM, b.Head, b.Body))
}
