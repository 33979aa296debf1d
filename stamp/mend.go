package stamp

import (
	"bytes"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// maxStacked bounds how many damaged blocks on top of each other are mended: a
// stamper that misses its own block adds one with every run.
const maxStacked = 64

// split cuts a file as the plan sees it: with its block mended, when the options
// ask for that.
func (p *Plan) split(t *filetype.Type, src []byte) (filetype.Parts, error) {
	parts, err := t.Split(src)
	if p.opts.Repair && filetype.Unreadable(src) == "" && (err != nil || parts.Form == filetype.Full && misstates(parts.Meta)) {
		var mended []byte
		if mended, err = mend(t, src, p.project); err == nil {
			parts, err = t.Split(mended)
		}
	}
	return parts, err
}

// misstates reports whether a field of b has a value that is not allowed.
func misstates(b meta.Block) bool {
	for _, problem := range b.Validate() {
		if b.Has(problem.Field) {
			return true
		}
	}
	return false
}

// mend returns src with a block that can be read in place of those on top of it
// that cannot. What can be made out of the damaged ones is kept, the uppermost
// first; values that are not allowed give way to those of a new block.
func mend(t *filetype.Type, src []byte, project meta.Project) ([]byte, error) {
	var b meta.Block
	for range maxStacked {
		parts, err := t.Split(src)
		if err == nil {
			adopt(&b, parts.Meta)
			for _, problem := range b.Validate() {
				b.Delete(problem.Field)
			}
			adopt(&b, newBlock(t, project))
			return t.WithBlock(src, b.Ordered())
		}
		found, rest, err := t.Salvage(src)
		if err != nil {
			return nil, err
		}
		adopt(&b, found)
		src = rest
	}
	return nil, filetype.ErrCorrupt.With("%d damaged blocks on top of each other", maxStacked)
}

// adopt gives b the fields of other that it lacks.
func adopt(b *meta.Block, other meta.Block) {
	for _, f := range other.Fields() {
		if !b.Has(f.Key) {
			b.Set(f.Key, f.Value)
		}
	}
}

// mended reports whether parts are not those of src itself.
func mended(t *filetype.Type, parts filetype.Parts, src []byte) bool {
	return !bytes.Equal(t.Join(parts), src)
}
