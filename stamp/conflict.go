package stamp

import (
	"bytes"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// A segment of a file with merge conflicts is text, or a conflict.
type segment struct {
	text []byte
	*hunk
}

// A hunk is one conflict, with the lines of its markers.
type hunk struct {
	ours, base, theirs     []byte
	open, mid, split, shut []byte // mid is empty unless the base is shown
}

// The signs that git's markers consist of.
const (
	markOurs   = '<'
	markBase   = '|'
	markSplit  = '='
	markTheirs = '>'

	markerSize = 7
)

// isMarker reports whether line is a marker of that sign.
func isMarker(line []byte, sign byte) bool {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < markerSize || strings.TrimLeft(string(line[:markerSize]), string(sign)) != "" {
		return false
	}
	return len(line) == markerSize || line[markerSize] == ' '
}

// parseConflicts cuts src at its conflicts. It reports false if there are none, or
// their markers do not belong together.
func parseConflicts(src []byte) ([]segment, bool) {
	var list []segment
	var h *hunk
	var at *[]byte // where lines of the conflict go
	start, found := 0, false
	for pos := 0; pos < len(src); {
		next := len(src)
		if i := bytes.IndexByte(src[pos:], '\n'); i >= 0 {
			next = pos + i + 1
		}
		line := src[pos:next]
		switch {
		case isMarker(line, markOurs):
			if h != nil {
				return nil, false
			}
			list = append(list, segment{text: src[start:pos]})
			h = &hunk{open: line}
			at = &h.ours
		case h == nil:
		case isMarker(line, markBase) && at == &h.ours:
			h.mid, at = line, &h.base
		case isMarker(line, markSplit) && at != &h.theirs:
			h.split, at = line, &h.theirs
		case isMarker(line, markTheirs):
			if at != &h.theirs {
				return nil, false
			}
			h.shut, found = line, true
			list, h, start = append(list, segment{hunk: h}), nil, next
		default:
			*at = append(*at, line...)
		}
		pos = next
	}
	return append(list, segment{text: src[start:]}), found && h == nil
}

// sides puts together what the file is without conflicts, on each side. hasBase
// reports whether that of the base is known.
func sides(list []segment) (ours, base, theirs []byte, hasBase bool) {
	hasBase = true
	for _, s := range list {
		if s.hunk == nil {
			ours, base, theirs = append(ours, s.text...), append(base, s.text...), append(theirs, s.text...)
			continue
		}
		ours, base, theirs = append(ours, s.ours...), append(base, s.base...), append(theirs, s.theirs...)
		hasBase = hasBase && len(s.mid) > 0
	}
	return ours, base, theirs, hasBase
}

// appendHunk writes a conflict with the markers of like, or the text where both
// sides are the same.
func appendHunk(dst, ours, theirs []byte, like *hunk) []byte {
	if bytes.Equal(ours, theirs) {
		return append(dst, ours...)
	}
	eol := "\n"
	if bytes.HasSuffix(like.open, []byte("\r\n")) {
		eol = "\r\n"
	}
	dst = append(append(dst, like.open...), endLine(ours, eol)...)
	dst = append(append(dst, like.split...), endLine(theirs, eol)...)
	return append(dst, endLine(like.shut, eol)...)
}

// endLine returns text with a line end, unless it is empty: a marker needs a line
// of its own.
func endLine(text []byte, eol string) []byte {
	if len(text) == 0 || text[len(text)-1] == '\n' {
		return text
	}
	return append(bytes.Clone(text), eol...)
}

// conflictText marks where ours and theirs differ, and returns how often.
func conflictText(ours, theirs []byte, like *hunk) ([]byte, int) {
	edits := udiff.Lines(string(ours), string(theirs))
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(out, ours[at:e.Start]...)
		out = appendHunk(out, ours[e.Start:e.End], []byte(e.New), like)
		at = e.End
	}
	return append(out, ours[at:]...), len(edits)
}

// marks returns a hunk with nothing but markers.
func marks(ours, theirs string) *hunk {
	return &hunk{open: []byte("<<<<<<< " + ours + "\n"), split: []byte("=======\n"), shut: []byte(">>>>>>> " + theirs + "\n")}
}
