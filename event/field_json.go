package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/omninode-ai/onex/fault"
)

// raw visits JSON of any form. It travels as it is, byte for byte; null is a
// value like others.
func (c *codec) raw(name string, p *json.RawMessage, n need) { c.rawValue(name, p, n, false) }

// object visits JSON that must be an object.
func (c *codec) object(name string, p *json.RawMessage, n need) { c.rawValue(name, p, n, true) }

func (c *codec) rawValue(name string, p *json.RawMessage, n need, object bool) {
	switch c.mode {
	case measuring, writing:
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
	case measuring:
		c.count(name, len("{}"))
		for k, v := range *p {
			c.measureText(name, k, always)
			c.measureText(name, v, always)
		}
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
	for r := (walker{data: c.data, at: int(value.from) + 1}); r.more('}'); {
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
	case measuring, writing:
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
	case measuring, writing:
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
