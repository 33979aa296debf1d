package telemetry

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
)

// A LogFormat is how lines look on standard error.
type LogFormat string

// The formats.
const (
	LogText LogFormat = "text" // key=value, for people
	LogJSON LogFormat = "json" // an object on each line, for collectors
)

// LevelOff is above every level.
const LevelOff = slog.Level(math.MaxInt32)

// LogOptions say what becomes of log lines. The zero value writes text from
// level info on, and sends lines from info on to a bus, once one is attached.
type LogOptions struct {
	Level  slog.Level // least severe line that is written
	Events slog.Level // least severe line that is published; LevelOff for none
	Format LogFormat  // default LogText
}

// NewLogger returns a logger that writes lines to w, redacted. Each has its
// context (who logs, of which node, in which call) where it is read by programs:
// in JSON and in events; in text only below level info.
func NewLogger(w io.Writer, o *LogOptions) *slog.Logger {
	var opts LogOptions
	if o != nil {
		opts = *o
	}
	out := &slog.HandlerOptions{Level: opts.Level, ReplaceAttr: redacted}
	h := handler{outlet: &outlet{o: opts}}
	if opts.Format == LogJSON {
		h.lines = slog.NewJSONHandler(w, out)
	} else {
		h.lines = slog.NewTextHandler(w, out)
	}
	h.attributes = slog.NewJSONHandler(&h.outlet.buffer, &slog.HandlerOptions{Level: slog.Level(math.MinInt32), ReplaceAttr: attributesOnly})
	return slog.New(h)
}

// Local returns a logger whose lines are written and never published: for what
// carries events, and for what deals with each of them.
func Local(lg *slog.Logger) *slog.Logger {
	h, ok := lg.Handler().(handler)
	if !ok {
		return lg
	}
	h.local = true
	return slog.New(h)
}

// A handler writes lines and hands them to an outlet.
type handler struct {
	lines      slog.Handler // standard error
	attributes slog.Handler // writes the attributes as an object into outlet.buffer
	outlet     *outlet
	local      bool
}

// An outlet is where lines go to become events.
type outlet struct {
	o    LogOptions
	sink atomic.Pointer[sink] // nil while there is no bus

	mu     sync.Mutex
	buffer bytes.Buffer
	early  []event.StructuredLog // lines before there was a bus
}

// maxEarly bounds the lines that wait for a bus: those of a start.
const maxEarly = 64

func (h handler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.lines.Enabled(ctx, l) || h.published(l)
}

func (h handler) published(l slog.Level) bool { return !h.local && l >= h.outlet.o.Events }

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.lines, h.attributes = h.lines.WithAttrs(attrs), h.attributes.WithAttrs(attrs)
	return h
}

func (h handler) WithGroup(name string) slog.Handler {
	h.lines, h.attributes = h.lines.WithGroup(name), h.attributes.WithGroup(name)
	return h
}

func (h handler) Handle(ctx context.Context, r slog.Record) (err error) {
	r.Message = event.CleanText(r.Message)
	at := contextOf(ctx, r)
	if h.published(r.Level) {
		h.outlet.add(h.entry(ctx, r, at))
	}
	if h.lines.Enabled(ctx, r.Level) {
		err = h.lines.Handle(ctx, h.located(r, at))
	}
	return err
}

// located adds to a line where it comes from.
func (h handler) located(r slog.Record, at event.LogContext) slog.Record {
	if h.outlet.o.Format != LogJSON && h.outlet.o.Level >= slog.LevelInfo || at.Module == "" {
		return r
	}
	r = r.Clone()
	r.AddAttrs(slog.String("calling_module", at.Module), slog.String("calling_function", at.Function), slog.Int("calling_line", at.Line))
	if !at.Correlation.IsZero() {
		r.AddAttrs(slog.String("correlation_id", at.Correlation.String()))
	}
	return r
}

// entry is a line as an event carries it.
func (h handler) entry(ctx context.Context, r slog.Record, at event.LogContext) event.StructuredLog {
	p := event.StructuredLog{Level: levelOf(r.Level), Message: cmp.Or(strings.ToValidUTF8(r.Message, "\uFFFD"), "(empty)"), Context: at}
	o := h.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	o.buffer.Reset()
	if h.attributes.Handle(ctx, r) != nil {
		return p
	}
	raw := bytes.TrimSpace(bytes.Clone(o.buffer.Bytes()))
	var known struct {
		Code        string `json:"code"`
		NodeID      string `json:"node_id"`
		Correlation string `json:"correlation_id"`
	}
	if json.Unmarshal(raw, &known) != nil {
		return p // an attribute that is no JSON; the line itself is more
	}
	if len(raw) > len("{}") {
		p.Attributes = raw
	}
	p.Code, p.Context.NodeID = known.Code, known.NodeID
	if id, err := event.ParseID(known.Correlation); err == nil {
		p.Context.Correlation = id
	}
	return p
}

// add publishes an entry, or keeps it until somebody does.
func (o *outlet) add(p event.StructuredLog) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.sink.Load(); s != nil {
		s.add(p)
		return
	}
	if len(o.early) < maxEarly {
		o.early = append(o.early, p)
	}
}

// levelOf returns the word for a level.
func levelOf(l slog.Level) event.LogLevel {
	const critical = slog.LevelError + 4
	switch {
	case l < slog.LevelDebug:
		return event.LevelTrace
	case l < slog.LevelInfo:
		return event.LevelDebug
	case l < slog.LevelWarn:
		return event.LevelInfo
	case l < slog.LevelError:
		return event.LevelWarning
	case l < critical:
		return event.LevelError
	}
	return event.LevelCritical
}

// contextOf says where a line comes from.
func contextOf(ctx context.Context, r slog.Record) event.LogContext {
	at := event.LogContext{Time: r.Time.UTC(), Correlation: host.Correlation(ctx)}
	if s := r.Source(); s != nil {
		at.Module, at.Function = split(s.Function)
		at.Line = s.Line
	}
	return at
}

// split parts "a/b/pkg.(*T).Method" into package and function.
func split(name string) (module, function string) {
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 {
		return name, ""
	}
	return name[:slash+dot], name[slash+dot+1:]
}
