package filetype

import (
	"bytes"
	"errors"
	"strings"

	"github.com/omninode-ai/onex/meta"
)

// Salvage takes apart a file whose block is damaged, so that it can be stamped
// anew without losing its identity or a line of its body. The block returned
// has the scalar fields of the model that can be read line by line; a uuid that
// is none is left out. Of src only the delimiters are removed, and lines that
// look like fields; any other line between them stays in rest.
//
// Without a damaged block it returns what [Type.Split] finds, and src without
// the block. Of blocks on top of each other it takes the uppermost. The error is
// an [ErrUnsupported], or an [ErrConflict]: the markers of a merge conflict are no
// line of the body.
func (t *Type) Salvage(src []byte) (b meta.Block, rest []byte, err error) {
	p, err := t.Split(src)
	if err == nil {
		rest, err = t.Strip(src)
		return p.Meta, rest, err
	}
	if Unreadable(src) != "" || p.Form == "" || errors.Is(err, ErrConflict) {
		return meta.Block{}, nil, err
	}
	start := len(p.BOM) + len(p.Head)
	if first, err := t.find(src, start); err == nil { // whole, above another one
		p.cut(src, start, first.end)
		return first.meta, bytes.Join([][]byte{p.BOM, p.Head, p.Body}, nil), nil
	}
	body, b := t.salvageBody(src[start:])
	return b, append(bytes.Clone(src[:start]), body...), nil
}

// salvageBody removes the damaged block that body starts with.
func (t *Type) salvageBody(body []byte) (kept []byte, b meta.Block) {
	at, opened := 0, false
	closed := t.closes(body)
	for at < len(body) {
		line, next := lineAt(body, at)
		bare := bytes.TrimLeft(line, " \t")
		switch {
		case !opened && len(bare) == 0: // a blank line above the block
		case !opened:
			if opened = true; !t.Comment.isOpen(bare) { // a compact line
				return body[next:], b
			}
		case t.Comment.isClose(bare):
			body = bytes.TrimPrefix(bytes.TrimPrefix(body[next:], []byte("\r")), []byte("\n"))
			return append(kept, body...), b
		case t.Comment.isOpen(bare) || !closed && !t.looksLikeField(line):
			return append(kept, body[at:]...), b
		case t.looksLikeField(line):
			rescue(&b, string(t.content(bare)))
		default:
			kept = append(kept, body[at:next]...)
		}
		at = next
	}
	return kept, b
}

// closes reports whether the block that body starts with is closed before
// another one is opened.
func (t *Type) closes(body []byte) bool {
	opened := false
	for at := 0; at < len(body); {
		line, next := lineAt(body, at)
		at = next
		bare := bytes.TrimLeft(line, " \t")
		switch {
		case t.Comment.isClose(bare):
			return true
		case t.Comment.isOpen(bare) && opened:
			return false
		case t.Comment.isOpen(bare):
			opened = true
		}
	}
	return false
}

// looksLikeField reports whether line is commented out as a line of a block,
// where each line is, and says nothing but a field of the model, a list item or
// a nested line.
func (t *Type) looksLikeField(line []byte) bool {
	bare := bytes.TrimLeft(line, " \t")
	if t.Comment.Line != "" && !bytes.HasPrefix(bare, bytes.TrimRight([]byte(t.Comment.Line), " ")) {
		return false
	}
	text := t.content(bare)
	if t.Comment.Line != "" && (len(text) == 0 || isIndented(text)) {
		return true
	}
	key, _, ok := strings.Cut(string(text), ":")
	return ok && meta.Known(key)
}

func isIndented(text []byte) bool {
	return bytes.HasPrefix(text, []byte("  ")) || bytes.HasPrefix(text, []byte("- "))
}

// rescue adds the field in line to b, if it can be read on its own.
func rescue(b *meta.Block, line string) {
	one, err := meta.Parse([]byte(line))
	if err != nil || one.Len() != 1 {
		return
	}
	f := one.Fields()[0]
	text, ok := f.Value.(meta.String)
	if !ok || !meta.Known(f.Key) || b.Has(f.Key) || f.Key == meta.FieldUUID && !meta.IsUUID(string(text)) {
		return
	}
	b.Set(f.Key, text)
}
