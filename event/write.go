package event

import (
	"bytes"
	"slices"
	"strings"
)

// key appends the comma that is due, a key and a colon. Keys are constants of
// this package that need no escaping.
func (c *codec) key(name string) { c.out = appendKey(c.out, name) }

func appendKey(out []byte, name string) []byte {
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	out = append(append(out, '"'), name...)
	return append(out, '"', ':')
}

// plainText appends a string that is known to need no escapes.
func (c *codec) plainText(name, s string) {
	out := append(appendKey(c.out, name), '"')
	c.out = append(append(out, s...), '"')
}

// writeText appends the string called name.
func (c *codec) writeText(name, s string, n need) {
	if s == "" && n != always {
		if n == required {
			c.missing(name)
		}
		return
	}
	c.key(name)
	c.writeString(name, s)
}

func (c *codec) writeString(name, s string) {
	out, ok := appendQuoted(c.out, s)
	c.out = out
	if !ok {
		c.fail(ErrValue, name, "not UTF-8")
	}
}

// writeRaw appends JSON text as it is, once it has passed the reader's checks.
func (c *codec) writeRaw(name string, raw []byte, object bool) {
	if n := len(raw); n > 0 && (raw[0] <= ' ' || raw[n-1] <= ' ') {
		raw = bytes.Trim(raw, " \n\t\r")
	}
	if object && (len(raw) == 0 || raw[0] != '{') {
		c.fail(ErrType, name, "want an object, got %s", clip(string(raw)))
		return
	}
	if err := check(raw, c.depth); err != nil {
		c.wrap(name, err)
		return
	}
	if c.mode == measuring {
		c.count(name, len(raw))
		return
	}
	c.key(name)
	c.out = append(c.out, raw...)
}

// hasExtra reports whether unknown members belong into the object called name,
// which then is written even if it has nothing else.
func (c *codec) hasExtra(name string) bool {
	if len(c.extra) == 0 {
		return false
	}
	inside := c.pointer(2, name) + "/"
	return slices.ContainsFunc(c.extra, func(m Member) bool { return strings.HasPrefix(m.Path, inside) })
}

// writeExtra appends the unknown members of the open object.
func (c *codec) writeExtra() {
	if len(c.extra) == 0 || c.depth < 2 {
		return
	}
	here := c.pointer(2, "")
	for _, m := range c.extra {
		key := m.key()
		if m.Path != here+"/"+escapePointer(key) {
			continue
		}
		if c.out[len(c.out)-1] != '{' {
			c.out = append(c.out, ',')
		}
		c.nputs++
		c.writeString(key, key)
		c.out = append(c.out, ':')
		if err := check(m.Value, c.depth); err != nil {
			c.wrap(key, err)
		}
		c.out = append(c.out, m.Value...)
	}
}
