package console

// A Color is an ANSI attribute.
type Color string

// The colours in use. They carry meaning only beside words that say the same.
const (
	Red    Color = "31"
	Green  Color = "32"
	Yellow Color = "33"
	Faint  Color = "2"
	Bold   Color = "1"
)

// Paint returns s in colour c where colour may be used, else s.
func (e *Env) Paint(c Color, s string) string {
	if !e.Color {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}
