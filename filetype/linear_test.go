package filetype_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/filetype"
)

// TestWorkIsLinear gives one type of each style what looks like the beginning or
// the end of a block, up to a million times and in lines of megabytes. Work that is
// repeated for each of them would take hours; of memory, four times the file may
// take four times as much.
func TestWorkIsLinear(t *testing.T) {
	for _, style := range styles {
		typ := typesOf(style)[0]
		c := typ.Comment
		opened, closed := c.Before+"=== OmniNode:Metadata ===", c.Line+"=== /OmniNode:Metadata ==="+c.After
		for name, piece := range map[string]string{
			"openers":             opened + "\n",
			"closers":             closed + "\n",
			"openers and closers": opened + "\n" + closed + "\n",
			"comments":            c.Before + c.After + "\n",
			"empty lines":         "\n",
			"half openers":        c.Before + "=== Omni\n",
			"one line of openers": opened,
			"one line":            c.Before,
			"compact lines":       c.Before + "OmniNode:Metadata uuid=" + c.After + "\n",
		} {
			small := allocated(func() { open(typ, strings.Repeat(piece, 50_000)) })
			large := allocated(func() { open(typ, strings.Repeat(piece, 200_000)) })
			if large > 5*small+1<<20 {
				t.Errorf("%s, %s: %d bytes for 50,000, %d for 200,000", typ.Name, name, small, large)
			}
		}
		open(typ, strings.Repeat(opened+"\n", 1_000_000))
	}
}

// open finds out all about a file. What it says of it does not matter here.
func open(typ *filetype.Type, text string) {
	src := []byte(text)
	filetype.Standard().Find("file", src)
	_, _ = typ.Split(src)
	_, _ = typ.Strip(src)
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
