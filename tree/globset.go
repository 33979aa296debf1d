package tree

import "strings"

// parseSet parses the bracket expression at the beginning of s and returns its
// length. It reports false if the expression does not end or names an unknown
// class.
func parseSet(s string) (*bits, int, bool) {
	set := new(bits)
	i := 1
	inverted := i < len(s) && (s[i] == '!' || s[i] == '^')
	if inverted {
		i++
	}
	low := -1 // the byte before, which may begin a range
	for first := true; ; first = false {
		if i >= len(s) {
			return nil, 0, false
		}
		switch {
		case s[i] == ']' && !first:
			if inverted {
				set.invert()
			}
			return set, i + 1, true
		case strings.HasPrefix(s[i:], "[:"):
			n, ok := set.parseClass(s[i:])
			if !ok {
				return nil, 0, false
			}
			if low = -1; n == 1 {
				low = '['
			}
			i += n
		case s[i] == '-' && low >= 0 && i+1 < len(s) && s[i+1] != ']':
			high, n := member(s[i+1:])
			if n == 0 {
				return nil, 0, false
			}
			for c := low; c <= int(high); c++ {
				set.add(byte(c))
			}
			low, i = -1, i+1+n
		default:
			c, n := member(s[i:])
			if n == 0 {
				return nil, 0, false
			}
			set.add(c)
			low, i = int(c), i+n
		}
	}
}

// parseClass adds the class at the beginning of s and returns its length. What
// has no colon before its bracket is no class after all: then it is the byte [,
// of length 1.
func (b *bits) parseClass(s string) (int, bool) {
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return 0, false
	}
	name, isClass := strings.CutSuffix(s[2:end], ":")
	if !isClass {
		b.add('[')
		return 1, true
	}
	return end + 1, b.addClass(name)
}

// member returns the byte that s begins with, which a backslash may quote, and
// how long that is; zero if there is none.
func member(s string) (byte, int) {
	switch {
	case s[0] != '\\':
		return s[0], 1
	case len(s) > 1:
		return s[1], 2
	}
	return 0, 0
}

// inClass reports whether the POSIX character class name, in the C locale, has c.
func inClass(name string, c byte) (in, known bool) {
	lower, upper, digit := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9'
	graph := '!' <= c && c <= '~'
	switch name {
	case "alnum":
		return lower || upper || digit, true
	case "alpha":
		return lower || upper, true
	case "blank":
		return c == ' ' || c == '\t', true
	case "cntrl":
		return c < ' ' || c == 0x7f, true
	case "digit":
		return digit, true
	case "graph":
		return graph, true
	case "lower":
		return lower, true
	case "print":
		return graph || c == ' ', true
	case "punct":
		return graph && !lower && !upper && !digit, true
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r', true
	case "upper":
		return upper, true
	case "xdigit":
		return digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F', true
	}
	return false, false
}

func (b *bits) addClass(name string) bool {
	for c := range 256 {
		in, known := inClass(name, byte(c))
		if !known {
			return false
		}
		if in {
			b.add(byte(c))
		}
	}
	return true
}
