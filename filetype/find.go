package filetype

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/meta"
)

// A found is a block in a file.
type found struct {
	form       Form
	start, end int // from the opening delimiter to after the last line break
	meta       meta.Block
}

// find looks for a block after head: its delimiter is on the first line that is
// not blank, indented or not.
func (t *Type) find(src []byte, head int) (found, error) {
	at, line, next := textAt(src, head)
	bare := bytes.TrimLeft(line, " \t")
	indent := line[:len(line)-len(bare)]
	if uuid, err := t.compactUUID(bare); uuid != "" || err != nil {
		b := found{form: Compact, start: at, end: next, meta: meta.NewBlock(meta.Field{Key: meta.FieldUUID, Value: meta.String(uuid)})}
		return b, shift(err, src, at, func(int) int { return len(indent) + len(t.Comment.Before) })
	}
	if isConflict(line) {
		return found{}, conflict(src, at)
	}
	if !t.Comment.isOpen(bare) {
		return found{form: None}, nil
	}
	return t.readFull(src, at, next, indent)
}

// alone refuses a block with another one right below it: some stampers of old did
// not know their own blocks again and added one with each run.
func (t *Type) alone(src []byte, b found) error {
	if at, ok := t.opens(src, b.end); ok {
		return corrupt(src, at, "another block below that of line %d", lineNumber(src, b.start))
	}
	return nil
}

// opens reports whether the first line that is not blank, from offset at, opens
// a block, and where that line starts.
func (t *Type) opens(src []byte, at int) (int, bool) {
	at, line, _ := textAt(src, at)
	bare := bytes.TrimLeft(line, " \t")
	uuid, err := t.compactUUID(bare)
	return at, uuid != "" || err != nil || t.Comment.isOpen(bare)
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
	var text strings.Builder
	first := at
	for at < len(src) && at-first <= meta.MaxText {
		line, next := lineAt(src, at)
		bare := bytes.TrimPrefix(line, indent)
		if isConflict(line) {
			return found{}, conflict(src, at)
		}
		if t.Comment.isOpen(bare) {
			return found{}, corrupt(src, at, "opened at line %d and again", lineNumber(src, start))
		}
		if t.Comment.isClose(bare) {
			b, err := meta.ParseText(text.String())
			err = shift(err, src, first, func(n int) int { return t.prefixOf(src, first, n, indent) })
			return found{Full, start, next, b}, err
		}
		if text.Len() == 0 {
			text.Grow(1024) // a block as we write it has about 900 bytes
		}
		text.Write(t.content(bare))
		text.WriteByte('\n')
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

// isConflict reports whether line begins or ends a merge conflict, as git marks it.
func isConflict(line []byte) bool {
	return bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> "))
}

func conflict(src []byte, at int) *fault.Error {
	line := lineNumber(src, at)
	return ErrConflict.With("line %d, column 1", line).Detail("line", fmt.Sprint(line)).Detail("column", "1")
}

func corrupt(src []byte, at int, format string, args ...any) *fault.Error {
	line := lineNumber(src, at)
	return ErrCorrupt.With("line %d, column 1: %s", line, fmt.Sprintf(format, args...)).
		Detail("line", fmt.Sprint(line)).Detail("column", "1")
}
