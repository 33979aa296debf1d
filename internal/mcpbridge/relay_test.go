package mcpbridge_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

func TestRelayReachesServersOfBothEras(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	addr := w.listen(w.serve(nil), token)
	for _, version := range []string{modern, legacy} {
		t.Run(version, func(t *testing.T) {
			toRelay, fromClient := io.Pipe()
			toClient, fromRelay := io.Pipe()
			done := make(chan error, 1)
			go func() {
				done <- mcpbridge.Relay(context.Background(), "http://"+addr.String()+"/mcp", token, toRelay, fromRelay)
				fromRelay.Close()
			}()
			m := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
			session, err := m.Connect(t.Context(), &mcp.IOTransport{Reader: toClient, Writer: fromClient},
				&mcp.ClientSessionOptions{ProtocolVersion: version})
			if err != nil {
				t.Fatal(err)
			}
			c := &client{ClientSession: session, t: t}
			if got := c.names(); len(got) != 3 {
				t.Errorf("tools %v", got)
			}
			if r := c.call("greet", `{"name":"Ada"}`, nil); r.IsError {
				t.Errorf("%+v", r)
			}
			c.Close()
			if err := <-done; err != nil {
				t.Errorf("the relay ended with %v", err)
			}
		})
	}
}

func TestRelaySaysWhyAServerCannotBeUsed(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "https://example.org/steal", http.StatusTemporaryRedirect)
		case "/html":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "<html>")
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer broken.Close()
	const ask = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}` + "\n"
	for _, url := range []string{broken.URL + "/denied", broken.URL + "/moved", broken.URL + "/html", "http://127.0.0.1:1/"} {
		var out strings.Builder
		err := mcpbridge.Relay(t.Context(), url, "", strings.NewReader(ask), &out)
		if !errors.Is(err, mcpbridge.ErrRelay) || out.Len() > 0 {
			t.Errorf("%s: %v, it wrote %q", url, err, out.String())
		}
	}
}
