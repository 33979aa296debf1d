package mcpbridge_test

import (
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/trace"
)

// spans keeps the spans that ended, by their names.
type spans struct {
	mu    sync.Mutex
	ended map[string]trace.Span
}

func (s *spans) Sample(trace.Context, trace.ID) bool { return true }
func (s *spans) Began(trace.Span)                    {}
func (s *spans) Ended(span trace.Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[span.Name()] = span
}

func (s *spans) take(name string) trace.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	span := s.ended[name]
	delete(s.ended, name)
	return span
}

// TestACallIsOneTrace goes from the span of the client to that of the server, and on
// to the call that it makes.
func TestACallIsOneTrace(t *testing.T) {
	w := newWorld(t)
	w.run((&greeter{}).host)
	recorder := &spans{ended: map[string]trace.Span{}}
	c := connect(t, w.serve(&mcpbridge.Options{Invoke: invoke.Options{Trace: recorder}}), modern)

	const above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	c.call("count", `{}`, mcp.Meta{"traceparent": above})
	served, called := recorder.take("mcp count"), recorder.take("invoke count")
	if client, _ := trace.Parse(above); served.Trace != client.Trace || served.Parent != client.Span || served.Kind != trace.Server {
		t.Errorf("the server's span is %+v, want one below %s", served, above)
	}
	if called.Trace != served.Trace || called.Parent != served.Context.Span {
		t.Errorf("the call's span is %+v, want one below %+v", called, served)
	}

	id := event.NewID()
	c.call("count", `{}`, mcp.Meta{"onex/correlation_id": id.String()})
	served, called = recorder.take("mcp count"), recorder.take("invoke count")
	if served.Trace != trace.ID(id) || called.Trace != trace.ID(id) {
		t.Errorf("traces %s and %s, want that of the correlation %s", served.Trace, called.Trace, id)
	}

	c.call("count", `{"no such": 1}`, nil)
	served = recorder.take("mcp count")
	if served.Error == nil || served.Trace == (trace.ID{}) {
		t.Errorf("the span of a call that is refused is %+v", served)
	}
}
