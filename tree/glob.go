package tree

import "strings"

// A glob is the compiled form of the part of an ignore pattern that begins with
// its first special character. The rules are those of gitignore(5); where that
// page is silent, what git does: bytes are matched, not characters, and "**"
// counts as special also right after the literal beginning of a pattern.
type glob []step

type step struct {
	kind stepKind
	lit  byte  // for one
	set  *bits // for oneOf
}

type stepKind uint8

const (
	one   stepKind = iota // the byte lit
	oneOf                 // a byte of set, but no slash
	star                  // any bytes but slashes
	dirs                  // any number of whole directories, with their slashes
	rest                  // everything
)

// bits is a set of bytes.
type bits [4]uint64

func (b *bits) add(c byte)      { b[c/64] |= 1 << (c % 64) }
func (b *bits) has(c byte) bool { return b[c/64]&(1<<(c%64)) != 0 }

func (b *bits) invert() {
	for i := range b {
		b[i] = ^b[i]
	}
}

// compileGlob compiles s; it reports false for a glob that can match nothing.
func compileGlob(s string) (glob, bool) {
	var g glob
	for i := 0; i < len(s); {
		switch s[i] {
		case '\\':
			if i+1 == len(s) {
				return nil, false
			}
			g = append(g, step{kind: one, lit: s[i+1]})
			i += 2
		case '?':
			any := new(bits)
			any.invert()
			g = append(g, step{kind: oneOf, set: any})
			i++
		case '[':
			set, n, ok := parseSet(s[i:])
			if !ok {
				return nil, false
			}
			g = append(g, step{kind: oneOf, set: set})
			i += n
		case '*':
			stars := i
			for i < len(s) && s[i] == '*' {
				i++
			}
			var n int
			g, n = g.appendStars(s, stars, i)
			i += n
		default:
			g = append(g, step{kind: one, lit: s[i]})
			i++
		}
	}
	return g, true
}

// appendStars appends what the asterisks s[from:to] mean, and returns how many
// bytes after them that includes.
func (g glob) appendStars(s string, from, to int) (glob, int) {
	starts := from == 0 || s[from-1] == '/'
	switch after := s[to:]; {
	case to-from < 2 || !starts:
	case after == "":
		return append(g, step{kind: rest}), 0
	case after[0] == '/':
		return append(g, step{kind: dirs}), 1
	case strings.HasPrefix(after, `\/`): // to git, at least one directory
		return append(g, step{kind: star}, step{kind: one, lit: '/'}, step{kind: dirs}), 2
	}
	return append(g, step{kind: star}), 0
}

// match reports whether g matches all of s. It takes at most len(g)*len(s)
// steps: after a mismatch only the last star, and then the last run of
// directories, can be given more; what lies before is settled, because a star
// cannot cross the slash that ended it.
func (g glob) match(s string) bool {
	p, i := 0, 0
	starAt, starFrom := -1, 0
	dirsAt, dirsFrom := -1, 0
	for {
		switch {
		case p == len(g) && i == len(s):
			return true
		case p < len(g) && g[p].kind == rest:
			return true
		case p < len(g) && g[p].kind == star:
			starAt, starFrom = p, i
			p++
			continue
		case p < len(g) && g[p].kind == dirs:
			dirsAt, dirsFrom, starAt = p, i, -1
			p++
			continue
		case p < len(g) && i < len(s) && g[p].takes(s[i]):
			p, i = p+1, i+1
			continue
		}
		if starAt >= 0 && starFrom < len(s) && s[starFrom] != '/' {
			starFrom++
			p, i = starAt+1, starFrom
			continue
		}
		slash := -1
		if dirsAt >= 0 {
			slash = strings.IndexByte(s[dirsFrom:], '/')
		}
		if slash < 0 {
			return false
		}
		dirsFrom += slash + 1
		p, i, starAt = dirsAt+1, dirsFrom, -1
	}
}

func (t step) takes(c byte) bool {
	if t.kind == one {
		return t.lit == c
	}
	return c != '/' && t.set.has(c)
}
