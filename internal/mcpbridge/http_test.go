package mcpbridge_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

const token = "0123456789abcdef"

// bearer adds a token to every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func TestBothErasOverHTTP(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	l, err := mcpbridge.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop := w.background(func(ctx context.Context) error { return s.Serve(ctx, l, token) })
	defer http.DefaultClient.CloseIdleConnections()
	for _, version := range []string{modern, legacy} {
		t.Run(version, func(t *testing.T) {
			c := &client{t: t, changes: make(chan struct{}, 1)}
			m := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
				ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
					select {
					case c.changes <- struct{}{}:
					default:
					}
				},
			})
			var err error
			c.ClientSession, err = m.Connect(t.Context(), &mcp.StreamableClientTransport{
				Endpoint: "http://" + l.Addr().String() + "/mcp", HTTPClient: &http.Client{Transport: bearer(token)},
			}, &mcp.ClientSessionOptions{ProtocolVersion: version})
			if err != nil {
				t.Fatal(err)
			}
			defer c.ClientSession.Close()
			c.await()
			leave := w.run((&greeter{}).host)
			c.await("count", "greet", "rest")
			got := c.call("greet", `{"name":"Ada"}`, nil)
			if diff := cmp.Diff(map[string]any{"greeting": "Hello, Ada!"}, got.StructuredContent); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			leave()
			c.await()
		})
	}
	stop()
}

func TestRequestsThatAreRefused(t *testing.T) {
	h, err := newWorld(t).serve(nil).Handler(token)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	list := `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`
	for _, tt := range []struct {
		name, body string
		header     http.Header
		status     int
		want       string
	}{
		{"no token", list, http.Header{"Authorization": nil}, 401, "ONEX_MCP_009_UNAUTHORIZED"},
		{"wrong token", list, http.Header{"Authorization": {"Bearer " + token + "0"}}, 401, "ONEX_MCP_009_UNAUTHORIZED"},
		{"another site", list, http.Header{"Origin": {"https://evil.example"}}, 403, ""},
		{"a key twice", `{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{}}`, nil, 400, "ONEX_CONTRACT_042_NOT_JSON"},
		{"too large", `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, nil, 400, "too large"},
		{"no JSON", `{`, nil, 400, "ONEX_CONTRACT_042_NOT_JSON"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}}
		for k, v := range tt.header {
			r.Header[k] = v
		}
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != tt.status || !strings.Contains(string(body), tt.want) {
			t.Errorf("%s: %s %s, want %d %s", tt.name, answer.Status, body, tt.status, tt.want)
		}
	}
}

func TestListenStaysOnThisMachine(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.com:80", "8080"} {
		if l, err := mcpbridge.Listen(t.Context(), addr); !errors.Is(err, mcpbridge.ErrExposed) {
			t.Errorf("Listen(%q) = %v, %v", addr, l, err)
		}
	}
}

func TestTokens(t *testing.T) {
	if a, b := mcpbridge.NewToken(), mcpbridge.NewToken(); a == b || len(a) < 26 {
		t.Errorf("tokens %q and %q", a, b)
	}
	dir := t.TempDir()
	for text, want := range map[string]string{
		token + "\n": token, "short": "", "": "", "two words of a token": "",
	} {
		file := filepath.Join(dir, "token")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := mcpbridge.ReadToken(file)
		if got != want || (want == "") != errors.Is(err, mcpbridge.ErrToken) {
			t.Errorf("ReadToken of %q = %q, %v", text, got, err)
		}
	}
	if _, err := mcpbridge.ReadToken(filepath.Join(dir, "none")); !errors.Is(err, mcpbridge.ErrToken) {
		t.Errorf("ReadToken of no file = %v", err)
	}
}
