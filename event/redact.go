package event

import (
	"encoding/json"
	"slices"

	"github.com/omninode-ai/onex/node"
)

// Redact returns a copy of e for everybody but its receiver: for logs, traces,
// monitors and audit. Secrets are replaced, by the name of the field or member
// that holds them ([RedactJSON]), in every text and every JSON value of the
// payload. Names in also are secret too, as those that [Sensitive] finds.
// What a node is sent is never redacted: e itself does not change.
func Redact(e Event, also ...string) Event {
	if e.Payload == nil {
		return e
	}
	c := codec{mode: redacting, also: also}
	c.push("", 0)
	e.Payload = c.metadata("metadata", e.Kind(), e.Payload)
	e.Extra = slices.Clone(e.Extra)
	for i, m := range e.Extra {
		e.Extra[i].Value = c.redactMember(m.key(), m.Value)
	}
	return e
}

// RedactJSON returns a copy of raw in which every member with a secret's name
// has its value, whatever it is but null, replaced by one of five texts:
//
//	password, passwd, passphrase …     [PASSWORD_REDACTED]
//	token, jwt …                       [MASKED]
//	secret                             [SECRET]
//	key, api_key …                     [KEY_REDACTED]
//	credential, auth, cookie, cert, certificate, signature, salt … and names in also
//	                                   [REDACTED]
//
// The first row that fits counts. Names are compared word by word, with words
// ending at _, -, other punctuation, digits and camelCase humps: author and
// monkey are not secret. Neither are hash, idempotency_key, fencing_token and
// kwargs_keys. JSON inside a string is redacted too, and so is what free text
// gives away ([CleanText]). Text that is not JSON, or beyond the limits of an event, becomes
// "[REDACTED]" as a whole.
func RedactJSON(raw json.RawMessage, also ...string) json.RawMessage {
	if len(raw) == 0 {
		return raw
	}
	if check(raw, 0) != nil {
		return json.RawMessage(`"` + replacementOther + `"`)
	}
	r := redactor{data: raw, also: also}
	w := walker{data: raw}
	w.space()
	r.value(w.value())
	return append(r.out, raw[r.copied:]...)
}

// A redactor copies JSON text and replaces some values on the way.
type redactor struct {
	data   []byte
	also   []string
	out    []byte
	copied int // bytes of data that are in out
}

func (r *redactor) replace(v span, s string) {
	r.out = append(r.out, r.data[r.copied:v.from]...)
	r.out, _ = appendQuoted(r.out, s)
	r.copied = int(v.to)
}

func (r *redactor) value(v span) {
	w := walker{data: r.data, at: int(v.from) + 1}
	switch r.data[v.from] {
	case '{':
		for w.more('}') {
			key, _ := w.text()
			w.colon()
			r.member(unquote(r.data[key.from:key.to]), w.value())
		}
	case '[':
		for w.more(']') {
			r.value(w.value())
		}
	case '"':
		s := unquote(r.data[v.from+1 : v.to-1])
		if clean := cleanText(s, r.also); clean != s {
			r.replace(v, clean)
		}
	}
}

func (r *redactor) member(name string, v span) {
	if r.data[v.from] == 'n' { // null hides nothing
		return
	}
	if s := replacement(name, r.also); s != "" {
		r.replace(v, s)
		return
	}
	r.value(v)
}

// redactText returns what may be seen of the text of a field.
func (c *codec) redactText(name, s string) string {
	if s == "" {
		return s
	}
	if r := replacement(name, c.also); r != "" {
		return r
	}
	return cleanText(s, c.also)
}

// redactMember returns what may be seen of the value of a field.
func (c *codec) redactMember(name string, raw json.RawMessage) json.RawMessage {
	s := replacement(name, c.also)
	if s == "" || len(raw) == 0 || string(raw) == "null" {
		return RedactJSON(raw, c.also...)
	}
	quoted, _ := appendQuoted(nil, s)
	return quoted
}

// redactContract redacts the examples. The rest of a contract is public, and
// the names in its schemas are names, not secrets.
func (c *codec) redactContract(p node.Contract) node.Contract {
	p.Tools = slices.Clone(p.Tools)
	for i, t := range p.Tools {
		p.Tools[i] = c.redactTool(t)
	}
	return p
}

func (c *codec) redactTool(t node.Tool) node.Tool {
	t.Examples = slices.Clone(t.Examples)
	for i, s := range t.Examples {
		t.Examples[i].Input = RedactJSON(s.Input, c.also...)
		t.Examples[i].Output = RedactJSON(s.Output, c.also...)
	}
	return t
}
