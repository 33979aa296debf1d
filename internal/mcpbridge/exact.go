package mcpbridge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
)

// exact is a transport that refuses messages with ambiguous parameters: a key
// that comes twice, too many levels, more than 1 MiB. Two readers of such a
// message may understand two things, and one of them may be the one that checks.
// It also waits with the end of a connection for the answers that are owed.
type exact struct{ mcp.Transport }

func (t exact) Connect(ctx context.Context) (mcp.Connection, error) {
	c, err := t.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	anything, err := schema.Compile(json.RawMessage("true"))
	if err != nil {
		return nil, err
	}
	return &exactConn{Connection: c, anything: anything, idle: make(chan struct{}, 1), closed: make(chan struct{})}, nil
}

// grace is how long a client that has closed its end may wait for the answers
// that it is still owed: the end of a file of requests must not cost the last
// of them.
const grace = 5 * time.Second

type exactConn struct {
	mcp.Connection
	anything *schema.Validator // allows every document, and refuses what is none
	idle     chan struct{}     // nothing is owed; holds one
	closed   chan struct{}
	once     sync.Once
	owed     atomic.Int64 // answers
}

// Read returns the next message that is exact; the others are answered.
func (c *exactConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		m, err := c.Connection.Read(ctx)
		if errors.Is(err, io.EOF) {
			c.finish(ctx)
		}
		r, ok := m.(*jsonrpc.Request)
		if err != nil || !ok {
			return m, err
		}
		if r.IsCall() {
			c.owed.Add(1)
		}
		if len(r.Params) == 0 {
			return m, nil
		}
		wrong := c.anything.Validate(r.Params)
		if wrong == nil {
			return m, nil
		}
		if r.IsCall() {
			if err := c.Write(ctx, &jsonrpc.Response{ID: r.ID, Error: invalidParams(wrong)}); err != nil {
				return nil, err
			}
		}
	}
}

// Write counts answers.
func (c *exactConn) Write(ctx context.Context, m jsonrpc.Message) error {
	err := c.Connection.Write(ctx, m)
	if _, ok := m.(*jsonrpc.Response); ok && c.owed.Add(-1) == 0 {
		select {
		case c.idle <- struct{}{}:
		default:
		}
	}
	return err
}

// finish waits until nothing is owed.
func (c *exactConn) finish(ctx context.Context) {
	late := time.NewTimer(grace)
	defer late.Stop()
	for c.owed.Load() > 0 {
		select {
		case <-c.idle:
		case <-c.closed:
			return
		case <-ctx.Done():
			return
		case <-late.C:
			return
		}
	}
}

func (c *exactConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Connection.Close()
}

// invalidParams is err as a JSON-RPC error whose data is the report.
func invalidParams(err error) *jsonrpc.Error {
	return rpcError(jsonrpc.CodeInvalidParams, err)
}

func rpcError(code int64, err error) *jsonrpc.Error {
	return &jsonrpc.Error{Code: code, Message: err.Error(), Data: encode(fault.ReportOf(err))}
}
