package schema

import (
	"bytes"
	"encoding/json"
)

// quick reads a value that is valid JSON in UTF-8 without asking the decoder for each token,
// which takes several times as long. It says no to whatever decode refuses; that says why.
func quick(data []byte) (any, bool) {
	if !json.Valid(data) {
		return nil, false
	}
	q := quickly{data: data}
	v, ok := q.value(0)
	return v, ok
}

// A quickly is at a byte of valid JSON.
type quickly struct {
	data []byte
	at   int
}

// next skips white space, commas and colons, which stand where they must.
func (q *quickly) next() byte {
	for {
		switch c := q.data[q.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			q.at++
		default:
			return c
		}
	}
}

func (q *quickly) value(depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	switch q.next() {
	case '{':
		return q.object(depth)
	case '[':
		return q.list(depth)
	case '"':
		return q.text()
	case 't':
		q.at += len("true")
		return true, true
	case 'f':
		q.at += len("false")
		return false, true
	case 'n':
		q.at += len("null")
		return nil, true
	}
	return q.number()
}

func (q *quickly) object(depth int) (any, bool) {
	object := map[string]any{}
	for q.at++; q.next() != '}'; {
		key, ok := q.text()
		if _, twice := object[key]; !ok || twice {
			return nil, false
		}
		if object[key], ok = q.value(depth + 1); !ok {
			return nil, false
		}
	}
	q.at++
	return object, true
}

func (q *quickly) list(depth int) (any, bool) {
	list := []any{}
	for q.at++; q.next() != ']'; {
		v, ok := q.value(depth + 1)
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
	q.at++
	return list, true
}

// text reads a string. One with escapes is left to the decoder.
func (q *quickly) text() (string, bool) {
	begin := q.at
	for q.at++; q.data[q.at] != '"'; q.at++ {
		if q.data[q.at] == '\\' {
			q.at++
		}
	}
	q.at++
	raw := q.data[begin:q.at]
	if !bytes.ContainsRune(raw, '\\') {
		return string(raw[1 : len(raw)-1]), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

func (q *quickly) number() (any, bool) {
	begin := q.at
	for q.at < len(q.data) && bytes.IndexByte([]byte("+-.0123456789eE"), q.data[q.at]) >= 0 {
		q.at++
	}
	s := string(q.data[begin:q.at])
	if !bytes.ContainsAny(q.data[begin:q.at], "eE") { // it is as long as it looks
		return json.Number(s), len(s) <= maxNumber
	}
	return json.Number(s), checkNumber(s) == nil
}
