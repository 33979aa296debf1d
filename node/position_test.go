package node_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/node"
)

func TestPosition(t *testing.T) {
	const document = "tools:\n  greet:\n    list:\n      - one\n      - {a/b: 1, c~d: 2}\n  empty:\n"
	for pointer, want := range map[string]string{
		"":                       "1:1",
		"/tools/greet/list":      "3:5",
		"/tools/greet/list/0":    "4:9",
		"/tools/greet/list/1":    "5:9",
		"/tools/greet/list/2":    "3:5", // it leads nowhere: the list
		"/tools/greet/list/-1":   "3:5",
		"/tools/greet/list/x":    "3:5",
		"/nothing":               "1:1",
		"/tools/greet/list/0/up": "4:9",
	} {
		if got := node.Position([]byte(document), pointer); got != want {
			t.Errorf("%q: %q, want %q", pointer, got, want)
		}
	}
	for _, pointer := range []string{"/tools/greet/list/1/a~1b", "/tools/greet/list/1/c~0d"} {
		if got := node.Position([]byte(document), pointer); !strings.HasPrefix(got, "5:") || got == "5:9" {
			t.Errorf("%q: %q, want what the escaped key has", pointer, got)
		}
	}
	if got := node.Position([]byte("a: ["), "/a"); got != "" {
		t.Errorf("in a document that cannot be read: %q", got)
	}
}

// FuzzPosition holds that a position, if there is one, lies in the document.
func FuzzPosition(f *testing.F) {
	f.Add([]byte("a: [1, {b: 2}]\n"), "/a/1/b")
	f.Add([]byte("? x\n: y\n"), "/x/~1~0")
	f.Fuzz(func(t *testing.T, document []byte, pointer string) {
		at := node.Position(document, pointer)
		if at == "" {
			return
		}
		var line, column int
		if n, err := fmt.Sscanf(at, "%d:%d", &line, &column); n != 2 || err != nil || line < 1 || column < 1 {
			t.Fatalf("%q: %v", at, err)
		}
		if lines := strings.Count(strings.ReplaceAll(string(document), "\r", "\n"), "\n") + 1; line > lines {
			t.Errorf("line %d of %d", line, lines)
		}
	})
}
