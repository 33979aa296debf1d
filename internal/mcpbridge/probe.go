package mcpbridge

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// A Probe is an MCP client that makes calls and reads the answers back as ONEX
// made them, so that they can be compared with those of other paths.
type Probe struct {
	session *mcp.ClientSession
	end     func() error
}

// ProbeCommand starts a program that serves MCP over its standard streams, as
// onex mcp does. Close ends it.
func ProbeCommand(ctx context.Context, cmd *exec.Cmd) (*Probe, error) {
	return probe(ctx, &mcp.CommandTransport{Command: cmd}, func() error { return nil })
}

// ProbeServer connects to s within this process. Close leaves s open.
func ProbeServer(ctx context.Context, s *Server) (*Probe, error) {
	here, there := mcp.NewInMemoryTransports()
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(life, there) // ends with the session
	}()
	end := func() error { stop(); <-done; return nil }
	p, err := probe(ctx, here, end)
	if err != nil {
		_ = end()
	}
	return p, err
}

func probe(ctx context.Context, t mcp.Transport, end func() error) (*Probe, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "onex-parity", Version: "1.0.0"}, nil)
	session, err := client.Connect(ctx, t, nil)
	if err != nil {
		return nil, ErrProbe.Wrap(err, "it cannot be reached")
	}
	return &Probe{session, end}, nil
}

// Close ends the session, and the program that was started for it.
func (p *Probe) Close() error {
	err := p.session.Close()
	if e := p.end(); err == nil {
		err = e
	}
	return err
}

// Call makes a call as any MCP client does; the node is chosen by the server.
// The error is of the protocol: [ErrProbe].
func (p *Probe) Call(ctx context.Context, c invoke.Call) (invoke.Reply, error) {
	meta := mcp.Meta{}
	if c.Timeout > 0 {
		meta[metaTimeout] = float64(c.Timeout.Milliseconds())
	}
	if !c.Correlation.IsZero() {
		meta[metaCorrelation] = event.ID(c.Correlation).String()
	}
	res, err := p.session.CallTool(ctx, &mcp.CallToolParams{Meta: meta, Name: string(c.Tool), Arguments: c.Args})
	if err != nil {
		return invoke.Reply{}, ErrProbe.Wrap(err, "tool %q", c.Tool)
	}
	r, err := replyOf(res)
	if err != nil {
		return invoke.Reply{}, ErrProbe.Wrap(err, "tool %q", c.Tool)
	}
	r.ToolName = c.Tool
	return r, nil
}

// replyOf is the inverse of request.result.
func replyOf(res *mcp.CallToolResult) (r invoke.Reply, err error) {
	status, _ := res.Meta[metaStatus].(string)
	if r.Status, err = node.ParseResult(status); err != nil {
		return r, fmt.Errorf("the answer states no status: %w", err)
	}
	r.CorrelationID, _ = res.Meta[metaCorrelation].(string)
	if report, ok := res.Meta[metaError]; ok {
		return r, json.Unmarshal(encode(report), &r.Error)
	}
	if res.IsError != (r.Status == node.Failed) {
		return r, fmt.Errorf("isError is %t, the status is %q", res.IsError, r.Status)
	}
	r.Result, err = resultOf(res)
	return r, err
}

// resultOf returns the result of a call that did not fail. The text has every
// digit of it; structured content has gone through the SDK's numbers.
func resultOf(res *mcp.CallToolResult) (json.RawMessage, error) {
	if res.StructuredContent == nil {
		return json.Marshal(struct {
			Content []mcp.Content `json:"content"`
		}{res.Content})
	}
	if s, ok := res.StructuredContent.(string); ok {
		return encode(s), nil
	}
	if len(res.Content) > 0 {
		if t, ok := res.Content[0].(*mcp.TextContent); ok && json.Valid([]byte(t.Text)) {
			return json.RawMessage(t.Text), nil
		}
	}
	return nil, fmt.Errorf("there is structured content, and no text of it")
}
