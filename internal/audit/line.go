package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/omninode-ai/onex/event"
)

// MaxLine bounds a line: an event and its frame.
const MaxLine = event.MaxSize + 4096

const (
	hashMember = `,"hash":"`
	hashLen    = 2 * sha256.Size
	tailLen    = len(hashMember) + hashLen + len(`"}`)
)

// A Line is one record.
type Line struct {
	Seq   uint64          `json:"seq"`
	Prev  string          `json:"prev"`
	Event json.RawMessage `json:"event"`
	Hash  string          `json:"hash"`
}

// appendLine appends the record of an encoded event, and returns its hash.
func appendLine(dst []byte, seq uint64, prev string, e []byte) (line []byte, hash string) {
	begin := len(dst)
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, seq, 10)
	dst = append(append(append(dst, `,"prev":"`...), prev...), `","event":`...)
	dst = append(dst, e...)
	hash = hashOf(dst[begin:])
	dst = append(append(append(dst, hashMember...), hash...), `"}`...)
	return append(dst, '\n'), hash
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// parse reads a line without its line feed, and checks the line by itself.
func parse(line []byte) (Line, error) {
	var l Line
	at := len(line) - tailLen
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(hashMember)) {
		return l, errors.New("it does not end with its hash")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, err
	}
	if got := hashOf(line[:at]); got != l.Hash {
		return l, fmt.Errorf("its hash is %s, not %s", got, l.Hash)
	}
	return l, nil
}
