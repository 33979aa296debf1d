package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Format is how a result is written. It is a flag value (pflag.Value).
type Format string

// The formats. Not every command offers all.
const (
	Text    Format = "text"    // for people; may change between versions
	Table   Format = "table"   // one line for each item, columns aligned
	JSON    Format = "json"    // for programs; documented by a schema, stable
	YAML    Format = "yaml"    // the same value as JSON
	Summary Format = "summary" // the totals only
)

// Formats returns all formats.
func Formats() []Format { return []Format{Text, Table, JSON, YAML, Summary} }

// Set parses a flag's value.
func (f *Format) Set(s string) error {
	if !slices.Contains(Formats(), Format(s)) {
		return fmt.Errorf("%q is not one of %s", s, formatNames())
	}
	*f = Format(s)
	return nil
}

func (f *Format) String() string { return string(*f) }

// Type names the value in help texts.
func (f *Format) Type() string { return formatNames() }

func formatNames() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, "|")
}

// A Texter is a value with a form for people.
type Texter interface{ Text(e *Env, w io.Writer) }

// A Tabler is a value that is a table.
type Tabler interface{ Table() Grid }

// A Summarizer is a value with totals.
type Summarizer interface{ Summary(w io.Writer) }

// Print writes v to Out in format f. JSON and YAML are always possible; a text
// form falls back to a table and a table to YAML, so every format works for
// every value.
func (e *Env) Print(f Format, v any) error {
	var buf bytes.Buffer
	if err := e.render(&buf, f, v); err != nil {
		return err
	}
	text := buf.Bytes()
	if e.Screen && (f == Text || f == Table || f == Summary) {
		text = []byte(e.harmless(buf.String()))
	}
	_, err := e.Out.Write(text)
	return err
}

func (e *Env) render(w *bytes.Buffer, f Format, v any) error {
	switch f {
	case JSON:
		return writeJSON(w, v)
	case YAML:
		return writeYAML(w, v)
	case Summary:
		if s, ok := v.(Summarizer); ok {
			s.Summary(w)
			return nil
		}
	case Text:
		if t, ok := v.(Texter); ok {
			t.Text(e, w)
			return nil
		}
	}
	if t, ok := v.(Tabler); ok {
		t.Table().write(e, w)
		return nil
	}
	return writeYAML(w, v)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeYAML goes through JSON, so that both show the same keys. JSON is YAML:
// the node keeps the order of the keys and only the style changes.
func writeYAML(w io.Writer, v any) error {
	var doc bytes.Buffer
	if err := writeJSON(&doc, v); err != nil {
		return err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(escaped(doc.Bytes()), &node); err != nil {
		return err
	}
	blockStyle(&node)
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(&node); err != nil {
		return err
	}
	return enc.Close()
}

// escaped writes the characters that YAML does not allow in a document as JSON
// escapes; in JSON they occur in strings only.
func escaped(doc []byte) []byte {
	if bytes.IndexFunc(doc, forbidden) < 0 {
		return doc
	}
	var b bytes.Buffer
	for _, r := range string(doc) {
		if forbidden(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// forbidden reports whether r may not stand in a YAML document as it is
// (YAML 1.2.2, production 1).
func forbidden(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0xfeff || r == 0xfffe || r == 0xffff
}

// blockStyle undoes the flow style and the quotes that JSON brought, where the
// string reads as a string without them.
func blockStyle(n *yaml.Node) {
	n.Style = 0
	if n.Tag == "!!str" && yaml11Bool(n.Value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, c := range n.Content {
		blockStyle(c)
	}
}

// yaml11Bool reports whether a YAML 1.1 reader, such as PyYAML, takes s for a
// boolean. The encoder follows YAML 1.2, where these are strings.
func yaml11Bool(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off":
		return true
	}
	return false
}
