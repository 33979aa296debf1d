package stamp

import (
	"bytes"

	"github.com/omninode-ai/onex/filetype"
)

// A blockMend resolves the conflicts in the block of one file.
type blockMend struct {
	ours, theirs       []byte // the head of the file with its block, as merged
	oursEnd, theirsEnd int    // where the body begins on each side
	oursAll, theirsAll []byte
}

// newBlockMend reports false if neither side has a block, one of them cannot be
// read, or what stands before the block is in conflict, too.
func newBlockMend(t *filetype.Type, m Merge) (*blockMend, bool) {
	var parts [3]filetype.Parts
	var err error
	for i, src := range [][]byte{m.Base, m.Ours, m.Theirs} {
		if parts[i], err = t.Split(src); err != nil && i > 0 {
			return nil, false
		}
	}
	o, th := parts[1], parts[2]
	if !bytes.Equal(o.BOM, th.BOM) || !bytes.Equal(o.Head, th.Head) || o.Form == filetype.None && th.Form == filetype.None {
		return nil, false
	}
	form := o.Form
	if form == parts[0].Form || form == filetype.None {
		form = th.Form
	}
	if form == filetype.None {
		form = o.Form
	}
	if bytes.Equal(o.Block, th.Block) {
		return nil, false // it is not in conflict
	}
	blocks := blocksOf(form, parts)
	b := &blockMend{oursEnd: bodyStart(o), theirsEnd: bodyStart(th), oursAll: m.Ours, theirsAll: m.Theirs}
	for i, to := range []*[]byte{&b.ours, &b.theirs} {
		rest, err := t.Strip(m.Ours)
		if err == nil && form == filetype.Compact {
			rest, err = t.WithCompact(rest, blocks[1].UUID())
		} else if err == nil {
			rest, err = t.WithBlock(rest, blocks[1+i])
		}
		if err != nil {
			return nil, false
		}
		p, err := t.Split(rest)
		if err != nil {
			return nil, false
		}
		*to = rest[:bodyStart(p)]
	}
	return b, true
}

// bodyStart returns the offset of the body in the file that p was cut from.
func bodyStart(p filetype.Parts) int {
	return len(p.BOM) + len(p.Head) + len(p.Block) + len(p.Separator)
}

// join puts the merged block before the bodies, whose conflicts stay, and counts
// those. A conflict that reaches from the block into the body keeps its lower
// part.
func (b *blockMend) join(segments []segment) ([]byte, int, bool) {
	var like *hunk
	for _, s := range segments {
		if s.hunk != nil {
			like = s.hunk
			break
		}
	}
	out, left := conflictText(b.ours, b.theirs, like)
	o, t := 0, 0
	for i, s := range segments {
		if s.hunk == nil {
			o, t = o+len(s.text), t+len(s.text)
		} else {
			o, t = o+len(s.ours), t+len(s.theirs)
		}
		if o < b.oursEnd || t < b.theirsEnd {
			continue
		}
		text, n := conflictText(b.oursAll[b.oursEnd:o], b.theirsAll[b.theirsEnd:t], like)
		out, left = append(out, text...), left+n
		return appendRest(out, left, segments[i+1:])
	}
	return out, left, true
}

// appendRest writes segments as they are and counts their conflicts.
func appendRest(out []byte, left int, segments []segment) ([]byte, int, bool) {
	for _, s := range segments {
		out = append(out, s.text...)
		if s.hunk == nil {
			continue
		}
		for _, part := range [][]byte{s.open, s.ours, s.mid, s.base, s.split, s.theirs, s.shut} {
			out = append(out, part...)
		}
		left++
	}
	return out, left, true
}
