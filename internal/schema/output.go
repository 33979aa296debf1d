package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// An Output is a JSON that a program prints, and how its schema is made.
type Output struct {
	File   string // of the schema, without .json
	Title  string // who prints it
	Render func(id, title string) ([]byte, error)
}

// Annotate returns a schema as a file: indented, with $schema, a title, and $id unless
// that is empty, where the schema does not have its own, and a line feed at the end.
// The schema is an object.
func Annotate(raw json.RawMessage, id, title string) ([]byte, error) {
	var own map[string]json.RawMessage
	if err := json.Unmarshal(raw, &own); err != nil {
		return nil, ErrSchema.Wrap(err, "%s", title)
	}
	var head []string
	for _, f := range []struct{ key, value string }{{"$schema", Draft}, {"$id", id}, {"title", title}} {
		if f.value == "" || own[f.key] != nil {
			continue
		}
		value, err := marshal(f.value)
		if err != nil {
			return nil, err
		}
		head = append(head, `"`+f.key+`":`+string(value))
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(raw), []byte{'{'}))
	if len(own) > 0 {
		head = append(head, "")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, slices.Concat([]byte("{"), []byte(strings.Join(head, ",")), body), "", "  "); err != nil {
		return nil, ErrSchema.Wrap(err, "%s", title)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
