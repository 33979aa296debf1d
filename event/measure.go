package event

import "unicode/utf8"

// maxNumber bounds the text of a number, of whatever type.
const maxNumber = len("-1.7976931348623157e+308")

// Measure checks e as [Encode] does and returns a size that its wire form does not exceed:
// for an event that is handed on as a value, within a process. It costs less
// than encoding, and takes no memory for most kinds. The bound is generous to
// numbers and to texts with escapes, never beyond six times the size.
func Measure(e Event) (int, error) {
	if len(e.Extra) == 0 {
		c := codec{mode: measuring, size: len("{}")}
		c.push("", 0)
		c.event(&e)
		if c.err != nil || c.size <= MaxSize {
			return c.size, c.err
		}
	}
	wire, err := Encode(e)
	return len(wire), err
}

// count adds a member of n bytes, with its key and what is around both.
func (c *codec) count(name string, n int) { c.size += len(name) + n + len(`"":,`) }

// measureText counts the string called name.
func (c *codec) measureText(name, s string, n need) {
	switch {
	case s == "" && n != always:
		if n == required {
			c.missing(name)
		}
	case ascii(s):
		c.count(name, len(s)+2)
	case utf8.ValidString(s):
		c.count(name, len(`\u0000`)*len(s)+2)
	default:
		c.fail(ErrValue, name, "not UTF-8")
	}
}
