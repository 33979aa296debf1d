package schema

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// slow is decode without quick.
func slow(data []byte) (any, error) {
	r := reader{json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	v, err := r.value(0)
	if err == nil && r.trailing() {
		err = ErrDocument
	}
	return v, err
}

// FuzzQuick: what is read quickly is what is read token by token, or not at all.
func FuzzQuick(f *testing.F) {
	for _, s := range []string{
		`null`, ` true `, `false`, `"a"`, `"a\"\\\u00e9\ud83d\ude00\ud83d"`, `-0`, `1.50e+3`, `[]`, `{}`, `[1,[2,{"a":[]}],"x"]`,
		"{\"a\" :\t{ \"b\":\n[ null , 1 ]}, \"\": \"\"}", `{"a":1,"a":2}`, `{"a":1}{`, `1 2`, `01`, `1e999`, `{"a":}`, `[1,]`, ``, `"`, `"\`, `[`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Add(bytes.Repeat([]byte("["), maxDepth+2))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) {
			return // decode refuses it before
		}
		got, ok := quick(data)
		want, err := slow(data)
		if ok != (err == nil) || ok && !cmp.Equal(want, got) {
			t.Errorf("%q: got %v, %v; want %v, %v", data, got, ok, want, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(`{"name": "Ada", "items": [{"sku": "a-1", "count": 3, "price": 1.25}, {"sku": "b-2", "count": 1, "price": 20}], "express": true}`)
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			quick(data)
		}
	})
	b.Run("token by token", func(b *testing.B) {
		for b.Loop() {
			_, _ = slow(data)
		}
	})
}
