package filetype

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/omninode-ai/onex/meta"
)

// Strip returns src without its block and the blank line after it. The result
// shares memory with src when there is no block. The errors are those of
// [Type.Split].
func (t *Type) Strip(src []byte) ([]byte, error) {
	p, err := t.Split(src)
	if err != nil || p.Form == None {
		return src, err
	}
	return p.stripped(), nil
}

func (p Parts) stripped() []byte { return bytes.Join([][]byte{p.BOM, p.Head, p.Body}, nil) }

// WithBlock returns src with b as its block, in the full form, at the place
// where it belongs, in place of any block that src has; blank lines above that
// stay. The errors are those of [Type.Split], and an [ErrUnsupported] when the
// file's comments, or the encoding that it declares, do not allow the text of b.
// Fields are written in the order of b; [meta.Block.Ordered] gives the usual one.
func (t *Type) WithBlock(src []byte, b meta.Block) ([]byte, error) {
	text := meta.Print(b)
	for _, f := range t.Comment.forbidden() {
		if bytes.Contains(text, []byte(f)) {
			return nil, t.skipped(SkipNoPlace, "a value contains %q, which its comments must not", f)
		}
	}
	return t.insert(src, func(eol []byte) []byte { return t.full(text, eol) })
}

// WithCompact is [Type.WithBlock] for the one line that names the uuid.
func (t *Type) WithCompact(src []byte, uuid string) ([]byte, error) {
	if !meta.IsUUID(uuid) {
		return nil, meta.ErrInvalid.With("uuid %q", uuid)
	}
	return t.insert(src, func([]byte) []byte { return []byte(t.Comment.compact(uuid)) })
}

// insert puts what render returns at its place in src without its block.
func (t *Type) insert(src []byte, render func(eol []byte) []byte) ([]byte, error) {
	p, err := t.Split(src)
	if err != nil {
		return nil, err
	}
	rest, start := p.stripped(), 0
	if bytes.HasPrefix(rest, bom) {
		start = len(bom)
	}
	at, err := t.headEnd(rest, start)
	if err != nil {
		return nil, err
	}
	if twin, ok := t.opens(rest, at); ok {
		return nil, corrupt(rest, twin, "another block, below the place of this one")
	}
	eol := lineEnd(rest)
	block := render(eol)
	if !isASCII(block) && declaresOther(rest[start:at]) {
		return nil, t.skipped(SkipEncoding, "the block has other characters than ASCII")
	}
	out := make([]byte, 0, len(src)+len(block)+2*len(eol))
	out = append(out, rest[:at]...)
	if at > start && rest[at-1] != '\n' {
		// The head is the whole file and its last line is open: the line
		// break goes before the block, so that Split can give it back.
		return append(append(out, eol...), block...), nil
	}
	if p.Form != None && at == len(p.BOM)+len(p.Head) { // where it was: what is above it stays
		first, _, _ := textAt(p.Block, 0)
		out = append(out, p.Block[:first]...)
	}
	out = append(append(out, block...), eol...)
	if body := rest[at:]; len(body) > 0 {
		out = append(append(out, eol...), body...)
	}
	return out, nil
}

func isASCII(text []byte) bool {
	return bytes.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// declaresOther reports whether head declares an encoding that is not UTF-8:
// Python, for one, refuses a comment that is not in the declared encoding.
func declaresOther(head []byte) bool {
	head = bytes.ToLower(head)
	declares := bytes.Contains(head, []byte("coding")) || bytes.Contains(head, []byte("charset"))
	return declares && !bytes.Contains(head, []byte("utf-8")) && !bytes.Contains(head, []byte("utf8"))
}

// full renders a block without its last line break.
func (t *Type) full(text, eol []byte) []byte {
	c := t.Comment
	out := append(make([]byte, 0, len(text)+1024), c.open()...)
	for line := range bytes.Lines(text) {
		out = append(append(out, eol...), c.Line...)
		out = append(out, bytes.TrimSuffix(line, []byte("\n"))...)
	}
	return fmt.Appendf(out, "%s%s", eol, c.close())
}
