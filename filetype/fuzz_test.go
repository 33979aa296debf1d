package filetype_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/filetype"
)

// One target for each style of comment: each is searched for as long as the
// others, however many types share it.

func FuzzHash(f *testing.F)       { fuzzStyle(f, "# ") }
func FuzzSlashes(f *testing.F)    { fuzzStyle(f, "// ") }
func FuzzSlashStar(f *testing.F)  { fuzzStyle(f, "/* ") }
func FuzzDashes(f *testing.F)     { fuzzStyle(f, "-- ") }
func FuzzSemicolons(f *testing.F) { fuzzStyle(f, ";; ") }
func FuzzSemicolon(f *testing.F)  { fuzzStyle(f, "; ") }
func FuzzColons(f *testing.F)     { fuzzStyle(f, ":: ") }
func FuzzPercent(f *testing.F)    { fuzzStyle(f, "% ") }
func FuzzPercents(f *testing.F)   { fuzzStyle(f, "%% ") }
func FuzzQuoteMark(f *testing.F)  { fuzzStyle(f, `" `) }
func FuzzMarkup(f *testing.F)     { fuzzStyle(f, "<!-- ") }

// styles are those that a target above searches.
var styles = []string{"# ", "// ", "/* ", "-- ", ";; ", "; ", ":: ", "% ", "%% ", `" `, "<!-- "}

// typesOf returns the types whose blocks open with before.
func typesOf(before string) []*filetype.Type {
	return slices.DeleteFunc(slices.Clone(filetype.Standard().Types()), func(t *filetype.Type) bool { return t.Comment.Before != before })
}

// fuzzStyle checks the laws for a type of a style, and that the time for a file
// is bounded by the fuzzer's own limit.
func fuzzStyle(f *testing.F, before string) {
	types := typesOf(before)
	for i, typ := range types {
		for _, src := range seeds(typ) {
			f.Add(byte(i), src)
		}
	}
	f.Fuzz(func(t *testing.T, at byte, src []byte) { checkLaws(t, types[int(at)%len(types)], src) })
}

// seeds are a few small files of type typ, with blocks and without.
func seeds(typ *filetype.Type) [][]byte {
	list := [][]byte{{}}
	for _, head := range fragments {
		if stamped, err := typ.WithBlock([]byte(head+"x\n"), blockFor(typ)); err == nil {
			list = append(list, stamped)
		}
	}
	if compact, err := typ.WithCompact([]byte("x\n"), uuid); err == nil {
		list = append(list, compact, bytes.ReplaceAll(compact, []byte("\n"), []byte("\r\n")))
	}
	c := typ.Comment
	opened := c.Before + "=== OmniNode:Metadata ===\n"
	closed := c.Line + "=== /OmniNode:Metadata ===" + c.After + "\n"
	for _, between := range []string{"", c.Line + "a: b\n", "a: b\n", "    " + c.Line + "a: b\n", c.Line + "a:\n" + c.Line + "  - b\n"} {
		list = append(list, []byte(opened+between+closed+"x"), []byte(opened+between), []byte(opened+between+opened+closed))
	}
	return list
}

func TestEveryStyleIsFuzzed(t *testing.T) {
	for _, typ := range filetype.Standard().Types() {
		if !slices.Contains(styles, typ.Comment.Before) {
			t.Errorf("%s: no fuzz target for comments with %q", typ.Name, typ.Comment.Before)
		}
	}
	for _, before := range styles {
		if len(typesOf(before)) == 0 || strings.TrimSpace(before) == "" {
			t.Errorf("no type has comments with %q", before)
		}
	}
}
