package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a document. They are those of an event, which carries it.
const (
	maxDocument = 1 << 20
	maxDepth    = 64

	// maxNumber bounds the digits and the exponent of a number: comparing
	// 1e999999999 exactly would need a gigabyte.
	maxNumber = 400
)

// decode reads one JSON value strictly, into the types that the validator
// takes.
func decode(data []byte) (any, error) {
	switch {
	case len(data) > maxDocument:
		return nil, ErrDocument.With("%d bytes are more than the limit of %d", len(data), maxDocument)
	case !utf8.Valid(data):
		return nil, ErrDocument.With("not UTF-8")
	}
	if v, ok := quick(data); ok {
		return v, nil
	}
	r := reader{json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	v, err := r.value(0)
	if err == nil && r.trailing() {
		err = errors.New("something follows the value")
	}
	if err != nil {
		return nil, ErrDocument.Wrap(err, "at byte %d", r.InputOffset())
	}
	return v, nil
}

type reader struct{ *json.Decoder }

func (r reader) trailing() bool {
	_, err := r.Token()
	return err != io.EOF
}

// token is Token where the value is not complete.
func (r reader) token() (json.Token, error) {
	t, err := r.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

func (r reader) value(depth int) (any, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels", maxDepth)
	}
	switch t := t.(type) {
	case json.Number:
		return t, checkNumber(t.String())
	case json.Delim:
		if t == '[' {
			return r.list(depth)
		}
		return r.object(depth)
	}
	return t, nil
}

func (r reader) list(depth int) (any, error) {
	list := []any{}
	for r.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := r.token()
	return list, err
}

func (r reader) object(depth int) (any, error) {
	object := map[string]any{}
	for r.More() {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if _, ok := object[key]; ok {
			return nil, fmt.Errorf("duplicate key %q", key)
		}
		if object[key], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := r.token()
	return object, err
}

func checkNumber(s string) error {
	_, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	n, err := strconv.Atoi(exponent)
	if exponent != "" && err != nil || n > maxNumber || n < -maxNumber || len(s) > maxNumber {
		return fmt.Errorf("a number of more than %d digits", maxNumber)
	}
	if _, ok := new(big.Rat).SetString(s); !ok {
		return fmt.Errorf("number %q", s)
	}
	return nil
}
