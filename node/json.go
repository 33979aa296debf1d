package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fromJSON reads one JSON value strictly: no duplicate keys, nothing after it.
func fromJSON(data []byte) (*value, error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("%d bytes are more than the limit of %d", len(data), maxDocument)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	r := jsonReader{json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON value")
	}
	v.locate()
	return v, nil
}

type jsonReader struct{ *json.Decoder }

// token is Token where the value is not complete.
func (r jsonReader) token() (json.Token, error) {
	t, err := r.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

func (r jsonReader) value(depth int) (*value, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels", maxDepth)
	}
	v := &value{}
	switch t := t.(type) {
	case string:
		v.kind, v.text = text, t
	case json.Number:
		v.kind, v.text = number, t.String()
	case bool:
		v.kind, v.text = boolean, strconv.FormatBool(t)
	case json.Delim:
		if t == '[' {
			err = r.list(v, depth)
		} else {
			err = r.object(v, depth)
		}
	default:
		v.kind, v.text = null, "null"
	}
	return v, err
}

func (r jsonReader) list(v *value, depth int) error {
	v.kind = list
	for r.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
	_, err := r.token()
	return err
}

func (r jsonReader) object(v *value, depth int) error {
	v.kind = object
	seen := map[string]bool{}
	for r.More() {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return fmt.Errorf("duplicate key %s", quote(key))
		}
		seen[key] = true
		m, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		v.members = append(v.members, member{key: key, value: m})
	}
	_, err := r.token()
	return err
}

// appendJSON appends v as JSON without white space, in v's own order, with the
// digits of numbers as they are.
func appendJSON(b []byte, v *value) []byte {
	k, s := v.resolved()
	switch k {
	case object:
		b = append(b, '{')
		for i, m := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, m.key), ':')
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case list:
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case text:
		return appendString(b, s)
	}
	return append(b, s...)
}

// appendString writes the shortest JSON string, which is also RFC 8785's: only
// what must be escaped is escaped.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		if r < ' ' || r == '"' || r == '\\' {
			b = appendEscape(b, byte(r))
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func appendEscape(b []byte, c byte) []byte {
	const long, short = "\b\f\n\r\t\"\\", `bfnrt"\`
	if i := strings.IndexByte(long, c); i >= 0 {
		return append(b, '\\', short[i])
	}
	return fmt.Appendf(b, `\u%04x`, c)
}

func quote(s string) string {
	const most = 80 // a message is for reading
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
