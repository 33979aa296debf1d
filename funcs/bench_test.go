package funcs_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/omninode-ai/onex/funcs"
)

// BenchmarkAll lists the functions of a source of about 1 MB: the cases of the
// language, again and again.
func BenchmarkAll(b *testing.B) {
	for _, lang := range funcs.Languages() {
		src := large(b, lang)
		b.Run(string(lang), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if all, _ := funcs.All(lang, src); len(all) == 0 {
					b.Fatal("nothing found")
				}
			}
		})
	}
}

// BenchmarkFindNothing is what a source without markers costs.
func BenchmarkFindNothing(b *testing.B) {
	src := bytes.Repeat([]byte("def f(x):\n    return x + 1\n\n"), 40000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		funcs.Find(funcs.Python, src)
	}
}

func large(tb testing.TB, lang funcs.Language) []byte {
	tb.Helper()
	names := map[funcs.Language]string{
		funcs.Python: "tools.py", funcs.JavaScript: "text.js", funcs.TypeScript: "tools.ts",
		funcs.Shell: "text.sh", funcs.Go: "tools.go", funcs.Rust: "text.rs", funcs.Java: "Text.java",
	}
	src, err := os.ReadFile("testdata/" + string(lang) + "/" + names[lang])
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Repeat(src, 1<<20/len(src))
}
