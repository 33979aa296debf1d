package filetype

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/meta"
)

// A Form is how a file carries its metadata.
type Form string

// The forms that can be seen in a file.
const (
	None    Form = "none"    // no block
	Full    Form = "full"    // every field
	Compact Form = "compact" // one line with the uuid
)

// Parts are a file cut around its block. The slices are parts of the source,
// not copies; together they are the source: BOM, Head, Block, Separator, Body.
type Parts struct {
	BOM       []byte // the UTF-8 byte order mark, or nothing
	Head      []byte // what must stay first
	Form      Form
	Block     []byte     // with its delimiters, and the blank lines before it
	Meta      meta.Block // as parsed; of a compact line, the uuid alone
	Separator []byte     // one blank line between block and body, or nothing
	Body      []byte
	Line      int // of the opening delimiter, from 1; 0 without a block
}

// Hash returns the hash of the file with the fields b ([meta.Hash]).
func (p Parts) Hash(b meta.Block) string { return meta.Hash(b, p.BOM, p.Head, p.Body) }

// Join returns the file that p was cut from.
func (t *Type) Join(p Parts) []byte {
	return bytes.Join([][]byte{p.BOM, p.Head, p.Block, p.Separator, p.Body}, nil)
}

var bom = []byte("\xef\xbb\xbf")

// Split cuts src around its block. Without a block, everything after the head
// is body. The error is an [ErrUnsupported] when src can have no block, an
// [ErrCorrupt] or a [meta.ErrParse] when it has one that is damaged; the latter
// two have details line and column, of src, and then the parts are those of a
// file without a block.
func (t *Type) Split(src []byte) (Parts, error) {
	if skip := Unreadable(src); skip != "" {
		return Parts{}, ErrUnsupported.Wrap(skip, "%s file", t.Name).Detail("skip", string(skip))
	}
	var p Parts
	if bytes.HasPrefix(src, bom) {
		p.BOM = src[:len(bom)]
	}
	head, err := t.headEnd(src, len(p.BOM))
	if err != nil {
		return Parts{}, err
	}
	p.Form, p.Head, p.Body = None, src[len(p.BOM):head], src[head:]
	b, err := t.find(src, head)
	if err != nil || b.form == None {
		return p, err
	}
	p.Form, p.Meta, p.Line = b.form, b.meta, lineNumber(src, b.start)
	p.cut(src, head, b.end)
	return p, nil
}

// cut sets the slices of p around the block that ends at end, its last line
// break included.
func (p *Parts) cut(src []byte, head, end int) {
	if end == len(src) && src[end-1] != '\n' {
		// The file ends within the last line of the block: WithBlock does so
		// when the head had no line break at its end. Give it back.
		if n := len(lineEnd(src)); bytes.HasSuffix(src[len(p.BOM):head], lineEnd(src)) {
			head -= n
		}
	}
	body := end
	for _, blank := range []string{"\n", "\r\n"} {
		if bytes.HasPrefix(src[end:], []byte(blank)) {
			body = end + len(blank)
			break
		}
	}
	p.Head, p.Block, p.Separator, p.Body = src[len(p.BOM):head], src[head:end], src[end:body], src[body:]
}

// lineEnd returns the line break that src uses first. A file without any that
// ends in CR counts as CRLF, so that a line break added to it is told from it.
func lineEnd(src []byte) []byte {
	i := bytes.IndexByte(src, '\n')
	if i < 0 {
		i = len(src)
	}
	if i > 0 && src[i-1] == '\r' {
		return []byte("\r\n")
	}
	return []byte("\n")
}

func lineNumber(src []byte, at int) int { return bytes.Count(src[:at], []byte("\n")) + 1 }

// lineAt returns the line that starts at offset at, without its line break and
// the blanks before that, and where the next line starts.
func lineAt(src []byte, at int) (line []byte, next int) {
	next = len(src)
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		next = at + i + 1
	}
	return bytes.TrimRight(src[at:next], " \t\r\n"), next
}

// A found is a block in a file.
type found struct {
	form       Form
	start, end int // from the opening delimiter to after the last line break
	meta       meta.Block
}

// find looks for a block after head: its delimiter is on the first line that is
// not blank, indented or not.
func (t *Type) find(src []byte, head int) (found, error) {
	at := head
	line, next := lineAt(src, at)
	for len(line) == 0 && next < len(src) {
		at = next
		line, next = lineAt(src, at)
	}
	bare := bytes.TrimLeft(line, " \t")
	indent := line[:len(line)-len(bare)]
	if uuid, err := t.compactUUID(bare); uuid != "" || err != nil {
		b := found{form: Compact, start: at, end: next, meta: meta.NewBlock(meta.Field{Key: meta.FieldUUID, Value: meta.String(uuid)})}
		return b, shift(err, src, at, func(int) int { return len(indent) + len(t.Comment.Before) })
	}
	if !t.Comment.isOpen(bare) {
		return found{form: None}, nil
	}
	return t.readFull(src, at, next, indent)
}

// compactUUID returns the uuid in line if it is a block in compact form.
func (t *Type) compactUUID(line []byte) (string, error) {
	inner, ok := bytes.CutPrefix(line, []byte(t.Comment.Before))
	if !ok || !isDelimiter(inner) {
		return "", nil
	}
	inner, ok = bytes.CutSuffix(inner, []byte(t.Comment.After))
	if !ok {
		return "", nil
	}
	uuid, _, err := meta.ParseCompactLine(string(inner))
	return uuid, err
}

// readFull reads the block whose opening delimiter is the line from start to
// at.
func (t *Type) readFull(src []byte, start, at int, indent []byte) (found, error) {
	var text []byte
	first := at
	for at < len(src) && at-first <= meta.MaxText {
		line, next := lineAt(src, at)
		bare := bytes.TrimPrefix(line, indent)
		if t.Comment.isOpen(bare) {
			return found{}, corrupt(src, at, "opened at line %d and again", lineNumber(src, start))
		}
		if t.Comment.isClose(bare) {
			b, err := meta.Parse(text)
			err = shift(err, src, first, func(n int) int { return t.prefixOf(src, first, n, indent) })
			return found{Full, start, next, b}, err
		}
		if text == nil {
			text = make([]byte, 0, 1024) // a block as we write it has about 900 bytes
		}
		text = append(append(text, t.content(bare)...), '\n')
		at = next
	}
	return found{}, corrupt(src, start, "opened but not closed")
}

// content returns what a line inside a block says: without the prefix of its
// comment, or as it is when it has none.
func (t *Type) content(line []byte) []byte {
	c := t.Comment
	if c.Line == "" {
		inner, ok := bytes.CutPrefix(line, []byte(c.Before))
		if before, after := bytes.CutSuffix(inner, []byte(c.After)); ok && after {
			return before // the historic comment around each field
		}
		return line
	}
	if rest, ok := bytes.CutPrefix(line, []byte(c.Line)); ok {
		return rest
	}
	return bytes.TrimPrefix(line, []byte(strings.TrimRight(c.Line, " ")))
}

// prefixOf returns how many bytes of the n-th line after offset first come
// before its content.
func (t *Type) prefixOf(src []byte, first, n int, indent []byte) int {
	at := first
	for range n - 1 {
		_, at = lineAt(src, at)
	}
	line, _ := lineAt(src, at)
	bare := bytes.TrimPrefix(line, indent)
	if at := bytes.Index(bare, t.content(bare)); at > 0 {
		return len(line) - len(bare) + at
	}
	return len(line) - len(bare)
}

// shift moves the position in a parse error from the block's text, of which the
// first line starts at offset first, to src. prefix returns how many bytes were
// removed from the start of a line.
func shift(err error, src []byte, first int, prefix func(line int) int) error {
	var at *meta.SyntaxError
	if !errors.As(err, &at) {
		return err
	}
	moved := *at
	moved.Line += lineNumber(src, first) - 1
	moved.Column += prefix(at.Line)
	return moved.Fault()
}

func corrupt(src []byte, at int, format string, args ...any) *fault.Error {
	line := lineNumber(src, at)
	return ErrCorrupt.With("line %d, column 1: %s", line, fmt.Sprintf(format, args...)).
		Detail("line", fmt.Sprint(line)).Detail("column", "1")
}
