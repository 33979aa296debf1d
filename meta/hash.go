package meta

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Hash returns the SHA-256 of [Canonical] in lower-case hexadecimal, without
// building it: rest is copied only around carriage returns.
func Hash(b Block, rest ...[]byte) string {
	h := sha256.New()
	var head [2048]byte // about twice a block as we write it; a longer one is allocated
	h.Write(appendHead(head[:0], b))
	writeRest(h, rest)
	var sum [sha256.Size]byte
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], h.Sum(sum[:0]))
	return string(text[:])
}

// HashBinary is [Hash] for a file that is no text: of data, every byte counts.
func HashBinary(b Block, data []byte) string {
	h := sha256.New()
	h.Write(appendHead(nil, b))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

const bom = "\xef\xbb\xbf"

// trailing is the white space that does not count at the end of a file. Form
// feeds count, as in every earlier recipe.
const trailing = " \t\r\n"

// writeRest writes the pieces of a file in canonical form. w must not fail.
func writeRest(w io.Writer, rest [][]byte) {
	end := len(rest)
	var last []byte
	for end > 0 && len(last) == 0 {
		end--
		last = bytes.TrimRight(rest[end], trailing)
	}
	first, cr := true, false
	for i, piece := range rest {
		if i > end || i == end && len(last) == 0 {
			break
		}
		if i == end {
			piece = last
		}
		if first && len(piece) > 0 {
			piece = bytes.TrimPrefix(piece, []byte(bom))
			first = false
		}
		cr = writeLF(w, piece, cr)
	}
	io.WriteString(w, "\n")
}

// writeLF writes p with CRLF and CR as LF. cr says that the piece before ended
// in CR; the result says it of p.
func writeLF(w io.Writer, p []byte, cr bool) bool {
	if cr && len(p) > 0 && p[0] == '\n' {
		p, cr = p[1:], false
	}
	if bytes.IndexByte(p, '\r') < 0 {
		w.Write(p)
		return cr && len(p) == 0
	}
	var buf [4096]byte // a few lines for each call of Write
	n := 0
	for i, c := range p {
		switch {
		case c == '\r':
			c = '\n'
		case c == '\n' && i > 0 && p[i-1] == '\r':
			continue
		}
		if n == len(buf) {
			w.Write(buf[:n])
			n = 0
		}
		buf[n] = c
		n++
	}
	w.Write(buf[:n])
	return p[len(p)-1] == '\r'
}
