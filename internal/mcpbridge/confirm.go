package mcpbridge

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// confirmKey is the question by which a user allows a call.
const confirmKey = "onex_confirm"

// maxShown bounds the arguments that a user is shown, in bytes.
const maxShown = 1000

// needs reports whether a user must allow a call of t.
func (c Confirm) needs(t node.Tool) bool {
	return c == ConfirmAlways || c == ConfirmEffects && !readOnly(t)
}

// confirm returns nil when the call may be made, and else the reply to it: the
// question, or why not.
func (s *Server) confirm(q request, c caller) *invoke.Reply {
	if !c.Confirm.needs(q.known) {
		return nil
	}
	no := func(err error) *invoke.Reply {
		r := refused(q.tool, q.correlation(), err)
		return &r
	}
	if !q.talk.canBeAsked("elicitation") {
		return no(ErrNotConfirmed.With("%q; this client cannot ask its user", q.tool))
	}
	if q.talk.state != "" {
		x, err := s.unseal(q.talk.state)
		if err != nil || x.Call != callOf(q.tool, q.args) {
			return nil // which is refused where the state is used
		}
		if x.Confirmed || x.Node == "" && q.talk.allowed() {
			return nil
		}
		if a, answered := q.talk.answers[confirmKey]; answered && a != nil {
			return no(ErrNotConfirmed.With("%q; the user said no", q.tool))
		}
	}
	return no(host.Ask(host.Question{Requests: encode(map[string]any{confirmKey: confirmation(q, c)})}))
}

// confirmation is the question whether a call may be made.
func confirmation(q request, c caller) any {
	args := string(q.args)
	if len(args) > maxShown {
		args = strings.ToValidUTF8(args[:maxShown], "") + " …"
	}
	effects := "it does not say what it changes"
	if len(q.known.Effects) > 0 {
		effects = fmt.Sprintf("it says of itself: %v", q.known.Effects)
	}
	return map[string]any{"method": "elicitation/create", "params": map[string]any{
		"message":         fmt.Sprintf("Allow %s to call %s (%s)? %s\n%s", c.name, q.tool, q.known.Description, effects, args),
		"requestedSchema": map[string]any{"type": "object", "properties": map[string]any{}},
	}}
}

// allowed reports whether the user said yes.
func (t talk) allowed() bool {
	a, ok := t.answers[confirmKey].(*mcp.ElicitResult)
	return ok && a.Action == "accept"
}

func (t talk) canBeAsked(way string) bool {
	var can map[string]json.RawMessage
	return json.Unmarshal(t.can, &can) == nil && can[way] != nil
}

// confirmed reports whether the user has allowed the call that q is a part of.
func (s *Server) confirmed(q request) bool {
	if q.talk.state == "" {
		return false
	}
	x, err := s.unseal(q.talk.state)
	return err == nil && x.Call == callOf(q.tool, q.args) && (x.Confirmed || x.Node == "" && q.talk.allowed())
}
