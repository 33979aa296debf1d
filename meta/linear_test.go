package meta_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/meta"
)

// TestWorkIsLinear gives the parsers of blocks and manifests many times what they
// look ahead from, open or quote. Work that is repeated for each would take hours;
// of memory, four times the text may take four times as much.
func TestWorkIsLinear(t *testing.T) {
	for _, head := range []string{"", "a: ", "a:\n  b: ", "a:\n  - "} {
		for _, piece := range []string{"[", "{", "]", "- ", "a: ", "a:\n", "'", "\"", "\\", "''", "\\u", "#", "# x\n", "\n", " ", "x", "|\n", ">\n", "? ", "&a ", "*a ", "!!", "  - a\n", "%", "---\n", ", "} {
			small := allocated(func() { parse(head + strings.Repeat(piece, 50_000)) })
			large := allocated(func() { parse(head + strings.Repeat(piece, 200_000)) })
			if large > 5*small+1<<20 {
				t.Errorf("%q and then %q: %d bytes for 50,000, %d for 200,000", head, piece, small, large)
			}
		}
	}
}

// parse reads text as all that it may be, and hashes it.
func parse(text string) {
	block, _ := meta.Parse([]byte(text))
	_, _ = meta.ParseManifest([]byte(text))
	meta.Hash(block, []byte(text))
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
