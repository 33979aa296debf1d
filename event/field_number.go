package event

import (
	"math"
	"strconv"
	"time"
)

// integer visits a count: a whole number that is not negative.
func integer[N ~int | ~int64](c *codec, name string, p *N, n need) {
	u := uint64(*p)
	if *p < 0 && c.mode <= writing {
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
	case measuring:
		c.count(name, maxNumber)
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
	case measuring, writing:
		if *p == 0 && n == optional {
			return
		}
		if math.IsNaN(*p) || math.IsInf(*p, 0) {
			c.fail(ErrValue, name, "%v is not a JSON number", *p)
			return
		}
		if c.mode == measuring {
			c.count(name, maxNumber)
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
	case measuring:
		c.count(name, len("false"))
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
	case measuring, writing:
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
		if c.mode == measuring {
			c.count(name, len(zeroTime)+2)
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
	case measuring, writing:
		switch {
		case *p == 0 && n == optional:
			return
		case *p < 0:
			c.fail(ErrValue, name, "%s is negative", *p)
			return
		}
		if c.mode == measuring {
			c.count(name, maxNumber)
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
