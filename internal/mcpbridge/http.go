package mcpbridge

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/internal/schema"
)

// Limits of the HTTP server.
const (
	maxBody     = 1 << 20          // of a request; arguments are no larger
	headerTime  = 10 * time.Second // to send a request's header
	sessionIdle = time.Hour        // after which a client of the older protocol must begin again
	closeTime   = 2 * time.Second  // for requests that run when the server ends
	minToken    = 16               // characters
	maxToken    = 4096
)

// NewToken returns a token that nobody can guess.
func NewToken() string { return rand.Text() }

// ReadToken reads a token from a file, without white space around it. It fails
// with [ErrToken].
func ReadToken(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", ErrToken.Wrap(err, "read")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxToken))
	if err != nil {
		return "", ErrToken.Wrap(err, "read")
	}
	token := strings.TrimSpace(string(data))
	if len(token) < minToken || len(strings.Fields(token)) != 1 {
		return "", ErrToken.With("%s holds %d characters in %d words", file, len(token), len(strings.Fields(token)))
	}
	return token, nil
}

// Listen opens a TCP port on a loopback address. Any other is refused with
// [ErrExposed].
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, ErrExposed.Wrap(err, "%q", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, ErrExposed.With("%q", addr)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", addr)
}

// Serve serves clients on l over streamable HTTP until ctx ends, and then
// returns nil. See [Server.Handler] for the token.
func (s *Server) Serve(ctx context.Context, l net.Listener, token string) error {
	h, err := s.Handler(token)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	web := &http.Server{Handler: h, ReadHeaderTimeout: headerTime}
	done := make(chan error, 1)
	go func() { done <- web.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	s.closeSessions() // else streams to clients stay open for ever
	if web.Shutdown(ctx) != nil {
		_ = web.Close() // what still runs has had its time
	}
	<-done
	return nil
}

// Handler serves MCP over streamable HTTP at every path. Clients must send the
// token as "Authorization: Bearer <token>"; for the empty token everybody may
// call. Requests that a browser makes for another site, or that come by
// another name than localhost, are refused.
func (s *Server) Handler(token string) (http.Handler, error) {
	anything, err := schema.Compile(json.RawMessage("true"))
	if err != nil {
		return nil, err
	}
	log := slog.New(quieter{s.o.Log.Handler()})
	same := func(*http.Request) *mcp.Server { return s.server }
	now := mcp.NewStreamableHTTPHandler(same, &mcp.StreamableHTTPOptions{
		Stateless: true, PropagateRequestCancellation: true, MaxRequestBodyBytes: maxBody, Logger: log,
	})
	before := mcp.NewStreamableHTTPHandler(same, &mcp.StreamableHTTPOptions{
		SessionTimeout: sessionIdle, MaxRequestBodyBytes: maxBody, Logger: log,
	})
	era := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil && len(body) > 0 {
			err = anything.Validate(body)
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, jsonrpc.CodeParseError, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if isStateless(r, body) {
			now.ServeHTTP(w, r)
			return
		}
		before.ServeHTTP(w, r)
	})
	return s.guard(token, http.NewCrossOriginProtection().Handler(era)), nil
}

// isStateless reports whether a request is one of the protocol that has no
// sessions: its version is in the header, or in the metadata of the body.
func isStateless(r *http.Request, body []byte) bool {
	if r.Header.Get("Mcp-Session-Id") != "" {
		return false
	}
	var m struct {
		Method string
		Params struct {
			Meta map[string]json.RawMessage `json:"_meta"`
		}
	}
	_ = json.Unmarshal(body, &m) // what is wrong with it the SDK says better
	_, stated := m.Params.Meta[mcp.MetaKeyProtocolVersion]
	return stated || m.Method == "server/discover" || r.Header.Get("Mcp-Protocol-Version") >= stateless
}

// guard lets only those through who know the token, or that of a client's
// profile. Hashes are compared, so that neither the length nor a prefix of a
// token can be found out by the clock.
func (s *Server) guard(token string, next http.Handler) http.Handler {
	want := tokenSum("Bearer " + token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := tokenSum(r.Header.Get("Authorization"))
		_, named := s.tokens[got]
		if token != "" && !named && subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="onex"`)
			refuse(w, http.StatusUnauthorized, jsonrpc.CodeInvalidRequest, ErrUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func tokenSum(header string) [sha256.Size]byte { return sha256.Sum256([]byte(header)) }

// refuse answers a request that the SDK does not get to see.
func refuse(w http.ResponseWriter, status int, code int64, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(struct { // nobody is left to tell
		JSONRPC string         `json:"jsonrpc"`
		ID      *int           `json:"id"`
		Error   *jsonrpc.Error `json:"error"`
	}{"2.0", nil, rpcError(code, err)}))
}
