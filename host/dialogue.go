package host

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Details of the report of [ErrInput].
const (
	inputRequests = "requests" // a JSON object; see Ask
	inputState    = "state"
)

// A Question is what a tool asks before it goes on.
type Question struct {
	Requests json.RawMessage // by a key of the tool's choice, each {"method": …, "params": …} as in MCP
	State    string          // comes back with the answers; whoever calls can read it
}

// Ask returns the error with which a tool ends a call in order to ask something:
// its user (elicitation/create), its model (sampling/createMessage) or for its
// directories (roots/list). The caller makes the same call again with the
// answers, which [Answers] returns then. Ask only what [CanAnswer] allows: others
// just see an error.
func Ask(q Question) error {
	return ErrInput.With("%s", methods(q.Requests)).Detail(inputRequests, string(q.Requests)).Detail(inputState, q.State)
}

// Asked returns what a call ended with that asks something, when err is the
// error of such a call.
func Asked(err error) (q Question, ok bool) {
	if !errors.Is(err, ErrInput) {
		return q, false
	}
	r := fault.ReportOf(err)
	return Question{json.RawMessage(r.Details[inputRequests]), r.Details[inputState]}, true
}

// methods lists what is asked, for a message.
func methods(requests json.RawMessage) string {
	var all map[string]struct{ Method string }
	if json.Unmarshal(requests, &all) != nil || len(all) == 0 {
		return "it is to be called again"
	}
	text := ""
	for _, key := range sortedKeys(all) {
		if text != "" {
			text += ", "
		}
		text += key + " (" + all[key].Method + ")"
	}
	return text
}

// Answers returns the answers to what the tool asked when it was called before, a
// JSON object with the keys of its requests, and the state that it gave; nil when
// it has not asked yet. They come from outside: check them.
func Answers(ctx context.Context) (answers json.RawMessage, state string) {
	d := dialogueOf(ctx)
	return d.Answers, d.State
}

// CanAnswer reports whether the caller can be asked in the given way:
// elicitation, sampling or roots.
func CanAnswer(ctx context.Context, way string) bool {
	d := dialogueOf(ctx)
	return d.can(way)
}

// Progress tells the caller of the call that ctx belongs to how far it has come.
// total is 0 when it is not known. It may get lost, and nothing happens when
// nobody listens.
func Progress(ctx context.Context, progress, total float64, message string) {
	if d := dialogueOf(ctx); d.tell != nil {
		d.tell(event.ToolProxyProgress{ToolName: d.tool, NodeID: d.node, Progress: progress, Total: total, Message: message})
	}
}

// A dialogue is how the tool of a running call talks with its caller.
type dialogue struct {
	event.Dialogue
	tool node.ToolName
	node node.ID
	tell func(event.Payload) // nil when nobody listens

	trace string // W3C trace context of the call; may be empty
	key   string // idempotency key of the call; may be empty
}

type dialogueKey struct{}

func withDialogue(ctx context.Context, d dialogue) context.Context {
	return context.WithValue(ctx, dialogueKey{}, d)
}

func dialogueOf(ctx context.Context) dialogue {
	d, _ := ctx.Value(dialogueKey{}).(dialogue)
	return d
}

// log tells the caller what a program logs.
func (d *dialogue) log(level event.LogLevel, message string, attributes json.RawMessage) {
	d.tell(event.StructuredLog{
		Level: level, Message: message, Attributes: attributes, Context: event.LogContext{NodeID: string(d.node)},
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// asks reports whether a call ended with a question: it is to be made again.
func (o Outcome) asks() bool { return o.Error != nil && o.Error.Code == ErrInput.Code }
