package meta_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/meta"
)

// texts are what makes trouble for those who write YAML by hand.
var texts = rapid.OneOf(
	rapid.String(),
	rapid.StringMatching(`[a-z0-9 :#'"\\,\[\]{}!&*|>%@.?=~<_+-]{0,12}`),
	rapid.StringMatching(`[0-9+.:_xobeEfn-]{1,10}`),
	rapid.SampledFrom([]string{"", " ", "null", "~", "yes", "No", "on", "true", "2025-01-01", "1e3", "-->", "a --!> b", "*/", "C:\\users",
		"é\u2028x", "\u00a0", "\ufeff", "<<", "=", "- a", "---", "...", "a: b", "x:", "it's", "\n", "a\n\n b ", "0.95", "1:30", ".inf", "+.NaN", "y"}),
)

func value(depth int) *rapid.Generator[meta.Value] {
	scalar := rapid.Custom(func(t *rapid.T) meta.Value {
		if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
			return meta.Null{}
		}
		return meta.String(texts.Draw(t, "text"))
	})
	if depth == 0 {
		return scalar
	}
	return rapid.OneOf(scalar,
		rapid.Custom(func(t *rapid.T) meta.Value {
			return append(meta.List{}, rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "list")...)
		}),
		rapid.Custom(func(t *rapid.T) meta.Value { return append(meta.Map{}, fields(depth-1).Draw(t, "map")...) }))
}

func fields(depth int) *rapid.Generator[[]meta.Field] {
	field := rapid.Custom(func(t *rapid.T) meta.Field {
		key := rapid.OneOf(rapid.SampledFrom(meta.ModelOrder()), texts).Draw(t, "key")
		return meta.Field{Key: key, Value: value(depth).Draw(t, "value")}
	})
	return rapid.SliceOfNDistinct(field, 0, 5, func(f meta.Field) string { return f.Key })
}

func TestParseReadsWhatPrintWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := meta.NewBlock(fields(3).Draw(t, "fields")...)
		text := meta.Print(b)
		got, err := meta.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(b, got); diff != "" {
			t.Fatalf("changed (-want +got):\n%s\n%s", diff, text)
		}
	})
}

func TestYAMLLibraryReadsWhatPrintWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := meta.NewBlock(fields(3).Draw(t, "fields")...)
		text := meta.Print(b)
		var node yaml.Node
		if err := yaml.Unmarshal(text, &node); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if b.Len() == 0 {
			return
		}
		if diff := cmp.Diff(meta.Value(meta.Map(b.Fields())), valueOf(node.Content[0], false)); diff != "" {
			t.Fatalf("read differently (-want +got):\n%s\n%s", diff, text)
		}
	})
}

func TestPrintNeverEndsAComment(t *testing.T) {
	ends := rapid.StringMatching(`[-!<>*/\\ua]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		b := meta.NewBlock(meta.Field{Key: ends.Draw(t, "key"), Value: meta.Strings(ends.Draw(t, "a"), ends.Draw(t, "b"))})
		text := string(meta.Print(b))
		for _, end := range []string{"-->", "--!>", "<!--", "*/", "/*"} {
			if strings.Contains(text, end) {
				t.Fatalf("contains %s:\n%s", end, text)
			}
		}
		if i := strings.Index(strings.ReplaceAll(text, `\\`, ""), `\u`); i >= 0 {
			t.Fatalf("contains an escape of Java:\n%s", text)
		}
		if got, err := meta.Parse([]byte(text)); err != nil || !got.Equal(b) {
			t.Fatalf("changed, %v:\n%s", err, text)
		}
	})
}

// typed are the fields below which the model has numbers or booleans.
var typed = []string{meta.FieldTrustScore, meta.FieldDependencies, meta.FieldInputs, meta.FieldOutputs,
	meta.FieldTesting, meta.FieldDataHandling, meta.FieldTools}

// valueOf converts what the library read. A scalar that it did not take for a
// text, though the model has no number or boolean there, is marked.
func valueOf(n *yaml.Node, mayBeTyped bool) meta.Value {
	switch n.Kind {
	case yaml.MappingNode:
		m := meta.Map{}
		for i := 0; i < len(n.Content); i += 2 {
			k := n.Content[i]
			key := k.Value
			if k.Tag != "!!str" {
				key = k.Tag + key
			}
			m = append(m, meta.Field{Key: key, Value: valueOf(n.Content[i+1], mayBeTyped || slices.Contains(typed, key))})
		}
		return m
	case yaml.SequenceNode:
		l := meta.List{}
		for _, c := range n.Content {
			l = append(l, valueOf(c, mayBeTyped))
		}
		return l
	}
	if n.Tag == "!!null" {
		return meta.Null{}
	}
	if n.Tag != "!!str" && !mayBeTyped {
		return meta.String(n.Tag + " " + n.Value)
	}
	return meta.String(n.Value)
}
