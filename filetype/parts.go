package filetype

import (
	"bytes"

	"github.com/omninode-ai/onex/meta"
)

// A Form is how a file carries its metadata.
type Form string

// The forms. Those that [Type.Split] sees in a file are all but Detached.
const (
	None     Form = "none"     // no block
	Full     Form = "full"     // every field
	Compact  Form = "compact"  // one line with the uuid; the fields are in the manifest
	Detached Form = "detached" // nothing; all is in the manifest of the directory
)

// Forms returns the forms in which a file can have metadata.
func Forms() []Form { return []Form{Full, Compact, Detached} }

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
	Binary    bool // it is no text: every byte of it counts
	Line      int  // of the opening delimiter, from 1; 0 without a block
}

// Hash returns the hash of the file with the fields b ([meta.Hash]).
func (p Parts) Hash(b meta.Block) string {
	if p.Binary {
		return meta.HashBinary(b, p.Body)
	}
	return meta.Hash(b, p.BOM, p.Head, p.Body)
}

// Whole returns the parts of a file that carries no block, whatever its type:
// all of it is body.
func Whole(src []byte) Parts { return Parts{Form: None, Body: src, Binary: Unreadable(src) != ""} }

// Join returns the file that p was cut from.
func (t *Type) Join(p Parts) []byte {
	return bytes.Join([][]byte{p.BOM, p.Head, p.Block, p.Separator, p.Body}, nil)
}

var bom = []byte("\xef\xbb\xbf")

// Split cuts src around its block. Without a block, everything after the head
// is body. The error is an [ErrUnsupported] when src can have no block, an
// [ErrCorrupt] or a [meta.ErrParse] when it has one that is damaged, or several
// on top of each other; the latter
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
	if err == nil && b.form != None {
		err = t.alone(src, b)
	}
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
	end := next
	for end > at && isSpace(src[end-1]) {
		end--
	}
	return src[at:end], next
}

// textAt is lineAt for the first line from offset at that is not blank, and says
// where that starts. If all are blank, it is the last.
func textAt(src []byte, at int) (start int, line []byte, next int) {
	line, next = lineAt(src, at)
	for len(line) == 0 && next < len(src) {
		at = next
		line, next = lineAt(src, at)
	}
	return at, line, next
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
