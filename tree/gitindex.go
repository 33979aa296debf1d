package tree

import (
	"os"
	"strings"
	"time"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

const (
	indexFile = ".git/index"

	// maxIndex bounds the index that is read natively: MaxFiles entries of some
	// 200 bytes.
	maxIndex = 1 << 30

	// maxGitConfig bounds the configuration that is looked through.
	maxGitConfig = 1 << 20

	// The layout of an entry (gitformat-index): ten numbers of four bytes, the
	// id of the blob, two bytes of flags.
	entryStat  = 40
	blobSize   = 20 // of SHA-1; repositories with another hash are left to git
	entryFixed = entryStat + blobSize + 2

	// racyTime is how long before git wrote its index a file must have been
	// written to count as unchanged: the system takes the time of a file at a
	// tick, up to 10 ms. What git itself distrusts is less.
	racyTime = 10 * time.Millisecond
)

// A gitIndex is git's index of the work tree that is the root, read without git:
// starting git and having it compare twenty thousand files takes longer than
// everything else that a check of an unchanged tree does.
type gitIndex struct {
	text    string // of the file
	written int64  // when git wrote it, nanoseconds since 1970
	entries []indexEntry
}

// An indexEntry is one of the index: its path, and where in the text it starts.
type indexEntry struct {
	path string
	at   int
}

// readIndex returns the index of the work tree root, which is plain. It returns
// nil when it has a form that is rare (split, sparse) and takes git to understand.
func readIndex(root *os.Root) *gitIndex {
	f, err := root.Open(indexFile)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxIndex {
		return nil
	}
	text := make([]byte, info.Size())
	if n, err := f.ReadAt(text, 0); err != nil || n != len(text) {
		return nil
	}
	x, ok := parseGitIndex(string(text))
	if !ok {
		return nil
	}
	x.written = info.ModTime().UnixNano()
	return x
}

// isPlain reports whether root is the top of a work tree and no setting of the
// repository may mean that its index is elsewhere, or of another kind.
func isPlain(root *os.Root) bool {
	if info, err := root.Lstat(".git"); err != nil || !info.IsDir() {
		return false
	}
	f, err := root.Open(".git/config")
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() > maxGitConfig {
		return false
	}
	text := make([]byte, info.Size())
	if n, err := f.ReadAt(text, 0); err != nil && n != len(text) {
		return false
	}
	config := strings.ToLower(string(text))
	for _, setting := range []string{"worktree", "include", "objectformat", "bare = true", "bare=true"} {
		if strings.Contains(config, setting) {
			return false
		}
	}
	return true
}

// parseGitIndex reads the index file of the versions 2 to 4. It reports false
// when the file is damaged or has what this program does not know.
func parseGitIndex(text string) (*gitIndex, bool) {
	const header = 12
	if len(text) < header+blobSize || text[:4] != "DIRC" {
		return nil, false
	}
	version, count := number(text, 4), int(number(text, 8))
	end := len(text) - blobSize // the checksum, which git does not verify either
	if version < 2 || version > 4 || count > end/entryFixed {
		return nil, false
	}
	x := &gitIndex{text: text, entries: make([]indexEntry, 0, count)}
	at, last := header, ""
	for range count {
		path, next, ok := entryPath(text[:end], at, version, last)
		if !ok || path == "" || path < last {
			return nil, false
		}
		x.entries = append(x.entries, indexEntry{path, at})
		at, last = next, path
	}
	return x, onlyOptional(text[at:end])
}

// onlyOptional reports whether all extensions in text may be ignored: those whose
// name starts with a capital.
func onlyOptional(text string) bool {
	for len(text) > 0 {
		if len(text) < 8 || text[0] < 'A' || text[0] > 'Z' || int64(number(text, 4)) > int64(len(text)-8) {
			return false
		}
		text = text[8+int(number(text, 4)):]
	}
	return true
}

// entryPath returns the path of the entry at offset at, and where the next one
// starts.
func entryPath(text string, at int, version uint32, last string) (path string, next int, ok bool) {
	name := at + entryFixed
	if name > len(text) {
		return "", 0, false
	}
	if text[name-2]&0x40 != 0 { // extended flags
		name += 2
	}
	kept := ""
	if version == 4 {
		drop, n := prefixLength(text, name)
		if n == 0 || drop > len(last) {
			return "", 0, false
		}
		kept, name = last[:len(last)-drop], name+n
	}
	if name > len(text) {
		return "", 0, false
	}
	length := strings.IndexByte(text[name:], 0)
	if length < 0 {
		return "", 0, false
	}
	next = name + length + 1
	if version < 4 { // one to eight zero bytes make the entry a multiple of eight
		next = at + (name+length-at)/8*8 + 8
	}
	path = text[name : name+length]
	if kept != "" {
		path = kept + path
	}
	return path, next, next <= len(text)
}

// prefixLength reads the number of bytes to drop from the path before (version 4),
// and its own length, 0 if it is malformed.
func prefixLength(text string, at int) (drop, n int) {
	for n = 0; at+n < len(text) && n < 4; n++ {
		c := text[at+n]
		drop = drop<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return drop, n + 1
		}
		drop++
	}
	return 0, 0
}

func number(text string, at int) uint32 {
	return uint32(text[at])<<24 | uint32(text[at+1])<<16 | uint32(text[at+2])<<8 | uint32(text[at+3])
}

// below returns the paths of the entries in dirs, each once.
func (x *gitIndex) below(dirs []string) []string {
	if x == nil {
		return nil
	}
	names := make([]string, 0, len(x.entries))
	for _, e := range x.entries {
		if n := len(names); (n == 0 || names[n-1] != e.path) && inOneOf(dirs, e.path) {
			names = append(names, e.path)
		}
	}
	return names
}

func inOneOf(dirs []string, name string) bool {
	for _, dir := range dirs {
		if rest, ok := strings.CutPrefix(name, dir); dir == "." || ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// find returns the index entries of names, which are sorted: for each the number
// of its entry, or -1. Without an index it returns nil.
func (x *gitIndex) find(names []string) []int {
	if x == nil {
		return nil
	}
	found := make([]int, len(names))
	at := 0
	for i, name := range names {
		for at < len(x.entries) && x.entries[at].path < name {
			at++
		}
		found[i] = -1
		if at < len(x.entries) && x.entries[at].path == name {
			found[i] = at
		}
	}
	return found
}

// blob returns the id of the blob of an entry, as bytes.
func (x *gitIndex) blob(entry int) string {
	at := x.entries[entry].at + entryStat
	return x.text[at : at+blobSize]
}

// unchanged reports whether the file of which st speaks is what the entry says.
// All that git may be told to overlook counts; so does a conflict, and a mark not
// to look at the file.
func (x *gitIndex) unchanged(entry int, st atomicfile.Status) bool {
	if entry < 0 || !st.Exact || !st.Mode.IsRegular() {
		return false
	}
	const regular, executable = 0o100644, 0o100755
	e := x.text[x.entries[entry].at:]
	mode := uint32(regular)
	if st.Mode&0o100 != 0 {
		mode = executable
	}
	seconds, nanos := number(e, 8), number(e, 12)
	modified := int64(seconds)*int64(time.Second) + int64(nanos)
	const marks = 0xf0 // assume valid, extended flags, stage
	return e[entryFixed-2]&marks == 0 && modified+int64(racyTime) < x.written &&
		sameTime(number(e, 0), number(e, 4), st.Changed) && sameTime(seconds, nanos, st.Modified) &&
		number(e, 20) == uint32(st.Inode) && number(e, 24) == mode &&
		number(e, 28) == st.User && number(e, 32) == st.Group && number(e, 36) == uint32(st.Size)
}

// sameTime reports whether a time of an index, which has no years after 2106, is
// that of a file.
func sameTime(seconds, nanos uint32, ns int64) bool {
	return ns >= 0 && seconds == uint32(ns/int64(time.Second)) && nanos == uint32(ns%int64(time.Second))
}
