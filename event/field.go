package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// The words that enumerated fields may hold.
var (
	statuses         = node.Statuses()
	trusts           = node.Trusts()
	runtimes         = node.Runtimes()
	announceStatuses = []AnnounceStatus{AnnounceEphemeral, AnnounceOnline, AnnounceValidated}
	modes            = []ExecutionMode{ModeMemory, ModeContainer, ModeExternal}
	policies         = []Policy{PolicyFirst, PolicyRoundRobin, PolicyRandom, PolicyLeastLoaded, PolicyLocalFirst}
	portActions      = []PortAction{PortAllocate, PortRenew, PortRelease}
	logLevels        = []LogLevel{LevelTrace, LevelDebug, LevelInfo, LevelWarning, LevelError, LevelCritical}
	results          = node.Results()
)

// text visits a string.
func text[S ~string](c *codec, name string, p *S, n need) {
	switch c.mode {
	case writing:
		c.writeText(name, string(*p), n)
	case reading:
		if s, ok := c.readText(name, n); ok {
			*p = S(s)
		}
	case redacting:
		*p = S(c.redactText(name, string(*p)))
	}
}

// token visits a string that can be one token of a subject: an id or a name.
// Anything else could direct an answer to somebody else, or to everybody.
func token[S ~string](c *codec, name string, p *S, n need) {
	text(c, name, p, n)
	if *p != "" && c.mode <= reading && !validToken(string(*p)) {
		c.fail(ErrValue, name, "%q is not a token of at most %d printable characters without . * >", clip(string(*p)), MaxToken)
	}
}

// enum visits a word out of a closed set.
func enum[S ~string](c *codec, name string, p *S, n need, allowed []S) {
	text(c, name, p, n)
	if *p != "" && c.mode <= reading && !slices.Contains(allowed, *p) {
		c.fail(ErrValue, name, "%q is not one of %s", clip(string(*p)), words(allowed))
	}
}

func words[S ~string](allowed []S) string {
	var b strings.Builder
	for i, w := range allowed {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// result visits a result; the old word failure reads as error.
func (c *codec) result(name string, p *node.Result, n need) {
	text(c, name, p, n)
	if c.mode == reading && *p == "failure" {
		*p = node.Failed
	}
	if *p != "" && c.mode <= reading && !slices.Contains(results, *p) {
		c.fail(ErrValue, name, "%q is not one of %s", clip(string(*p)), words(results))
	}
}

// constant visits a field that the kind of the event determines.
func (c *codec) constant(name, value string) {
	s := value
	text(c, name, &s, always)
	if s != value {
		c.fail(ErrValue, name, "%q is not %s", clip(s), value)
	}
}

// constantFlag is constant for a bool.
func (c *codec) constantFlag(name string, value bool) {
	b := value
	c.flag(name, &b, always)
	if b != value {
		c.fail(ErrValue, name, "%t is not %t", b, value)
	}
}

// texts visits a list of strings.
func texts[S ~string](c *codec, name string, p *[]S, n need) {
	switch c.mode {
	case writing:
		if n == optional && len(*p) == 0 {
			return
		}
		c.key(name)
		c.out = append(c.out, '[')
		for i, s := range *p {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			c.writeString(name, string(s))
		}
		c.out = append(c.out, ']')
	case reading:
		readTexts(c, name, p)
	case redacting:
		*p = slices.Clone(*p)
		for i, s := range *p {
			(*p)[i] = S(c.redactText(name, string(s)))
		}
	}
}

func readTexts[S ~string](c *codec, name string, p *[]S) {
	value, ok := c.find(name)
	if !ok || !c.is('[', name, value) {
		return
	}
	var items []S
	for r := (walker{data: c.data, at: value.from + 1}); r.more(']'); {
		item := r.value()
		if !c.is('"', name, item) {
			return
		}
		items = append(items, S(c.text(item)))
	}
	*p = items
}

// enums visits a list of words out of a closed set.
func enums[S ~string](c *codec, name string, p *[]S, n need, allowed []S) {
	texts(c, name, p, n)
	for _, w := range *p {
		if c.mode <= reading && !slices.Contains(allowed, w) {
			c.fail(ErrValue, name, "%q is not one of %s", clip(string(w)), words(allowed))
		}
	}
}

// id visits an ID.
func (c *codec) id(name string, p *ID, n need) {
	switch c.mode {
	case writing:
		if p.IsZero() {
			if n == required {
				c.missing(name)
			}
			return
		}
		c.key(name)
		c.out = append(p.append(append(c.out, '"')), '"')
	case reading:
		s, ok := c.readText(name, n)
		if !ok || s == "" {
			return
		}
		if *p, ok = parseID(s); !ok {
			c.fail(ErrInvalidID, name, "%q", clip(s))
		} else if p.IsZero() && n == required {
			c.missing(name)
		}
	}
}

// integer visits a count: a whole number that is not negative.
func integer[N ~int | ~int64](c *codec, name string, p *N, n need) {
	u := uint64(*p)
	if *p < 0 && c.mode == writing {
		c.fail(ErrValue, name, "%d is negative", *p)
	}
	unsigned(c, name, &u, n)
	if u > math.MaxInt64 && c.mode == reading {
		c.fail(ErrValue, name, "%d is too large", u)
	}
	*p = N(u)
}

// unsigned visits a whole number that is not negative.
func unsigned[N ~uint64](c *codec, name string, p *N, n need) {
	switch c.mode {
	case writing:
		if *p != 0 || n != optional {
			c.key(name)
			c.out = strconv.AppendUint(c.out, uint64(*p), 10)
		}
	case reading:
		value, ok := c.lookup(name, n)
		if !ok {
			return
		}
		u, err := strconv.ParseUint(string(c.data[value.from:value.to]), 10, 64)
		if err != nil {
			c.wrongType(name, "a whole number from 0 to 2^64-1", value)
		}
		*p = N(u)
	}
}

// port notes a number that is no port.
func (c *codec) port(name string, number int) {
	if c.mode <= reading && (number < 1 || number > 65535) {
		c.fail(ErrValue, name, "%d is not from 1 to 65535", number)
	}
}

// float visits a number.
func (c *codec) float(name string, p *float64, n need) {
	switch c.mode {
	case writing:
		if *p == 0 && n == optional {
			return
		}
		if math.IsNaN(*p) || math.IsInf(*p, 0) {
			c.fail(ErrValue, name, "%v is not a JSON number", *p)
			return
		}
		c.key(name)
		c.out = appendFloat(c.out, *p)
	case reading:
		value, ok := c.lookup(name, n)
		if !ok {
			return
		}
		f, err := strconv.ParseFloat(string(c.data[value.from:value.to]), 64)
		if err != nil {
			c.wrongType(name, "a number", value)
			return
		}
		*p = f
	}
}

// appendFloat appends the shortest form, as ECMAScript and encoding/json do.
func appendFloat(dst []byte, f float64) []byte {
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, 64)
}

// flag visits a bool.
func (c *codec) flag(name string, p *bool, n need) {
	switch c.mode {
	case writing:
		if *p || n != optional {
			c.key(name)
			c.out = strconv.AppendBool(c.out, *p)
		}
	case reading:
		value, ok := c.lookup(name, n)
		if !ok {
			return
		}
		if first := c.data[value.from]; first != 't' && first != 'f' {
			c.wrongType(name, "true or false", value)
			return
		}
		*p = c.data[value.from] == 't'
	}
}

// time visits a point in time.
func (c *codec) time(name string, p *time.Time, n need) {
	switch c.mode {
	case writing:
		if p.IsZero() {
			if n != optional {
				c.missing(name)
			}
			return
		}
		if !writable(*p) {
			c.fail(ErrValue, name, "year %d is not from 1 to 9999", p.UTC().Year())
			return
		}
		c.key(name)
		c.out = append(appendTime(append(c.out, '"'), *p), '"')
	case reading:
		s, ok := c.readText(name, n)
		if !ok || s == "" {
			return
		}
		if *p, ok = parseTime(s); !ok {
			c.fail(ErrValue, name, "%q is not an RFC 3339 time", clip(s))
		}
	}
}

// duration visits a time span, in milliseconds on the wire.
func (c *codec) duration(name string, p *time.Duration, n need) {
	switch c.mode {
	case writing:
		switch {
		case *p == 0 && n == optional:
			return
		case *p < 0:
			c.fail(ErrValue, name, "%s is negative", *p)
			return
		}
		c.key(name)
		if *p%time.Millisecond == 0 {
			c.out = strconv.AppendInt(c.out, p.Milliseconds(), 10)
			return
		}
		c.out = appendFloat(c.out, float64(*p)/float64(time.Millisecond))
	case reading:
		var ms float64
		c.float(name, &ms, n)
		if ms < 0 || ms > maxMS {
			c.fail(ErrValue, name, "%v is not from 0 to %v", ms, maxMS)
			return
		}
		*p = time.Duration(math.Round(ms * float64(time.Millisecond)))
	}
}

// maxMS is a century in milliseconds: far beyond every use, and within the 292
// years of a time.Duration.
const maxMS = 100 * 365.25 * 24 * 3600 * 1000

// raw visits JSON of any form. It travels as it is, byte for byte; null is a
// value like others.
func (c *codec) raw(name string, p *json.RawMessage, n need) { c.rawValue(name, p, n, false) }

// object visits JSON that must be an object.
func (c *codec) object(name string, p *json.RawMessage, n need) { c.rawValue(name, p, n, true) }

func (c *codec) rawValue(name string, p *json.RawMessage, n need, object bool) {
	switch c.mode {
	case writing:
		switch {
		case len(*p) > 0:
			c.writeRaw(name, *p, object)
		case n == required:
			c.missing(name)
		}
	case reading:
		m := c.member(name)
		switch {
		case m == nil && n == required:
			c.missing(name)
		case m != nil && (!object || c.is('{', name, m.value)):
			*p = c.copy(m.value)
		}
	case redacting:
		*p = c.redactMember(name, *p)
	case inspecting:
		c.inspect(name, *p)
	}
}

// report visits an error in the form that crosses processes.
func (c *codec) report(name string, p *fault.Report, n need) {
	present := p.Code != "" || p.Message != ""
	if !c.begin(name, present) {
		if n == required && c.err == nil {
			c.missing(name)
		}
		return
	}
	text(c, "code", &p.Code, required)
	text(c, "class", &p.Class, optional)
	text(c, "message", &p.Message, required)
	c.details("details", &p.Details)
	text(c, "hint", &p.Hint, optional)
	c.end()
}

// details visits a map of texts, in the order of its keys.
func (c *codec) details(name string, p *map[string]string) {
	switch c.mode {
	case writing:
		if len(*p) == 0 {
			return
		}
		c.key(name)
		c.out = append(c.out, '{')
		for i, k := range slices.Sorted(maps.Keys(*p)) {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			c.writeString(name, k)
			c.out = append(c.out, ':')
			c.writeString(name, (*p)[k])
		}
		c.out = append(c.out, '}')
	case reading:
		c.readDetails(name, p)
	case redacting:
		*p = maps.Clone(*p)
		for k, v := range *p {
			(*p)[k] = c.redactText(k, v)
		}
	}
}

func (c *codec) readDetails(name string, p *map[string]string) {
	value, ok := c.find(name)
	if !ok || !c.is('{', name, value) {
		return
	}
	for r := (walker{data: c.data, at: value.from + 1}); r.more('}'); {
		key, _ := r.text()
		r.colon()
		item := r.value()
		if !c.is('"', name, item) {
			return
		}
		if *p == nil {
			*p = map[string]string{}
		}
		(*p)[unquote(c.data[key.from:key.to])] = c.text(item)
	}
}

// document visits a manifest, a contract or a tool, which package node encodes.
// It is required.
func document[T any](c *codec, name string, p *T) {
	switch c.mode {
	case writing:
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(p); err != nil {
			c.wrap(name, err)
			return
		}
		c.writeRaw(name, b.Bytes(), true)
	case reading:
		value, ok := c.lookup(name, required)
		if !ok || !c.is('{', name, value) {
			return
		}
		if err := json.Unmarshal(c.data[value.from:value.to], p); err != nil {
			c.wrap(name, err)
		}
	}
}

// documentIf is document for one that may be missing.
func documentIf[T any](c *codec, name string, p **T) {
	switch c.mode {
	case writing:
		if *p != nil {
			document(c, name, *p)
		}
	case reading:
		if _, ok := c.find(name); ok {
			*p = new(T)
			document(c, name, *p)
		}
	}
}

// wrap notes an error found in the value of the field called name. One that has
// a code keeps it.
func (c *codec) wrap(name string, err error) {
	if c.err != nil {
		return
	}
	path, kind := c.pointer(1, name), ErrValue
	if own := (*fault.Error)(nil); errors.As(err, &own) {
		kind = own.Kind()
	}
	c.err = kind.Wrap(err, "%s", path).Detail("path", path)
}
