package registry

import (
	"context"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/trace"
)

// Bounds of answering questions.
const (
	answerers  = 4  // at once: encoding a long list takes some milliseconds
	maxAnswers = 64 // waiting; a long list takes a megabyte. Then questions wait.
)

// An answer is ready to be sent.
type answer struct {
	request event.Event
	payload event.Payload
	span    *trace.Running // ends when it is sent; nil when nobody traces
}

// query looks the answer up at once, so that it knows of every death that the
// loop knows of, and has it sent by others.
func (l *loop) query(e event.Event) {
	if e.NodeID == l.o.ID {
		return
	}
	var p event.Payload
	var span *trace.Running
	switch q := e.Payload.(type) {
	case event.NodeDiscoveryRequest:
		p = event.NodeDiscoveryResponse{RegistryID: l.o.ID, Nodes: l.s.Nodes(q)}
	case event.ToolDiscoveryRequest:
		span = l.span(e, q)
		p = event.ToolDiscoveryResponse{RegistryID: l.o.ID, Tools: l.s.Tools(q.ToolName)}
	case event.PortDiscoveryRequest:
		p = event.PortDiscoveryResponse{RegistryID: l.o.ID, Leases: l.ports.table.List(q.After, maxLeasePage)}
	default:
		return
	}
	l.answers <- answer{e, p, span} // has room, or the question would have waited
}

// span begins the span of a lookup for a call that is traced.
func (l *loop) span(e event.Event, q event.ToolDiscoveryRequest) *trace.Running {
	if e.TraceParent == "" {
		return nil
	}
	_, span := trace.Begin(trace.Below(context.Background(), e.TraceParent), l.o.Trace, trace.Span{
		Operation: "lookup", Function: string(q.ToolName), Kind: trace.Server,
		Node: string(l.o.Name), NodeID: l.o.ID, Correlation: trace.ID(e.Correlation),
	})
	return span
}

func (l *loop) answerAll(ctx context.Context) {
	for {
		select {
		case a := <-l.answers:
			select {
			case l.room <- struct{}{}:
			default:
			}
			to := event.NewSubject(a.payload.Kind(), l.o.Name).To(a.request.NodeID)
			publish(ctx, l.bus, l.log, to, event.Reply(a.request, l.o.ID, a.payload))
			a.span.End(nil)
		case <-ctx.Done():
			return
		}
	}
}
