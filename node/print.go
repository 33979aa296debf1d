package node

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// appendYAML appends v in block style, two spaces a level, members in v's own
// order. The YAML is a small subset on purpose: plain words, else strings in
// double quotes, so that every YAML 1.1 and 1.2 parser reads the same.
func appendYAML(b []byte, v *value, indent int) []byte {
	pad := strings.Repeat(" ", indent)
	for i, m := range v.members {
		if i > 0 {
			b = append(b, pad...)
		}
		b = appendKey(b, m.key, pad)
		b = appendChild(b, m.value, indent+2)
	}
	for i, item := range v.items {
		if i > 0 {
			b = append(b, pad...)
		}
		b = append(b, "- "...)
		if isBlock(item) {
			b = appendYAML(b, item, indent+2)
		} else {
			b = append(appendLeaf(b, item), '\n')
		}
	}
	return b
}

// appendKey writes "key:", or the explicit form of a key that is too long for
// it (YAML 1.2.2, 7.4.2 allows 1024 characters).
func appendKey(b []byte, key, pad string) []byte {
	const most = 1000
	k := appendYAMLText(nil, key)
	if len(k) <= most {
		return append(append(b, k...), ':')
	}
	b = append(append(b, "? "...), k...)
	return append(append(append(b, '\n'), pad...), ':')
}

// appendChild writes what follows "key:".
func appendChild(b []byte, v *value, indent int) []byte {
	if !isBlock(v) {
		b = append(b, ' ')
		return append(appendLeaf(b, v), '\n')
	}
	b = append(b, '\n')
	b = append(b, strings.Repeat(" ", indent)...)
	return appendYAML(b, v, indent)
}

func isBlock(v *value) bool { return len(v.items)+len(v.members) > 0 }

func appendLeaf(b []byte, v *value) []byte {
	k, s := v.resolved()
	switch k {
	case object:
		return append(b, "{}"...)
	case list:
		return append(b, "[]"...)
	case text:
		return appendYAMLText(b, s)
	}
	return append(b, s...)
}

// plainForm is the text that needs no quotes: it begins with a letter and holds
// nothing that YAML could read as syntax.
var plainForm = regexp.MustCompile(`^[A-Za-z_/]([A-Za-z0-9_./@+()-]|(, ?| )[A-Za-z0-9_./@+()]|:/)*$`)

// versionForm is the other text that needs none, though it begins with a digit.
var versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z][A-Za-z0-9.]*)?$`)

// reserved reports whether some version of YAML reads s as no text.
func reserved(s string) bool {
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

func appendYAMLText(b []byte, s string) []byte {
	if isPlain(s) {
		return append(b, s...)
	}
	quoted := appendString(nil, s)
	for len(quoted) > 0 {
		r, n := utf8.DecodeRune(quoted)
		if printable(r) {
			b = append(b, quoted[:n]...)
		} else {
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		quoted = quoted[n:]
	}
	return b
}

func isPlain(s string) bool {
	if versionForm.MatchString(s) {
		return true
	}
	return plainForm.MatchString(s) && !reserved(s)
}

// printable reports whether YAML allows r as itself in a quoted string on one
// line (YAML 1.2.2, 5.1; NEL, LS and PS end lines in YAML 1.1).
func printable(r rune) bool {
	switch {
	case r < 0xa0:
		return r >= 0x20 && r < 0x7f
	case r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}
