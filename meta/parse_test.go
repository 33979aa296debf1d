package meta_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/meta"
)

// shapes are read as a YAML library reads them, scalars as text.
var shapes = []string{
	"a: b", "a:   b   ", "a: b # c", "a: b#c", "a: 'b' # c", "# c\na: b\n\n# d\nc: d\n", "a:\nb: c\n", "a: ~\nb: null\nc: 'null'\n",
	"a:\n- b\n- c\nd: e\n", "a:\n  - b\n  - c\nd: e\n", "a:\n- b: c\n  d: e\n- f\n", "a:\n- - b\n  - c\n- d\n", "a:\n-\n  b: c\n-\n- d\n",
	"a:\n    b:\n        c: d\n    e: f\ng: h\n", "a: [b, c]\n", "a: [b, 'c, d', \"e\"]\n", "a: {b: c, d: [e, f], 'g': {}}\n", "a: []\nb: {}\n",
	"a: [\n  b,\n  c ]\nd: e\n", "a: {b: ,c: d}\n", "{a: b, c: d}\n", "a: b\n  c\n  d\ne: f\n", "a: b\n\n  c\n", "a: 'b\n  c\n\n  d'\n", "a: \"b\n  c \\\n  d\\n\"\n",
	"a: |\n  b\n   c\n\n  d\ne: f\n", "a: |-\n  b\n  c\n", "a: |+\n  b\n\n\nc: d\n", "a: >\n  b\n  c\n\n  d\n    e\n  f\n", "a: >-\n  b\n  c\n", "a: |2\n   b\n  c\n",
	"'a b': c\n\"d\": e\n? f\n", "a: b: c", "a: it's\n", "a: \"\\u00e9\\x41\\U0001F600\\e\"\n", "a: -b\nc: ?d\ne: :f\n", "a: http://x:1/y\n", "a: b\r\nc:\r\n- d\r\n",
	"a: '''b'''\n", "a: b  \n   \nc: d\n", "---\na: b\n...\n", "  a: b\n  c: d\n", "a: - b\n", "a: @b\n", "a: `b\n", "a: %b\n", "a: \"b\" c\n", "a: [b\n", "a: 'b\n", "a: [a b: c]\n",
	"a: b\n c: d\n", "a: b\n   c: d\n", "- a\n", "a\n", "a: b\n- c\n", "a:\n  b\nc: d\n", "a:\n  'b': c\n", "a:\n- 'b': c\n", "a:\n  [b, c]\n", "\ta: b\n", "a:\n\tb: c\n",
	"a: {b: {c: {d: e}}}\n", "a: [[b], [], {}]\n", "a: b\na: c\n", "a: {b: c, b: d}\n", "a: [b,]\n", "a: {b: c,}\n", "a: [,]\n", "a: \"\\q\"\n", "a: |x\n  b\n", "a: >\n\n  b\n c\n",
	"a: |\nb: c\n", "a: \"\"\n", "a: ''\n", "a: '\n\n'\n", "a: 1.10\nb: 0x1F\nc: yes\nd: 2025-01-01\n",
}

func TestParseReadsAsALibraryDoes(t *testing.T) {
	for _, text := range shapes {
		var node yaml.Node
		libErr := yaml.Unmarshal([]byte(text), &node)
		b, err := meta.Parse([]byte(text))
		if err != nil {
			continue // what is refused has a table of its own
		}
		if libErr != nil || len(node.Content) == 0 {
			t.Errorf("%q is read as %v; the library: %v", text, b.Fields(), libErr)
			continue
		}
		if diff := cmp.Diff(valueOf(node.Content[0], true), meta.Value(meta.Map(b.Fields()))); diff != "" {
			t.Errorf("%q (-library +got):\n%s", text, diff)
		}
	}
}

func TestParseErrorsHaveAPlace(t *testing.T) {
	long := strings.Repeat("k", meta.MaxKey+1)
	for _, tt := range []struct{ text, want string }{
		{"a: b: c", "line 1, column 5: colon inside an unquoted value: quote it"},
		{"a: b\n  c: d", "line 2, column 4: neither a key of this mapping nor the rest of the value above"},
		{"a: b\na: c", `line 2, column 1: key "a" is there twice`},
		{"a: {b: c, b: d}", `line 1, column 11: key "b" is there twice`},
		{"a: 'b\nc: d\n", "line 1, column 4: quote is not closed"},
		{"a: \"b\\", "line 1, column 6: quote is not closed"},
		{"a: [b,\nc: d\n", "line 2, column 2: expected a comma or ']'"},
		{"a: [b,\nc\n", "line 1, column 4: bracket is not closed"},
		{"a: {b: c\n", "line 1, column 4: bracket is not closed"},
		{"a: {b}", "line 1, column 6: expected a colon after the key \"b\""},
		{"a: [,]", "line 1, column 5: expected a value, found ','"},
		{"a: {[b]: c}", "line 1, column 5: a key must be a scalar"},
		{"x: y\na: &b c", "line 2, column 4: '&' cannot start a value: quote it"},
		{"a: *b", "line 1, column 4: '*' cannot start a value: quote it"},
		{"a: !b c", "line 1, column 4: '!' cannot start a value: quote it"},
		{"a: - b", "line 1, column 4: '-' cannot start a value: quote it"},
		{"? a", "line 1, column 1: expected a key and a colon, found \"? a\""},
		{"a: 'b' c", "line 1, column 8: text after the value: \"c\""},
		{"a: [b] c", "line 1, column 8: text after the value: \"c\""},
		{"a:\n\tb: c", "line 2, column 1: tab in the indentation"},
		{"- a", "line 1, column 1: expected a key and a colon, found \"- a\""},
		{"a: b\n- c", "line 2, column 1: list item where a key is expected"},
		{"a", "line 1, column 1: expected a key and a colon, found \"a\""},
		{"a:\n  b: c\n   d: e", "line 3, column 5: neither a key of this mapping nor the rest of the value above"},
		{"a:\n  b:\n   - c\n  d: e\n f: g", "line 5, column 2: indented deeper than the key above"},
		{"  a: b\nc: d", "line 2, column 1: expected a key at the indentation of the first, found \"c: d\""},
		{"a: \"\\q\"", `line 1, column 5: unknown escape \q`},
		{"a: \"\\xZZ\"", `line 1, column 5: malformed escape "\\xZZ"`},
		{"a: \"\\ud800\"", `line 1, column 5: malformed escape "\\ud800"`},
		{"a: |x\n  b", "line 1, column 5: malformed header of a text block: \"|x\""},
		{"a: \x00", "line 1, column 4: byte 0x0 is not allowed"},
		{"a: é\xff", "line 1, column 6: byte 0xff is not allowed"},
		{"{a: b} c", "line 1, column 8: text after the value: \"c\""},
		{"{a: b}\nc: d", "line 2, column 1: text after the block's mapping: \"c: d\""},
		{long + ": a", "line 1, column 1: key of 257 bytes, the limit is 256"},
		{"a: " + strings.Repeat("[", 40), "line 1, column 35: values nest deeper than 32"},
		{strings.Repeat("- ", 40), "line 1, column 1: expected a key and a colon, found \"- - - - - - - - - - \""},
		{strings.Repeat("a", meta.MaxText+1), "line 1, column 1: 262145 bytes, the limit is 262144"},
	} {
		_, err := meta.Parse([]byte(tt.text))
		var at *meta.SyntaxError
		if !errors.As(err, &at) || !errors.Is(err, meta.ErrParse) {
			t.Errorf("%.40q: error %v", tt.text, err)
			continue
		}
		if got := strings.TrimPrefix(err.Error(), "metadata block cannot be read: "); got != tt.want {
			t.Errorf("%.40q:\n got %s\nwant %s", tt.text, got, tt.want)
		}
		if d := fault.ReportOf(err).Details; d["line"] == "" || d["column"] == "" {
			t.Errorf("%.40q: details %v", tt.text, d)
		}
	}
}

func TestParseRefusesTooManyKeys(t *testing.T) {
	var text strings.Builder
	for i := range meta.MaxFields + 1 {
		text.WriteString(strings.Repeat("k", i%100+1) + strings.Repeat("j", i/100) + ":\n")
	}
	if _, err := meta.Parse([]byte(text.String())); !errors.Is(err, meta.ErrParse) {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range shapes {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := meta.Parse(text)
		if err != nil {
			return
		}
		printed := meta.Print(b)
		again, err := meta.Parse(printed)
		if err != nil {
			t.Fatalf("%v\n%q is printed as\n%s", err, text, printed)
		}
		if !again.Equal(b) {
			t.Fatalf("%q is printed as\n%s", text, printed)
		}
		var node yaml.Node
		if err := yaml.Unmarshal(printed, &node); err != nil {
			t.Fatalf("%v\n%q is printed as\n%s", err, text, printed)
		}
		meta.Hash(b, text)
		b.Validate()
	})
}
