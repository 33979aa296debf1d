// Package logger is the node logger: it writes structured log entries in the format
// that is wanted, and tells the bus.
//
// Its tool is log_entry; its command is "onex log". From Go:
//
//	e := logger.Entry{Level: event.LevelWarning, Message: "disk is nearly full", Tags: []string{"disk"}}
//	text, err := e.Format(logger.Markdown)
//
// Secrets are replaced in everything that leaves here, in the text of a message as in
// the value of a context called password; see package event. An entry in a file is
// written by one append: those of several writers do not mix.
package logger

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// ErrMessage is returned for an entry whose message is blank or longer than 10000
// characters.
var ErrMessage = fault.New("ONEX_LOGGER_002_MISSING_MESSAGE", fault.Invalid, "a log entry needs a message").
	Hinted("give a message of 1 to 10000 characters")

// ErrParameter is returned when the target is a file and none is named, or the other
// way round, and for a correlation that is no UUID or a time that is none.
var ErrParameter = fault.New("ONEX_LOGGER_082_MISSING_REQUIRED_PARAMETER", fault.Invalid, "the parameters do not fit together").
	Hinted("a file is named when the target is file; timestamp is as 2026-11-22T18:00:00Z; correlation_id is a UUID")

// ErrOutput is returned when an entry cannot be written: the file lies outside of the
// project, is a directory, or the disk is full. The entry was published all the same.
var ErrOutput = fault.New("ONEX_LOGGER_061_OUTPUT_GENERATION_FAILED", fault.Unavailable, "the entry cannot be written").
	Hinted("name a file of the project that can be written")

// A Target is where an entry goes beside the bus.
type Target string

// The targets of the tool. A tool has no standard output of its own.
const (
	Nowhere Target = "null"   // it is only answered
	Stderr  Target = "stderr" // of the process that runs the node, as one of its log lines
	File    Target = "file"   // below the project, at its end
)

// Values returns all targets.
func (Target) Values() []string { return []string{string(Nowhere), string(Stderr), string(File)} }

// A Level is how much an entry matters: one of [event.LogLevel].
type Level event.LogLevel

// Levels returns all levels, the least severe first.
func Levels() []Level {
	return []Level{Level(event.LevelTrace), Level(event.LevelDebug), Level(event.LevelInfo), Level(event.LevelWarning), Level(event.LevelError), Level(event.LevelCritical)}
}

// Values returns the words for all levels.
func (Level) Values() []string { return words(Levels()) }

// Below reports whether l is less severe than other. Empty is info.
func (l Level) Below(other Level) bool {
	return slices.Index(Levels(), cmp.Or(l, Level(event.LevelInfo))) < slices.Index(Levels(), other)
}

func words[W ~string](all []W) []string {
	var out []string
	for _, w := range all {
		out = append(out, string(w))
	}
	return out
}

// Log is what log_entry takes.
type Log struct {
	Message     string            `json:"message" jsonschema:"what happened"`
	Level       Level             `json:"level,omitempty" jsonschema:"how much it matters; default info"`
	MinLevel    Level             `json:"min_level,omitempty" jsonschema:"entries below are skipped; default trace"`
	Format      Format            `json:"output_format,omitempty" jsonschema:"default json"`
	Tags        []string          `json:"tags,omitempty" jsonschema:"words to find it by"`
	Context     map[string]string `json:"context,omitempty" jsonschema:"what belongs to it"`
	Correlation string            `json:"correlation_id,omitempty" jsonschema:"UUID of what it belongs to"`
	Timestamp   string            `json:"timestamp,omitempty" jsonschema:"when it happened, as in RFC 3339; default now"`
	Target      Target            `json:"target,omitempty" jsonschema:"where it is written; default null"`
	File        string            `json:"file,omitempty" jsonschema:"with target file: below the project"`
}

// Logged is what log_entry answers.
type Logged struct {
	Text      string `json:"formatted_log" jsonschema:"the entry as it was written; empty when it was skipped"`
	Format    Format `json:"output_format"`
	Level     Level  `json:"log_level"`
	Timestamp string `json:"timestamp"`
	Size      int    `json:"entry_size" jsonschema:"of the entry, in bytes"`

	skipped bool
}

// ResultStatus is skipped for an entry that was not severe enough.
func (l Logged) ResultStatus() node.Result {
	if l.skipped {
		return node.Skipped
	}
	return node.Success
}

// New returns the node for the project at root. Entries are published on b, unless it
// is nil.
func New(root string, b bus.Bus, lg *slog.Logger, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	l := sink{root: root, bus: b, log: lg, id: func() string { return string(h.ID()) }, name: h.Manifest().Name}
	host.Handle(h, "log_entry", "write a structured log entry, and tell the bus", l.write, &host.ToolOptions{
		Effects: []node.Effect{node.WritesFiles, node.Events},
		Errors: []node.ToolError{
			{Code: string(ErrMessage.Code), Description: ErrMessage.Text},
			{Code: string(ErrParameter.Code), Description: ErrParameter.Text},
			{Code: string(ErrOutput.Code), Description: ErrOutput.Text},
		},
	})
	return h, nil
}

// A sink is where the node's entries go.
type sink struct {
	root string
	bus  bus.Bus
	log  *slog.Logger
	id   func() string
	name node.Name
}

func (s sink) write(ctx context.Context, in Log) (Logged, error) {
	e, err := in.Entry()
	if err != nil {
		return Logged{}, err
	}
	out := Logged{Format: cmp.Or(in.Format, JSON), Level: Level(e.Level), Timestamp: e.Time.Format(time.RFC3339Nano)}
	if Level(e.Level).Below(cmp.Or(in.MinLevel, Level(event.LevelTrace))) {
		out.skipped = true
		return out, nil
	}
	text, err := e.Format(out.Format)
	if err != nil {
		return Logged{}, err
	}
	out.Text, out.Size = string(text), len(text)
	s.publish(ctx, e)
	switch in.Target {
	case File:
		err = appendTo(s.root, in.File, text)
	case Stderr:
		s.log.LogAttrs(ctx, severity(e.Level), e.Message, e.attributes()...)
	}
	return out, err
}

// publish tells the bus. One that is lost keeps nobody from writing: the bus says so
// itself.
func (s sink) publish(ctx context.Context, e Entry) {
	if s.bus == nil {
		return
	}
	p := e.Payload()
	if e.Correlation.IsZero() {
		e.Correlation = host.Correlation(ctx)
	}
	p.Context.NodeID = s.id()
	_, _ = s.bus.Publish(ctx, event.NewSubject(p.Kind(), s.name), event.New(s.id(), p, e.Correlation))
}

// Entry returns the entry that is asked for. Its time is now unless one is given.
func (in Log) Entry() (Entry, error) {
	if (in.Target == File) != (in.File != "") {
		return Entry{}, ErrParameter.With("target %q with file %q", in.Target, in.File)
	}
	e := Entry{
		Time: time.Now().UTC(), Level: event.LogLevel(cmp.Or(in.Level, Level(event.LevelInfo))), Message: in.Message,
		Tags: in.Tags, Context: in.Context,
	}
	var err error
	if in.Timestamp != "" {
		if e.Time, err = time.Parse(time.RFC3339Nano, in.Timestamp); err != nil {
			return Entry{}, ErrParameter.With("timestamp %q is not as 2026-11-22T18:00:00Z", in.Timestamp)
		}
		e.Time = e.Time.UTC()
	}
	if in.Correlation != "" {
		if e.Correlation, err = event.ParseID(in.Correlation); err != nil {
			return Entry{}, ErrParameter.Wrap(err, "correlation_id %q", in.Correlation)
		}
	}
	return e, e.check()
}

// appendTo adds an entry to a file below root, which no link leads out of, in one write.
func appendTo(root, name string, text []byte) error {
	at, err := os.OpenRoot(root)
	if err != nil {
		return ErrOutput.Wrap(err, "%s", root)
	}
	defer at.Close()
	name = path.Clean(filepath.ToSlash(name))
	if err := at.MkdirAll(path.Dir(name), 0o755); err != nil {
		return ErrOutput.Wrap(err, "%q", name)
	}
	f, err := at.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return ErrOutput.Wrap(err, "%q", name)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return ErrOutput.Wrap(err, "%q", name)
	}
	return nil
}

// severity is a level as slog has it.
func severity(l event.LogLevel) slog.Level {
	return slog.Level(4*slices.Index(Levels(), Level(l))) + slog.LevelDebug - 4
}

// attributes are what an entry has beside the message.
func (e Entry) attributes() []slog.Attr {
	var all []slog.Attr
	if !e.Correlation.IsZero() {
		all = append(all, slog.String("correlation_id", e.Correlation.String()))
	}
	if len(e.Tags) > 0 {
		all = append(all, slog.Any("tags", e.Tags))
	}
	for _, key := range e.keys() {
		all = append(all, slog.String(key, e.Context[key]))
	}
	return all
}

// Payload is the entry as an event carries it.
func (e Entry) Payload() event.StructuredLog {
	type beside struct {
		Tags    []string          `json:"tags,omitempty"`
		Context map[string]string `json:"context,omitempty"`
	}
	e = e.redacted()
	p := event.StructuredLog{Level: e.Level, Message: e.Message, Context: event.LogContext{Time: e.Time, Correlation: e.Correlation}}
	if len(e.Tags)+len(e.Context) > 0 {
		raw, err := json.Marshal(beside{e.Tags, e.Context})
		if err == nil { // texts
			p.Attributes = raw
		}
	}
	return p
}
