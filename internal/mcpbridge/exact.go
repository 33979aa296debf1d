package mcpbridge

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
)

// exact is a transport that refuses messages with ambiguous parameters: a key
// that comes twice, too many levels, more than 1 MiB. Two readers of such a
// message may understand two things, and one of them may be the one that checks.
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
	return &exactConn{c, anything}, nil
}

type exactConn struct {
	mcp.Connection
	anything *schema.Validator // allows every document, and refuses what is none
}

// Read returns the next message that is exact; the others are answered.
func (c *exactConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		m, err := c.Connection.Read(ctx)
		r, ok := m.(*jsonrpc.Request)
		if err != nil || !ok || len(r.Params) == 0 {
			return m, err
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

// invalidParams is err as a JSON-RPC error whose data is the report.
func invalidParams(err error) *jsonrpc.Error {
	return rpcError(jsonrpc.CodeInvalidParams, err)
}

func rpcError(code int64, err error) *jsonrpc.Error {
	return &jsonrpc.Error{Code: code, Message: err.Error(), Data: encode(fault.ReportOf(err))}
}
