// Package trace follows one request through everything that works on it: the
// caller, the registry, the node, the node's program, in whatever processes.
//
//	ctx, span := trace.Begin(ctx, recorder, trace.Span{Operation: "tool", Function: "greet"})
//	err := work(ctx)
//	span.End(err)
//
// A [Context] travels as a W3C trace context: in the traceparent of events, in
// the environment variable TRACEPARENT of programs, in _meta of MCP. Who has no
// [Recorder] hands on what came in; nothing else is done then.
//
// A trace that begins here has the correlation id of its request as its id, so
// that events, logs and spans of one request are found by one number.
package trace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/omninode-ai/onex/fault"
)

// An ID names a trace, a SpanID one span of it. The zero value is no id.
type (
	ID     [16]byte
	SpanID [8]byte
)

func (id ID) String() string     { return hex.EncodeToString(id[:]) }
func (id SpanID) String() string { return hex.EncodeToString(id[:]) }

// A Context is the place in a trace at which something happens. The zero value
// is outside any.
type Context struct {
	Trace   ID
	Span    SpanID
	Sampled bool // who began the trace wants it to be exported
}

// Valid reports whether c is a place in a trace.
func (c Context) Valid() bool { return c.Trace != ID{} && c.Span != SpanID{} }

// String returns c as a traceparent of W3C Trace Context, version 00; empty when
// c is not valid.
func (c Context) String() string {
	if !c.Valid() {
		return ""
	}
	out := make([]byte, 0, 55)
	out = append(out, "00-"...)
	out = hex.AppendEncode(out, c.Trace[:])
	out = append(out, '-')
	out = hex.AppendEncode(out, c.Span[:])
	if c.Sampled {
		return string(append(out, "-01"...))
	}
	return string(append(out, "-00"...))
}

// Parse reads a traceparent of any version; later ones may be longer. What is
// malformed is no context, as the standard demands.
func Parse(traceparent string) (Context, bool) {
	const length = 55
	s := traceparent
	if len(s) < length || s[2] != '-' || s[35] != '-' || s[52] != '-' || s[:2] == "ff" {
		return Context{}, false
	}
	if s[:2] == "00" && len(s) != length || len(s) > length && s[length] != '-' {
		return Context{}, false
	}
	var c Context
	var version, flags [1]byte
	for _, part := range []struct {
		to   []byte
		text string
	}{{version[:], s[:2]}, {c.Trace[:], s[3:35]}, {c.Span[:], s[36:52]}, {flags[:], s[53:55]}} {
		if !lowerHex(part.text) {
			return Context{}, false
		}
		hex.Decode(part.to, []byte(part.text)) // cannot fail: it was looked at
	}
	c.Sampled = flags[0]&1 == 1
	return c, c.Valid()
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

type contextKey struct{}

// NewContext returns a context in which spans begin below c.
func NewContext(ctx context.Context, c Context) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// Below is NewContext for a traceparent. One that is empty or malformed changes
// nothing.
func Below(ctx context.Context, traceparent string) context.Context {
	if c, ok := Parse(traceparent); ok {
		return NewContext(ctx, c)
	}
	return ctx
}

// FromContext returns where ctx is.
func FromContext(ctx context.Context) Context {
	c, _ := ctx.Value(contextKey{}).(Context)
	return c
}

// A Kind says on which side of a request a span is.
type Kind string

// The kinds. The zero value reads as Internal.
const (
	Internal Kind = "internal"
	Client   Kind = "client" // asked for something and waited
	Server   Kind = "server" // did what was asked for
)

// A Span is one operation, from its beginning to its end. It holds no values of
// arguments and no results: what it says may be seen by anybody who watches.
type Span struct {
	Context
	Parent SpanID // zero at the root

	Operation   string   // what was done: tool, invoke, lookup, run, mcp
	Function    string   // to what: the name of the tool or command
	Kind        Kind     //
	Node        string   // name of the node that did it, if one did
	NodeID      string   // of its instance
	Correlation ID       // of the request
	Arguments   []string // names of the arguments

	Began  time.Time
	Ended  time.Time // zero while it runs
	Status string    // of the result, if there is one
	Error  *fault.Report
}

// Name returns the name of the span as tracing systems show it.
func (s Span) Name() string {
	if s.Function == "" {
		return s.Operation
	}
	return s.Operation + " " + s.Function
}

// A Recorder takes spans. Its methods are called from any goroutine, in the way
// of the operation: they must not wait.
type Recorder interface {
	// Sample reports whether a trace is to be exported, at the beginning of a span of it.
	// parent is where the span begins; it is not valid at the root.
	Sample(parent Context, id ID) bool

	Began(Span)
	Ended(Span)
}

// A Running span waits for its End. A nil one records nothing.
type Running struct {
	recorder Recorder
	span     Span
}

// Begin begins a span below the one that ctx is in. Without a recorder it does
// nothing, and the span is nil.
func Begin(ctx context.Context, r Recorder, s Span) (context.Context, *Running) {
	if r == nil {
		return ctx, nil
	}
	parent := FromContext(ctx)
	s.Context = Context{Trace: parent.Trace}
	if parent.Valid() {
		s.Parent = parent.Span
	} else if s.Trace = s.Correlation; s.Trace == (ID{}) {
		rand.Read(s.Trace[:]) // never fails
	}
	rand.Read(s.Span[:])
	s.Sampled = r.Sample(parent, s.Trace)
	s.Began = time.Now()
	r.Began(s)
	return NewContext(ctx, s.Context), &Running{r, s}
}

// Status says what the result's status is.
func (r *Running) Status(status string) {
	if r != nil {
		r.span.Status = status
	}
}

// End ends the span, with the error of the operation or nil. It is called once.
func (r *Running) End(err error) {
	if r == nil {
		return
	}
	var report *fault.Report
	if err != nil {
		now := fault.ReportOf(err)
		report = &now
	}
	r.Fail(report)
}

// Fail is End for an error that is a report already; nil for none.
func (r *Running) Fail(report *fault.Report) {
	if r == nil {
		return
	}
	r.span.Ended, r.span.Error = time.Now(), report
	r.recorder.Ended(r.span)
}

// A Tee hands spans to several recorders. A trace is sampled that one of them
// wants.
type Tee []Recorder

// Sample implements [Recorder].
func (t Tee) Sample(parent Context, id ID) bool {
	for _, r := range t {
		if r.Sample(parent, id) {
			return true
		}
	}
	return false
}

// Began implements [Recorder].
func (t Tee) Began(s Span) {
	for _, r := range t {
		r.Began(s)
	}
}

// Ended implements [Recorder].
func (t Tee) Ended(s Span) {
	for _, r := range t {
		r.Ended(s)
	}
}
