package mcpbridge_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/omninode-ai/onex/internal/mcpbridge"
)

// A front lets the conformance suite, which knows only HTTP, talk to a server
// over streams of lines: each client of the older protocol has a stream, each
// request of the newer one has.
type front struct {
	s *mcpbridge.Server

	mu       sync.Mutex
	sessions map[string]*wire
}

// A wire is a client's end of standard streams.
type wire struct {
	in io.WriteCloser

	mu      sync.Mutex
	waiting map[string]chan string // by the id of a request
	last    string
}

func (f *front) dial(ctx context.Context) *wire {
	r, in := io.Pipe()
	out, w := io.Pipe()
	go func() { _ = f.s.RunStreams(ctx, r, w); w.Close(); r.Close() }()
	c := &wire{in: in, waiting: map[string]chan string{}}
	go c.read(out)
	return c
}

// read hands each line to the request that it answers, and all others to the one
// that was made last.
func (c *wire) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var m struct {
			ID     json.RawMessage
			Method string
		}
		_ = json.Unmarshal(lines.Bytes(), &m)
		id := string(m.ID)
		c.mu.Lock()
		if m.Method != "" {
			id = c.last
		}
		if to := c.waiting[id]; to != nil {
			to <- lines.Text()
		}
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, to := range c.waiting {
		close(to)
	}
	c.waiting = nil
}

func (c *wire) expect(id string) chan string {
	to := make(chan string, 1000)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[id], c.last = to, id
	return to
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var m struct {
		ID     json.RawMessage
		Method string
	}
	_ = json.Unmarshal(body, &m)
	f.mu.Lock()
	c := f.sessions[r.Header.Get("Mcp-Session-Id")]
	f.mu.Unlock()
	switch {
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case m.Method == "initialize":
		c = f.dial(context.WithoutCancel(r.Context()))
		f.mu.Lock()
		id := strconv.Itoa(len(f.sessions))
		f.sessions[id] = c
		f.mu.Unlock()
		w.Header().Set("Mcp-Session-Id", id)
	case c == nil:
		c = f.dial(r.Context())
		defer c.in.Close()
	}
	if m.Method == "" || len(m.ID) == 0 {
		_, _ = c.in.Write(append(body, '\n'))
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answers := c.expect(string(m.ID))
	_, _ = c.in.Write(append(body, '\n'))
	f.answer(w, r, string(m.ID), answers)
}

// answer writes what comes for a request, as a stream of events.
func (f *front) answer(w http.ResponseWriter, r *http.Request, id string, answers chan string) {
	for first := true; ; first = false {
		var line string
		select {
		case line = <-answers:
		case <-r.Context().Done():
			return
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Error  *struct{ Code int }
		}
		_ = json.Unmarshal([]byte(line), &m)
		if first && m.Error != nil && string(m.ID) == id {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(map[int]int{-32601: 404, -32602: 400, -32020: 400, -32021: 400, -32022: 400}[m.Error.Code] + map[bool]int{true: 200}[m.Error.Code == -32603 || m.Error.Code == -32002])
			fmt.Fprint(w, line)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "event: message\ndata: %s\n\n", line)
		w.(http.Flusher).Flush()
		if line == "" || m.Method == "" && string(m.ID) == id {
			return
		}
	}
}

// TestConformanceOverStreams is TestConformance over standard streams.
func TestConformanceOverStreams(t *testing.T) {
	dir, program := modules(t)
	server := everything(t)
	for _, revision := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(revision, func(t *testing.T) {
			w := newWorld(t)
			w.run(everythingNode(t, server, revision))
			f := &front{s: w.serve(nil), sessions: map[string]*wire{}}
			h := httptest.NewServer(f)
			defer h.Close()
			defer func() {
				for _, c := range f.sessions {
					c.in.Close()
				}
			}()
			suite(t, dir, program, revision, h.URL, "--expected-failures", "testdata/streams.yaml")
		})
	}
}
