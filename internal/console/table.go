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
	g.Rows = oneLiners(g.Rows)
	widths := fit(g.widths(), e.Width)
	header := make([]string, len(g.Header))
	for i, h := range g.Header {
		header[i] = strings.ToUpper(h)
	}
	io.WriteString(w, e.Paint(Faint, line(header, widths))+"\n")
	for _, row := range g.Rows {
		io.WriteString(w, line(row, widths)+"\n")
	}
}

// oneLiners returns the rows without the line ends and tabs that others wrote into
// their cells: a row is a line.
func oneLiners(rows [][]string) [][]string {
	clean := make([][]string, len(rows))
	blank := strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ")
	for i, row := range rows {
		for _, cell := range row {
			clean[i] = append(clean[i], blank.Replace(cell))
		}
	}
	return clean
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

// minColumn is how narrow a column may be made: less says nothing.
const minColumn = 8

// fit makes the widest columns narrower until a line has no more than width characters,
// or cannot be made to. Who needs every character has no terminal, or asks for JSON.
func fit(widths []int, width int) []int {
	total := columnGap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; width > 0 && total > width; total-- {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minColumn {
			break
		}
		widths[widest]--
	}
	return widths
}

// cut shortens a cell that does not fit into its column.
func cut(cell string, width int) string {
	if utf8.RuneCountInString(cell) <= width {
		return cell
	}
	return string([]rune(cell)[:width-1]) + "…"
}

// line aligns the cells of a row; the last cell is not padded, so that no line
// ends in blanks.
func line(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		cell = cut(cell, widths[i])
		b.WriteString(cell)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+columnGap))
		}
	}
	return strings.TrimRight(b.String(), " ")
}
