package logger

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/event"
)

// A Format is how an entry looks.
type Format string

// The formats. Entries of each can stand one after the other in a file.
const (
	JSON     Format = "json"     // one object on a line
	YAML     Format = "yaml"     // one document each
	Markdown Format = "markdown" // a section each
	Text     Format = "text"     // a line for each part, and an empty one
	CSV      Format = "csv"      // one record: time, level, message, correlation, tags, context
)

// Formats returns all formats.
func Formats() []Format { return []Format{JSON, YAML, Markdown, Text, CSV} }

// Values returns the words for all formats.
func (Format) Values() []string { return words(Formats()) }

// Bounds of an entry.
const (
	maxMessage = 10000 // characters, as in the reference implementation
	maxParts   = 100   // tags, and members of the context; an entry is no document
	maxPart    = 1000  // characters of a tag, a key or a value; what is longer is cut
)

// An Entry is one entry of a log.
type Entry struct {
	Time        time.Time
	Level       event.LogLevel
	Message     string
	Correlation event.ID // zero for none
	Tags        []string
	Context     map[string]string
}

func (e Entry) check() error {
	if n := utf8.RuneCountInString(e.Message); strings.TrimSpace(e.Message) == "" || n > maxMessage {
		return ErrMessage.With("%d characters", n)
	}
	if len(e.Tags) > maxParts || len(e.Context) > maxParts {
		return ErrParameter.With("%d tags and %d members of the context, at most %d of each", len(e.Tags), len(e.Context), maxParts)
	}
	return nil
}

// keys returns the keys of the context, sorted.
func (e Entry) keys() []string { return slices.Sorted(maps.Keys(e.Context)) }

// redacted returns the entry as everybody may see it, cut to its bounds.
func (e Entry) redacted() Entry {
	e.Message = event.CleanText(strings.ToValidUTF8(e.Message, "\uFFFD"))
	tags := make([]string, 0, len(e.Tags))
	for _, t := range e.Tags {
		tags = append(tags, cut(event.CleanText(t)))
	}
	e.Tags = tags
	raw, err := json.Marshal(e.Context)
	if err != nil {
		return e // texts
	}
	e.Context = nil
	clean := map[string]string{}
	if json.Unmarshal(event.RedactJSON(raw), &clean) == nil && len(clean) > 0 {
		e.Context = make(map[string]string, len(clean))
		for key, value := range clean {
			e.Context[cut(key)] = cut(event.CleanText(value))
		}
	}
	return e
}

func cut(text string) string {
	if utf8.RuneCountInString(text) <= maxPart {
		return text
	}
	return string([]rune(text)[:maxPart]) + "…"
}

// Format writes the entry without secrets, with an end of line. An unknown format is
// an [ErrParameter].
func (e Entry) Format(f Format) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	e = e.redacted()
	switch f {
	case JSON:
		return e.json()
	case YAML:
		return e.yaml()
	case Markdown:
		return e.markdown(), nil
	case Text:
		return e.text(), nil
	case CSV:
		return e.csv()
	}
	return nil, ErrParameter.With("output_format %q is not one of %v", f, Formats())
}

// A document is an entry in JSON and in YAML.
type document struct {
	Timestamp   string            `json:"timestamp" yaml:"timestamp"`
	Level       event.LogLevel    `json:"level" yaml:"level"`
	Message     string            `json:"message" yaml:"message"`
	Correlation string            `json:"correlation_id,omitempty" yaml:"correlation_id,omitempty"`
	Tags        []string          `json:"tags,omitempty" yaml:"tags,omitempty,flow"`
	Context     map[string]string `json:"context,omitempty" yaml:"context,omitempty"`
}

func (e Entry) document() document {
	return document{e.at(), e.Level, e.Message, e.correlation(), e.Tags, e.Context}
}

func (e Entry) at() string { return e.Time.UTC().Format(time.RFC3339Nano) }

func (e Entry) correlation() string {
	if e.Correlation.IsZero() {
		return ""
	}
	return e.Correlation.String()
}

func (e Entry) json() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e.document())
	return b.Bytes(), err
}

func (e Entry) yaml() ([]byte, error) {
	text, err := yaml.Marshal(e.document())
	return append([]byte("---\n"), text...), err
}

func (e Entry) text() []byte {
	var b bytes.Buffer
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, indented(value))
		}
	}
	line("Time", e.at())
	line("Level", strings.ToUpper(string(e.Level)))
	line("Message", e.Message)
	line("Correlation ID", e.correlation())
	line("Tags", strings.Join(e.Tags, ", "))
	for _, key := range e.keys() {
		line("  "+indented(key), e.Context[key])
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// indented keeps a value of several lines from looking like more entries, and a
// terminal from obeying it.
func indented(value string) string {
	value = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0) {
			return utf8.RuneError
		}
		return r
	}, value)
	return strings.ReplaceAll(value, "\n", "\n    ")
}

func (e Entry) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s, %s\n\n%s\n\n", strings.ToUpper(string(e.Level)), e.at(), quoted(e.Message))
	if id := e.correlation(); id != "" {
		fmt.Fprintf(&b, "* Correlation ID: `%s`\n", id)
	}
	if len(e.Tags) > 0 {
		fmt.Fprintf(&b, "* Tags: %s\n", coded(strings.Join(e.Tags, ", ")))
	}
	for _, key := range e.keys() {
		fmt.Fprintf(&b, "* %s: %s\n", coded(key), coded(e.Context[key]))
	}
	if !bytes.HasSuffix(b.Bytes(), []byte("\n\n")) {
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// quoted is a message as a block that Markdown does not interpret.
func quoted(text string) string { return "    " + indented(text) }

// coded is a text as a code span, whatever backquotes it has.
func coded(text string) string {
	text = strings.Join(strings.Fields(indented(text)), " ")
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

func (e Entry) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var pairs []string
	for _, key := range e.keys() {
		pairs = append(pairs, key+"="+e.Context[key])
	}
	err := w.Write([]string{e.at(), string(e.Level), e.Message, e.correlation(), strings.Join(e.Tags, ";"), strings.Join(pairs, ";")})
	w.Flush()
	return b.Bytes(), err
}
