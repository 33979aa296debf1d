package mcpbridge

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Codes of JSON-RPC 2.0 for a line that is no message.
const (
	codeParse   = -32700
	codeInvalid = -32600
)

// A lineFilter hands on the lines that are messages and answers the others with an
// error, as JSON-RPC has it. The SDK would end the session, and with it the calls that
// run.
type lineFilter struct {
	in   *bufio.Reader
	out  io.Writer
	left []byte // of the line that is being read
}

// Read implements io.Reader. A line longer than relayLine is handed on in pieces, for
// the SDK to refuse.
func (f *lineFilter) Read(p []byte) (int, error) {
	for len(f.left) == 0 {
		line, err := f.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if err == bufio.ErrBufferFull || f.passes(line) {
			f.left = line
		}
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

// passes reports whether line is for the SDK, and answers it if not.
func (f *lineFilter) passes(line []byte) bool {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] == '[' { // a batch of the first protocol
		return len(line) == 0 || json.Valid(line) || f.refuse(codeParse, "no JSON")
	}
	if !json.Valid(line) {
		return f.refuse(codeParse, "no JSON")
	}
	if _, err := jsonrpc.DecodeMessage(line); err != nil {
		return f.refuse(codeInvalid, "no message of JSON-RPC 2.0")
	}
	return true
}

func (f *lineFilter) refuse(code int, message string) bool {
	type fault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	text, err := json.Marshal(struct {
		JSONRPC string `json:"jsonrpc"`
		ID      *int   `json:"id"`
		Error   fault  `json:"error"`
	}{"2.0", nil, fault{code, message}})
	if err == nil {
		_, _ = f.out.Write(append(text, '\n')) // who does not read is gone: the next read says so
	}
	return false
}

// A sharedWriter takes whole messages from several goroutines.
type sharedWriter struct {
	mu sync.Mutex
	io.Writer
}

func (w *sharedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Writer.Write(p)
}

// Close leaves the stream open: it outlives the server.
func (*sharedWriter) Close() error { return nil }
