package mcpbridge_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

// FuzzStreams holds that no input harms a server: whatever lines a client
// writes, serving it ends when the input ends.
func FuzzStreams(f *testing.F) {
	w := newWorld(f)
	w.run((&greeter{}).host)
	s := w.serve(&mcpbridge.Options{})
	f.Add(hello + "\n" + `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"greet","arguments":{"name":"Ada"}}}`)
	f.Add(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"count","_meta":{"onex/timeout_ms":1e99,"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`)
	f.Add(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"onex://nodes/%00"}}`)
	f.Add(`[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}]`)
	f.Fuzz(func(t *testing.T, input string) {
		if strings.Contains(input, "listen") {
			t.Skip("a subscription lasts until the grace of the connection is over")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
		defer cancel()
		if _ = s.RunStreams(ctx, strings.NewReader(input), io.Discard); ctx.Err() != nil {
			t.Errorf("serving went on after the end of %q", input)
		}
	})
}
