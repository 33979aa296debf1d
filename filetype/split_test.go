package filetype_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

func named(t testing.TB, name string) *filetype.Type {
	t.Helper()
	typ, ok := filetype.Standard().Named(name)
	if !ok {
		t.Fatalf("no type %s", name)
	}
	return typ
}

const (
	pyOpen  = "# === OmniNode:Metadata ===\n"
	pyClose = "# === /OmniNode:Metadata ===\n"
	mdOpen  = "<!-- === OmniNode:Metadata ===\n"
	mdClose = "<!-- === /OmniNode:Metadata === -->\n"
)

// The shapes in which blocks have been found in real files.
func TestSplitReadsHistoricFiles(t *testing.T) {
	for _, tt := range []struct {
		what, typ, src         string
		form                   filetype.Form
		line                   int
		head, sep, body, field string // field is the value of k
	}{
		{"no block", "python", "x\n", "none", 0, "", "", "x\n", ""},
		{"as written", "python", pyOpen + "# k: v\n" + pyClose + "\nx\n", "full", 1, "", "\n", "x\n", "v"},
		{"no blank line after it", "python", pyOpen + "# k: v\n" + pyClose + "x\n", "full", 1, "", "", "x\n", "v"},
		{"two blank lines after it", "python", pyOpen + "# k: v\n" + pyClose + "\n\nx\n", "full", 1, "", "\n", "\nx\n", "v"},
		{"lines without prefix", "yaml", pyOpen + "k: v\n\n" + pyClose + "\nx: y\n", "full", 1, "", "\n", "x: y\n", "v"},
		{"document marks inside", "yaml", pyOpen + "# ---\n# k: v\n# ...\n" + pyClose + "---\nx: y\n", "full", 1, "", "", "---\nx: y\n", "v"},
		{"shebang below the block", "python", pyOpen + "# k: v\n" + pyClose + "#!/usr/bin/env python3\n", "full", 1, "", "", "#!/usr/bin/env python3\n", "v"},
		{"shebang above the block", "python", "#!/bin/x\n" + pyOpen + "# k: v\n" + pyClose, "full", 2, "#!/bin/x\n", "", "", "v"},
		{"blank lines above the block", "python", "\n \n" + pyOpen + "# k: v\n" + pyClose, "full", 3, "", "", "", "v"},
		{"indented block", "python", "    " + pyOpen + "    # k: v\n    " + pyClose + "x\n", "full", 1, "", "", "x\n", "v"},
		{"mapping in comments", "python", pyOpen + "# namespace:\n#   value: py://a_py\n# k: v\n" + pyClose + "x\n", "full", 1, "", "", "x\n", "v"},
		{"Python-repr entrypoint", "ignore", pyOpen + "# entrypoint: {'type': 'cli', 'target': '.onexignore'}\n# k: v\n" + pyClose + "x\n", "full", 1, "", "", "x\n", "v"},
		{"prefix without blank", "python", pyOpen + "#k: v\n#\n" + pyClose + "x\n", "full", 1, "", "", "x\n", "v"},
		{"blanks after delimiters, CRLF", "python", "# === OmniNode:Metadata === \r\n# k: v\r\n# === /OmniNode:Metadata ===\r\n\r\nx\r\n", "full", 1, "", "\r\n", "x\r\n", "v"},
		{"Markdown, blank line before close", "markdown", mdOpen + "k: v\n\n" + mdClose + "# T\n", "full", 1, "", "", "# T\n", "v"},
		{"Markdown, a comment per field", "markdown", "<!-- === OmniNode:Metadata === -->\n<!-- k: v -->\n" + mdClose + "# T\n", "full", 1, "", "", "# T\n", "v"},
		{"Markdown, a comment per field, open", "markdown", mdOpen + "<!-- k: v -->\n" + mdClose + "# T\n", "full", 1, "", "", "# T\n", "v"},
		{"Markdown, short close", "markdown", mdOpen + "k: v\n=== /OmniNode:Metadata === -->\n# T\n", "full", 1, "", "", "# T\n", "v"},
		{"block above front matter", "markdown", mdOpen + "k: v\n" + mdClose + "---\nt: x\n---\n", "full", 1, "", "", "---\nt: x\n---\n", "v"},
		{"second block in the body", "markdown", mdOpen + "k: v\n" + mdClose + "\n" + pyOpen + "# k: null\n" + pyClose, "full", 1, "", "\n", pyOpen + "# k: null\n" + pyClose, "v"},
		{"block in a fence", "markdown", "```yaml\n=== OmniNode:Metadata ===\nk: v\n=== /OmniNode:Metadata ===\n```\n", "none", 0, "", "", "```yaml\n=== OmniNode:Metadata ===\nk: v\n=== /OmniNode:Metadata ===\n```\n", ""},
		{"block after a docstring", "python", "\"\"\"Doc.\"\"\"\n" + pyOpen + "# k: v\n" + pyClose, "none", 0, "", "", "\"\"\"Doc.\"\"\"\n" + pyOpen + "# k: v\n" + pyClose, ""},
		{"close only", "python", pyClose + "x\n", "none", 0, "", "", pyClose + "x\n", ""},
		{"three dashes are no block", "yaml", "---\nk: v\n...\n\nx\n", "none", 0, "", "", "---\nk: v\n...\n\nx\n", ""},
		{"slashes of JavaScript", "javascript", "/* === OmniNode:Metadata ===\nk: v\n=== /OmniNode:Metadata === */\nx\n", "full", 1, "", "", "x\n", "v"},
		{"Go", "go", "// === OmniNode:Metadata ===\n// k: v\n// === /OmniNode:Metadata ===\n\npackage a\n", "full", 1, "", "\n", "package a\n", "v"},
		{"compact", "python", "# === OmniNode:Metadata uuid=" + uuid + " ===\n\nx\n", "compact", 1, "", "\n", "x\n", ""},
		{"compact Markdown", "markdown", "<!-- === OmniNode:Metadata uuid=" + uuid + " === -->\n\nx\n", "compact", 1, "", "\n", "x\n", ""},
	} {
		p, err := named(t, tt.typ).Split([]byte(tt.src))
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		got := []string{string(p.Form), fmt.Sprint(p.Line), string(p.Head), string(p.Separator), string(p.Body), p.Meta.Text("k")}
		want := []string{string(tt.form), fmt.Sprint(tt.line), tt.head, tt.sep, tt.body, tt.field}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
		if p.Form == filetype.Compact && p.Meta.UUID() != uuid {
			t.Errorf("%s: uuid %q", tt.what, p.Meta.UUID())
		}
	}
}

func TestDamagedBlocksAreErrorsWithAPlace(t *testing.T) {
	for _, tt := range []struct {
		what, typ, src string
		kind           *fault.Kind
		line, column   string
	}{
		{"not closed", "python", "#!/bin/x\n" + pyOpen + "# k: v\nx = 1\n", filetype.ErrCorrupt, "2", "1"},
		{"opened twice", "python", pyOpen + "# k: v\nimport x\n" + pyOpen + "# k: v\n" + pyClose, filetype.ErrCorrupt, "4", "1"},
		{"too long", "python", pyOpen + strings.Repeat("#\n", meta.MaxText/2+1) + pyClose, filetype.ErrCorrupt, "1", "1"},
		{"no mapping", "python", "#!/bin/x\n\n" + pyOpen + "# k: v\n# oops\n" + pyClose, meta.ErrParse, "5", "3"},
		{"place behind the prefix", "python", pyOpen + "# k: a: b\n" + pyClose, meta.ErrParse, "2", "7"},
		{"place in an indented block", "python", "  " + pyOpen + "  # k: a: b\n  " + pyClose, meta.ErrParse, "2", "9"},
		{"place without prefix", "yaml", pyOpen + "k: a: b\n" + pyClose, meta.ErrParse, "2", "5"},
		{"place in Markdown", "markdown", "---\na: b\n---\n" + mdOpen + "k: v\nk: v\n" + mdClose, meta.ErrParse, "6", "1"},
		{"place in a comment per field", "markdown", mdOpen + "<!-- k: a: b -->\n" + mdClose, meta.ErrParse, "2", "10"},
		{"compact without uuid", "python", "#!/bin/x\n# === OmniNode:Metadata uuid=TBD ===\n", meta.ErrParse, "2", "30"},
	} {
		typ := named(t, tt.typ)
		p, err := typ.Split([]byte(tt.src))
		d := fault.ReportOf(err).Details
		if !errors.Is(err, tt.kind) || d["line"] != tt.line || d["column"] != tt.column {
			t.Errorf("%s: %v at line %s, column %s; want line %s, column %s", tt.what, err, d["line"], d["column"], tt.line, tt.column)
			continue
		}
		if p.Form != filetype.None || p.Meta.Len() != 0 {
			t.Errorf("%s: parts have a block: %v", tt.what, p.Form)
		}
		if _, err := typ.Strip([]byte(tt.src)); !errors.Is(err, tt.kind) {
			t.Errorf("%s: Strip: %v", tt.what, err)
		}
	}
}

func TestBlockAtTheWrongPlaceIsMoved(t *testing.T) {
	src := pyOpen + "# k: v\n" + pyClose + "\n#!/usr/bin/env python3\nx\n"
	py := named(t, "python")
	out, err := py.WithBlock([]byte(src), meta.NewBlock(meta.Field{Key: "k", Value: meta.String("w")}))
	if err != nil {
		t.Fatal(err)
	}
	want := "#!/usr/bin/env python3\n" + pyOpen + "# k: w\n" + pyClose + "\nx\n"
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	before, _ := py.Split([]byte(src))
	after, _ := py.Split(out)
	if before.Hash(before.Meta) != after.Hash(before.Meta) {
		t.Error("moving the block changes the hash")
	}
}

func TestSplitDoesNotCopy(t *testing.T) {
	src := []byte("#!/bin/x\n" + pyOpen + "# k: v\n" + pyClose + "\nbody\n")
	p, err := named(t, "python").Split(src)
	if err != nil {
		t.Fatal(err)
	}
	for i := range src {
		src[i] = 'X'
	}
	for _, part := range [][]byte{p.Head, p.Block, p.Separator, p.Body} {
		if bytes.Trim(part, "X") != nil && len(bytes.Trim(part, "X")) > 0 {
			t.Errorf("copied: %q", part)
		}
	}
	if p.Meta.Text("k") != "v" {
		t.Errorf("the block is not a copy: %q", p.Meta.Text("k"))
	}
}

func ExampleType_WithBlock() {
	py, _ := filetype.Standard().Find("hello.py", nil)
	src := []byte("#!/usr/bin/env python3\nprint('hello')\n")
	out, err := py.WithBlock(src, meta.NewBlock(meta.Field{Key: meta.FieldName, Value: meta.String("hello.py")}))
	if err != nil {
		fmt.Println(err)
		return
	}
	os.Stdout.Write(out)
	back, _ := py.Strip(out)
	fmt.Println(bytes.Equal(back, src))
	// Output:
	// #!/usr/bin/env python3
	// # === OmniNode:Metadata ===
	// # name: hello.py
	// # === /OmniNode:Metadata ===
	//
	// print('hello')
	// true
}

func BenchmarkSplit(b *testing.B) {
	py := named(b, "python")
	text, err := os.ReadFile("../meta/testdata/typical.yaml")
	if err != nil {
		b.Fatal(err)
	}
	fields, err := meta.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	src, err := py.WithBlock(bytes.Repeat([]byte("x = 1  # some code\n"), 300), fields)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := py.Split(src); err != nil {
			b.Fatal(err)
		}
	}
}
