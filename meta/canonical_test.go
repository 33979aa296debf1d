package meta_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/meta"
)

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

func mustParse(t testing.TB, text string) meta.Block {
	t.Helper()
	b, err := meta.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return b
}

func TestHashVectors(t *testing.T) {
	var file struct {
		Vectors []struct{ Name, Why, Block, Rest, Canonical, Hash string }
	}
	readJSON(t, "testdata/vectors/hash.json", &file)
	if len(file.Vectors) < 20 {
		t.Fatalf("%d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		b := mustParse(t, v.Block)
		if got := string(meta.Canonical(b, []byte(v.Rest))); got != v.Canonical {
			t.Errorf("%s: %s\n got %q\nwant %q", v.Name, v.Why, got, v.Canonical)
		}
		if got := meta.Hash(b, []byte(v.Rest)); got != v.Hash {
			t.Errorf("%s: %s\nhash %s, want %s", v.Name, v.Why, got, v.Hash)
		}
	}
}

// A line break may be cut in two by the pieces, and its second half be a piece.
func TestPiecesOfALineBreak(t *testing.T) {
	for _, rest := range [][]string{{"\r", "\n", "\na"}, {"a\r", "", "\nb"}, {"a\r", "\n", "", "\n", "b"}, {"\r", "\r", "\n", "b"}} {
		var pieces [][]byte
		for _, p := range rest {
			pieces = append(pieces, []byte(p))
		}
		if got, want := meta.Canonical(meta.Block{}, pieces...), meta.Canonical(meta.Block{}, bytes.Join(pieces, nil)); !bytes.Equal(got, want) {
			t.Errorf("%q: %q, want %q", rest, got, want)
		}
	}
}

func TestHashIsOfTheCanonicalForm(t *testing.T) {
	pieces := rapid.SliceOfN(rapid.Map(rapid.StringMatching("(\ufeff)?[ab \\t\\r\\n]{0,6}"), func(s string) []byte { return []byte(s) }), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		b := meta.NewBlock(fields(2).Draw(t, "fields")...)
		rest := pieces.Draw(t, "rest")
		canonical := meta.Canonical(b, rest...)
		sum := sha256.Sum256(canonical)
		if got, want := meta.Hash(b, rest...), hex.EncodeToString(sum[:]); got != want {
			t.Fatalf("hash %s, want %s", got, want)
		}
		if whole := meta.Canonical(b, bytes.Join(rest, nil)); !bytes.Equal(canonical, whole) {
			t.Fatalf("pieces %q count:\n got %q\nwant %q", rest, canonical, whole)
		}
		head, _, _ := bytes.Cut(canonical, []byte("\n"))
		if !json.Valid(head) {
			t.Fatalf("not JSON: %s", head)
		}
	})
}

func TestCanonicalKeepsNothingOfThePrintedForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := meta.NewBlock(fields(2).Draw(t, "fields")...)
		again, err := meta.Parse(meta.Print(b.Ordered()))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := meta.Hash(again), meta.Hash(b); got != want {
			t.Fatalf("order or printing changes the hash:\n%s\n%s", meta.Canonical(again), meta.Canonical(b))
		}
	})
}

func ExampleHash() {
	b, err := meta.Parse([]byte("name: hello.py\nuuid: 11111111-2222-4333-8444-555555555555\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	b.SetText(meta.FieldHash, meta.Hash(b, []byte("print('hello')\n")))
	fmt.Println(b.Hash() == meta.Hash(b, []byte("print('hello')\r\n")))
	fmt.Println(b.Hash() == meta.Hash(b, []byte("print('hallo')\n")))
	// Output:
	// true
	// false
}

func benchBlock(b *testing.B) meta.Block {
	text, err := os.ReadFile("testdata/typical.yaml")
	if err != nil {
		b.Fatal(err)
	}
	return mustParse(b, string(text))
}

// The target for Hash is 1.5 times SHA256.
func BenchmarkHash10KB(b *testing.B) {
	block, rest := benchBlock(b), bytes.Repeat([]byte("0123456789abcde\n"), 640)
	b.SetBytes(int64(len(rest)))
	b.ReportAllocs()
	for b.Loop() {
		meta.Hash(block, rest)
	}
}

func BenchmarkHash10KBofCRLF(b *testing.B) {
	block, rest := benchBlock(b), bytes.Repeat([]byte("0123456789abcd\r\n"), 640)
	b.SetBytes(int64(len(rest)))
	for b.Loop() {
		meta.Hash(block, rest)
	}
}

func BenchmarkSHA256of10KB(b *testing.B) {
	rest := bytes.Repeat([]byte("0123456789abcde\n"), 640)
	b.SetBytes(int64(len(rest)))
	for b.Loop() {
		sha256.Sum256(rest)
	}
}

func BenchmarkParse(b *testing.B) {
	text := meta.Print(benchBlock(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := meta.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
