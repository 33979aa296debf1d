package console

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Color is an ANSI attribute.
type Color string

// The colours in use. They carry meaning only beside words that say the same.
const (
	Red    Color = "31"
	Green  Color = "32"
	Yellow Color = "33"
	Faint  Color = "2"
	Bold   Color = "1"
	plain  Color = "0"
)

// Paint returns s in colour c where colour may be used, else s.
func (e *Env) Paint(c Color, s string) string {
	if !e.Color {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// harmless replaces what a terminal would obey in text that comes from others:
// a node's description must not move a cursor or set a title. Our own colours
// stay, and so do line ends and tabs.
func (e *Env) harmless(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		if n := ownColor(text); n > 0 {
			b.WriteString(text[:n])
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
		text = text[n:]
	}
	return b.String()
}

// ownColor returns the length of a colour sequence of [Env.Paint] that text
// begins with, or 0.
func ownColor(text string) int {
	for _, c := range []Color{Red, Green, Yellow, Faint, Bold, plain} {
		if sequence := "\x1b[" + string(c) + "m"; strings.HasPrefix(text, sequence) {
			return len(sequence)
		}
	}
	return 0
}
