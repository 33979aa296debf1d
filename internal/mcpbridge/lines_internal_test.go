package mcpbridge

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestLinesThatAreNoMessagesAreAnswered: the others are handed on as they are.
func TestLinesThatAreNoMessagesAreAnswered(t *testing.T) {
	good := `{"jsonrpc":"2.0","id":1,"method":"tools/list"}` + "\n"
	for _, tt := range []struct{ name, in, passed, answer string }{
		{"messages", good + good, good + good, ""},
		{"no newline at the end", strings.TrimSpace(good), strings.TrimSpace(good), ""},
		{"empty lines", "\n \n" + good, "\n \n" + good, ""},
		{"a batch", "[" + strings.TrimSpace(good) + "]\n", "[" + strings.TrimSpace(good) + "]\n", ""},
		{"garbage between", good + "garbage\n" + good, good + good, `"id":null,"error":{"code":-32700`},
		{"a broken batch", "[1,\n" + good, good, `{"code":-32700`},
		{"another document", `{"a":1}` + "\n" + good, good, `{"code":-32600`},
		{"a number", "42\n" + good, good, `{"code":-32600`},
	} {
		var out bytes.Buffer
		got, err := io.ReadAll(&lineFilter{in: bufio.NewReader(strings.NewReader(tt.in)), out: &out})
		if err != nil || string(got) != tt.passed {
			t.Errorf("%s: handed on %q, error %v", tt.name, got, err)
		}
		if !strings.Contains(out.String(), tt.answer) || (tt.answer == "") != (out.Len() == 0) {
			t.Errorf("%s: answered %q", tt.name, out.String())
		}
	}
}
