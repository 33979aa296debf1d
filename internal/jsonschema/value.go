package jsonschema

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A value is JSON as encoding/json decodes it with UseNumber.
type (
	value  = any
	object = map[string]any
)

func itoa(i int) string { return strconv.Itoa(i) }

// orRoot names a pointer for people.
func orRoot(pointer string) string {
	if pointer == "" {
		return "the root"
	}
	return pointer
}

// typeOf names the type of a value as JSON Schema does.
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// rational returns a number exactly, nil for what is none.
func rational(v any) *big.Rat {
	n, ok := v.(json.Number)
	if !ok {
		return nil
	}
	r, _ := new(big.Rat).SetString(n.String())
	return r
}

func isInteger(v any) bool {
	n, _ := v.(json.Number)
	if n != "" && !strings.ContainsAny(n.String(), ".eE") {
		return true
	}
	r := rational(v)
	return r != nil && r.IsInt()
}

// equal compares values; numbers by what they are worth.
func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || rational(a).Cmp(rational(b)) == 0)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	case nil, bool, string:
		switch b.(type) {
		case nil, bool, string:
			return a == b
		}
	}
	return false
}

// twice returns the first two places with equal values; 0, 0 when there are
// none.
func twice(list []any) (i, j int) {
	places := make(map[string]int, len(list))
	for j, v := range list {
		key := string(identity(nil, v))
		if i, ok := places[key]; ok {
			return i, j
		}
		places[key] = j
	}
	return 0, 0
}

// identity appends a text that equal values share and others do not.
func identity(b []byte, v any) []byte {
	switch v := v.(type) {
	case json.Number:
		return append(b, rational(v).RatString()...)
	case []any:
		b = append(b, '[')
		for _, item := range v {
			b = append(identity(b, item), ',')
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			b = append(strconv.AppendQuote(b, name), ':')
			b = append(identity(b, v[name]), ',')
		}
		return append(b, '}')
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		return strconv.AppendQuote(b, v)
	}
	return append(b, "null"...)
}
