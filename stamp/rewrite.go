package stamp

import (
	"bytes"
	"slices"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// content returns what the file of item i, of which data is the content, is to
// become.
func (p *Plan) content(i *Item, data []byte) ([]byte, error) {
	parts, err := p.split(i.typ, data)
	if err != nil {
		return nil, err
	}
	b, _ := restamp(i.typ, i.Path, i.identified(parts), i.id, p.project, p.opts.Now)
	return rewrite(i.typ, i.Path, i.typ.Join(parts), b)
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
