package console

import (
	"io"
	"strings"
	"unicode/utf8"
)

// A Grid is a table: a header and rows of cells.
type Grid struct {
	Header []string
	Rows   [][]string
	Empty  string // said instead of a table without rows
}

// columnGap separates columns, as in ls and kubectl.
const columnGap = 2

func (g Grid) write(e *Env, w io.Writer) {
	if len(g.Rows) == 0 && g.Empty != "" {
		e.Note("%s", g.Empty)
		return
	}
	widths := g.widths()
	header := make([]string, len(g.Header))
	for i, h := range g.Header {
		header[i] = strings.ToUpper(h)
	}
	io.WriteString(w, e.Paint(Faint, line(header, widths))+"\n")
	for _, row := range g.Rows {
		io.WriteString(w, line(row, widths)+"\n")
	}
}

func (g Grid) widths() []int {
	widths := make([]int, len(g.Header))
	for _, row := range append([][]string{g.Header}, g.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// line aligns the cells of a row; the last cell is not padded, so that no line
// ends in blanks.
func line(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		b.WriteString(cell)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+columnGap))
		}
	}
	return strings.TrimRight(b.String(), " ")
}
