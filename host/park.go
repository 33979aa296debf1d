package host

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Limits of what an mcp program may ask while it works on a call.
const (
	mcpAsks   = 16                    // questions of one call
	mcpGather = 10 * time.Millisecond // after the first, for others that come with it
	mcpParked = 32                    // calls that wait for answers
	mcpPark   = 5 * time.Minute       // for a person to answer; then the call is given up
)

// ways are what a program may ask, and what a caller must be able to for it.
var ways = map[string]string{
	"elicitation/create": "elicitation", "sampling/createMessage": "sampling", "roots/list": "roots",
}

// asked deals with a question of the program. It does not say which call it
// belongs to; so it is refused unless there is only one, rather than put to
// somebody else's user.
func (s *session) asked(m message) {
	refuse := func(why string) {
		s.post(message{ID: m.ID, Error: &rpcError{Code: rpcNoMethod, Message: why}})
	}
	way, known := ways[m.Method]
	if !known {
		refuse("method not found: " + m.Method)
		return
	}
	p, d := s.only()
	switch {
	case p == nil:
		refuse("it is not known whom to ask: several calls are running, or none")
	case !d.can(way):
		refuse("the caller cannot be asked: " + way)
	default:
		select {
		case p.asks <- m:
		default:
			refuse("too many questions")
		}
	}
}

// told deals with what the program says without being asked.
func (s *session) told(m message) {
	var p struct {
		Token    json.RawMessage `json:"progressToken"`
		Progress float64         `json:"progress"`
		Total    float64         `json:"total"`
		Message  string          `json:"message"`
		Level    string          `json:"level"`
		Logger   string          `json:"logger"`
		Data     json.RawMessage `json:"data"`
		URI      string          `json:"uri"`
	}
	if json.Unmarshal(m.Params, &p) != nil {
		return
	}
	switch m.Method {
	case "notifications/progress":
		id, _ := strconv.ParseInt(string(p.Token), 10, 64)
		if d := s.with(id); d != nil && d.tell != nil {
			d.tell(event.ToolProxyProgress{ToolName: d.tool, NodeID: d.node, Progress: p.Progress, Total: p.Total, Message: p.Message})
		}
	case "notifications/message":
		if _, d := s.only(); d != nil && d.tell != nil {
			d.log(levelOf(p.Level), logged(p.Data), encodeLog(p.Level, p.Logger, p.Data))
		}
	case "notifications/resources/updated":
		s.updated(p.URI)
	case "notifications/tools/list_changed", "notifications/prompts/list_changed", "notifications/resources/list_changed":
		s.log.Warn("the program offers something else now; start the node again to serve it", "notification", m.Method)
	}
	s.log.Debug("notification from the program", "method", m.Method)
}

// with returns the dialogue of a call that runs, or nil.
func (s *session) with(id int64) *dialogue {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.waiting[id]; p != nil {
		return p.with
	}
	return nil
}

// only returns the one call that runs and whom it is for, or nil when there are
// more or none.
func (s *session) only() (found *pending, with *dialogue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.waiting {
		switch {
		case p.with == nil:
		case found != nil:
			return nil, nil
		default:
			found, with = p, p.with
		}
	}
	return found, with
}

// A parkedCall is one whose program waits for answers.
type parkedCall struct {
	*pending
	id     int64
	same   [sha256.Size]byte  // fingerprint of the call
	asking map[string]message // by the key of the question
	timer  *time.Timer
}

// fingerprint tells one call from another.
func fingerprint(method string, own map[string]any) [sha256.Size]byte {
	raw, _ := json.Marshal(own) // it was sent as JSON
	return sha256.Sum256(append([]byte(method+"\n"), raw...))
}

// park leaves a call waiting for answers. Its error is the question.
func (s *session) park(id int64, p *pending, first message, same [sha256.Size]byte) error {
	c := &parkedCall{pending: p, id: id, same: same, asking: map[string]message{}}
	c.add(first)
	gather := time.NewTimer(mcpGather)
	defer gather.Stop()
	for more := true; more; {
		select {
		case m := <-p.asks:
			c.add(m)
		case <-gather.C:
			more = false
		}
	}
	return s.keep(c)
}

func (c *parkedCall) add(m message) { c.asking["input_"+strconv.Itoa(len(c.asking)+1)] = m }

// keep gives out a state with which c can be taken up again.
func (s *session) keep(c *parkedCall) error {
	state := event.NewID().String()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if len(s.parked) >= mcpParked {
		go s.dismiss(c)
		return ErrBusy.With("%d calls wait for answers", mcpParked)
	}
	s.parked[state] = c
	c.timer = time.AfterFunc(mcpPark, func() {
		if c := s.unpark(state); c != nil {
			s.dismiss(c)
		}
	})
	requests := map[string]message{}
	for key, m := range c.asking {
		requests[key] = message{Method: m.Method, Params: m.Params}
	}
	return Ask(Question{questions(requests), state})
}

// questions is what is asked as callers see it.
func questions(asking map[string]message) json.RawMessage {
	type question struct {
		Method string          `json:"method"`
		Params json.RawMessage `json:"params,omitempty"`
	}
	all := map[string]question{}
	for key, m := range asking {
		all[key] = question{m.Method, m.Params}
	}
	raw, _ := json.Marshal(all) // both came as JSON
	return raw
}

func (s *session) unpark(state string) *parkedCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.parked[state]
	delete(s.parked, state)
	if c != nil {
		c.timer.Stop()
	}
	return c
}

// dismiss gives up a call whose answers do not come.
func (s *session) dismiss(c *parkedCall) {
	for _, m := range c.asking {
		s.post(message{ID: m.ID, Error: &rpcError{Code: rpcNoMethod, Message: "nobody answers"}})
	}
	s.abandon(c.id)
}

// resume hands the answers to the program and waits on. Questions without an
// answer are asked again.
func (s *session) resume(ctx context.Context, d *dialogue, method string, own map[string]any) (json.RawMessage, error) {
	c := s.unpark(d.State)
	if c == nil {
		return nil, notRun{ErrAnswers.With("state %q", brief(d.State))}
	}
	var answers map[string]json.RawMessage
	_ = json.Unmarshal(d.Answers, &answers) // without answers, everything is asked again
	if c.same != fingerprint(method, own) {
		s.dismiss(c)
		return nil, notRun{ErrAnswers.With("it was another call that asked")}
	}
	s.mu.Lock()
	c.with = d // whoever answers hears what follows
	s.mu.Unlock()
	for _, key := range sortedKeys(c.asking) {
		if a, ok := answers[key]; ok {
			s.post(message{ID: c.asking[key].ID, Result: a})
			delete(c.asking, key)
		}
	}
	if len(c.asking) > 0 {
		return nil, s.keep(c)
	}
	return s.await(ctx, c.id, c.pending, method, own)
}

// can reports whether the caller can be asked in a way.
func (d *dialogue) can(way string) bool {
	var all map[string]json.RawMessage
	return json.Unmarshal(d.CanAnswer, &all) == nil && all[way] != nil
}

// levelOf is a level of MCP, which are those of syslog, as ours.
func levelOf(level string) event.LogLevel {
	levels := []event.LogLevel{event.LevelDebug, event.LevelInfo, event.LevelWarning, event.LevelError, event.LevelCritical}
	switch l := event.LogLevel(level); {
	case slices.Contains(levels, l):
		return l
	case level == "notice":
		return event.LevelInfo
	}
	return event.LevelCritical // alert, emergency
}

// logged is what a program logs, for people.
func logged(data json.RawMessage) string {
	var text string
	if json.Unmarshal(data, &text) == nil && text != "" {
		return text
	}
	return string(data)
}

// encodeLog keeps what the program logged as it is, for callers that speak MCP.
func encodeLog(level, logger string, data json.RawMessage) json.RawMessage {
	raw, _ := json.Marshal(struct {
		Level  string          `json:"level"`
		Logger string          `json:"logger,omitempty"`
		Data   json.RawMessage `json:"data"`
	}{level, logger, data})
	return raw
}
