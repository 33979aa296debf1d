package stamp

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// headToSearch bounds the search for a block in a file that has no place for
// one any more; blocks stand first, behind at most a licence.
const headToSearch = 64 << 10

// stampedOnce reports whether a file that can have no block has one all the
// same: it was stamped, and changed into what cannot be stamped since, by a byte
// that is not text or a line that leaves no place. Such a change must not pass
// for a file that is none of our business.
func stampedOnce(t *filetype.Type, data []byte) bool {
	if t == nil {
		return false
	}
	text := legible(data[:min(len(data), headToSearch)])
	parts, err := t.Split(text)
	var none filetype.Skip
	if err == nil && parts.Form != filetype.None || err != nil && !errors.As(err, &none) {
		return true
	}
	// The block is not at its place, or one of its delimiters is damaged.
	delimited := bytes.Contains(text, []byte(meta.Open)) || bytes.Contains(text, []byte(meta.Close))
	return delimited && bytes.Contains(text, []byte("uuid: ")) && bytes.Contains(text, []byte("hash: "))
}

// legible returns data with a question mark for each byte that is not text.
func legible(data []byte) []byte {
	out := bytes.ReplaceAll(data, []byte{0}, []byte{'?'})
	if !utf8.Valid(out) {
		out = bytes.ToValidUTF8(out, []byte{'?'})
	}
	return out
}

// framed reports whether every line of a block is commented out: one that is
// not is code to everybody but us. Blocks older than 1.0.0 may be written so and
// are outdated anyway.
func framed(c filetype.Comment, block []byte) bool {
	lines := strings.Split(strings.TrimSpace(string(block)), "\n")
	if len(lines) < 3 {
		return true
	}
	prefix, end := strings.TrimSpace(c.Line), strings.TrimSpace(c.After)
	for _, line := range lines[1 : len(lines)-1] {
		if prefix != "" && strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimLeft(line, " \t"), prefix) {
			return false
		}
		if prefix == "" && end != "" && strings.Contains(line, end) {
			return false
		}
	}
	return true
}
