package filetype

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/omninode-ai/onex/fault"
)

var (
	// ErrUnsupported is returned for a file that can carry no block: it is
	// binary, not UTF-8, or its language leaves no line for a comment where
	// the block would have to be. The reason is in the error. Such a file can
	// be stamped in the detached form, which changes no byte of it.
	ErrUnsupported = fault.New("ONEX_STAMP_005_INVALID_FILE_TYPE", fault.Unsupported, "file cannot carry a metadata block").
			Hinted("use the detached form for it, or list it in .onexignore")

	// ErrCorrupt is returned when the delimiters of a metadata block are
	// damaged: it is opened but not closed, opened twice, or followed by another block. Nothing is
	// written to such a file, because it is not certain where its body starts.
	// Restore the delimiters by hand, or run onex stamp --repair.
	ErrCorrupt = fault.New("ONEX_STAMP_023_METADATA_CORRUPTION", fault.Corrupt, "metadata block is damaged").
			Hinted("restore its delimiters by hand, or run onex stamp --repair")

	// ErrConflict is returned for a file with a merge conflict where its metadata
	// block is, or would be, and for the files of a directory manifest with one. Nothing is written to it, not even by a repair: which
	// side holds is decided by merging the fields, which onex resolve does.
	ErrConflict = fault.New("ONEX_STAMP_033_MERGE_CONFLICT", fault.Conflict, "the metadata has a merge conflict").
			Hinted("run onex resolve")
)

// A Skip is a reason why a file cannot carry a block. It is the cause of an
// [ErrUnsupported]: errors.As finds it.
type Skip string

// The reasons.
const (
	SkipBinary   Skip = "binary"   // it contains a NUL byte
	SkipNotUTF8  Skip = "not_utf8" // it is not valid UTF-8
	SkipNoPlace  Skip = "no_place" // no comment can stand at the block's place
	SkipEncoding Skip = "encoding" // it declares an encoding that the block does not fit
)

// Skips returns all reasons.
func Skips() []Skip { return []Skip{SkipBinary, SkipNotUTF8, SkipNoPlace, SkipEncoding} }

func (s Skip) Error() string {
	switch s {
	case SkipBinary:
		return "it contains a NUL byte"
	case SkipNotUTF8:
		return "it is not UTF-8"
	case SkipNoPlace:
		return "no comment can stand where the block would have to be"
	case SkipEncoding:
		return "it declares an encoding other than UTF-8"
	}
	return string(s)
}

// skipped returns an [ErrUnsupported] with the reason s, of which the detail
// says more.
func (t *Type) skipped(s Skip, format string, args ...any) error {
	return ErrUnsupported.Wrap(s, "%s: %s", t.Name, fmt.Sprintf(format, args...)).Detail("skip", string(s))
}

// Unreadable returns why src is no text that could carry a block, or "".
func Unreadable(src []byte) Skip {
	switch {
	case bytes.IndexByte(src, 0) >= 0:
		return SkipBinary
	case !utf8.Valid(src):
		return SkipNotUTF8
	}
	return ""
}
