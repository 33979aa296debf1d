package mcpbridge

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Limits of a relay.
const (
	relayAtOnce = 64      // requests
	relayLine   = 4 << 20 // bytes of a message
)

// A relay carries messages between a client on streams of lines and a server
// that speaks streamable HTTP.
type relay struct {
	url, token string
	client     *http.Client
	slots      chan struct{}
	parts      sync.WaitGroup // requests
	streams    sync.WaitGroup // of what the server says unasked

	mu      sync.Mutex
	out     io.Writer
	session string // of the older protocol; empty before, and for newer servers
	version string // that was settled at the beginning of it
	err     error  // why it ends
}

// Relay serves MCP on in and out, as programs of nodes do, by asking the server
// at url, which speaks streamable HTTP. It ends with in, and with [ErrRelay] when
// the server cannot be reached or has forgotten the session: whoever supervises it
// begins anew. token is sent as a bearer token unless it is empty.
func Relay(ctx context.Context, url, token string, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	r := &relay{
		url: url, token: token, out: out, slots: make(chan struct{}, relayAtOnce),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a token goes where it was meant to, and nowhere else
		}},
	}
	lines := make(chan []byte)
	go r.read(ctx, in, lines)
	for line := range lines {
		select {
		case r.slots <- struct{}{}:
		case <-ctx.Done():
			return r.err
		}
		r.parts.Go(func() {
			defer func() { <-r.slots }()
			if err := r.post(ctx, line); err != nil {
				r.fail(err)
				stop()
			}
		})
		if isMethod(line, "initialize", "server/discover") { // all that follows depends on it
			r.parts.Wait()
		}
	}
	r.parts.Wait()
	stop()
	r.streams.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// read hands on lines until there are no more or ctx ends.
func (r *relay) read(ctx context.Context, in io.Reader, lines chan<- []byte) {
	defer close(lines)
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, relayLine)
	for scan.Scan() {
		select {
		case lines <- bytes.Clone(scan.Bytes()):
		case <-ctx.Done():
			return
		}
	}
}

func (r *relay) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// An envelope is what a relay must know of a message.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name string                     `json:"name"`
		URI  string                     `json:"uri"`
		Meta map[string]json.RawMessage `json:"_meta"`
	} `json:"params"`
	Result struct {
		Version string `json:"protocolVersion"`
	} `json:"result"`
}

func isMethod(line []byte, methods ...string) bool {
	var e envelope
	_ = json.Unmarshal(line, &e) // the server says better what is wrong
	for _, m := range methods {
		if e.Method == m {
			return true
		}
	}
	return false
}

// post sends one message and writes what comes back.
func (r *relay) post(ctx context.Context, line []byte) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var e envelope
	_ = json.Unmarshal(line, &e) // the server says better what is wrong
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(line))
	if err != nil {
		return ErrRelay.Wrap(err, "%s", r.url)
	}
	r.dress(req, e)
	res, err := r.client.Do(req)
	if err != nil {
		return ErrRelay.Wrap(err, "%s", r.url)
	}
	defer res.Body.Close()
	if id := res.Header.Get("Mcp-Session-Id"); id != "" && e.Method == "initialize" {
		r.mu.Lock()
		r.session = id
		r.mu.Unlock()
	}
	err = r.receive(res, e)
	if err == nil && e.Method == "notifications/initialized" && r.session != "" {
		r.streams.Go(func() { r.listen(ctx) })
	}
	return err
}

// dress adds the headers that the protocol wants.
func (r *relay) dress(req *http.Request, e envelope) {
	r.mu.Lock()
	session, version := r.session, r.version
	r.mu.Unlock()
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Content-Type", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if session != "" {
		req.Header.Set("Mcp-Session-Id", session)
	}
	var stated string
	if json.Unmarshal(e.Params.Meta["io.modelcontextprotocol/protocolVersion"], &stated) == nil {
		version = stated
		req.Header.Set("Mcp-Method", e.Method)
		if name := e.Params.Name + e.Params.URI; name != "" {
			req.Header.Set("Mcp-Name", name)
		}
	}
	if version != "" {
		req.Header.Set("Mcp-Protocol-Version", version)
	}
}

// receive writes the answer to a message, and what comes with it.
func (r *relay) receive(res *http.Response, e envelope) error {
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	switch {
	case kind == "text/event-stream":
		return r.events(res.Body)
	case kind == "application/json": // also that of an error
		body, err := io.ReadAll(io.LimitReader(res.Body, relayLine))
		if err != nil {
			return ErrRelay.Wrap(err, "%s", r.url)
		}
		if len(bytes.TrimSpace(body)) == 0 && res.StatusCode < http.StatusMultipleChoices {
			return nil
		}
		var compact bytes.Buffer
		if json.Compact(&compact, body) == nil && (res.StatusCode < http.StatusMultipleChoices || res.StatusCode == http.StatusBadRequest) {
			return r.write(compact.Bytes())
		}
		if res.StatusCode < http.StatusMultipleChoices {
			return ErrRelay.With("%s answers no JSON", r.url)
		}
		return r.refused(res, e)
	default:
		if res.StatusCode < http.StatusMultipleChoices {
			return nil
		}
		return r.refused(res, e)
	}
}

// refused deals with an answer that is none. An older server does not know how
// newer clients begin, and may say so in any way.
func (r *relay) refused(res *http.Response, e envelope) error {
	if e.Method == "server/discover" && res.StatusCode != http.StatusUnauthorized {
		return r.write(encode(map[string]any{
			"jsonrpc": "2.0", "id": e.ID, "error": map[string]any{"code": -32601, "message": "method not found"},
		}))
	}
	return ErrRelay.With("%s answers %s", r.url, res.Status)
}

// events writes the messages of a stream of events.
func (r *relay) events(body io.Reader) error {
	scan := bufio.NewScanner(body)
	scan.Buffer(nil, relayLine)
	var data []byte
	for scan.Scan() {
		line := scan.Bytes()
		if field, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			data = append(append(data, bytes.TrimPrefix(field, []byte(" "))...), '\n')
		}
		if len(line) == 0 && len(data) > 1 {
			if err := r.write(data); err != nil {
				return err
			}
			data = nil
		}
	}
	if len(data) > 1 {
		return r.write(data)
	}
	return nil
}

// write writes one message.
func (r *relay) write(message []byte) error {
	var compact bytes.Buffer
	if err := json.Compact(&compact, message); err != nil {
		return ErrRelay.Wrap(err, "%s answers no JSON", r.url)
	}
	var e envelope
	_ = json.Unmarshal(message, &e)
	compact.WriteByte('\n')
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Result.Version != "" {
		r.version = e.Result.Version
	}
	_, err := r.out.Write(compact.Bytes())
	return err
}

// listen writes what a server of the older protocol says unasked. Not all do.
func (r *relay) listen(ctx context.Context) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return
	}
	r.dress(req, envelope{})
	res, err := r.client.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		if err := r.events(res.Body); err != nil && !errors.Is(err, context.Canceled) {
			r.fail(err)
		}
	}
}
