package derived

import (
	"fmt"
	"io"
	"strings"

	"github.com/omninode-ai/onex/internal/console"
)

// Text lists the files that are not current.
func Text(e *console.Env, w io.Writer, items []Item) {
	for _, i := range items {
		if i.State != Current {
			fmt.Fprintf(w, "%s  %s\n", e.Paint(colorOf(i.State), fmt.Sprintf("%-7s", i.State)), i.Path)
		}
	}
}

func colorOf(s State) console.Color {
	switch s {
	case Stale, Missing:
		return console.Yellow
	case Extra:
		return console.Red
	}
	return console.Green
}

// Totals counts the files by state.
func Totals(items []Item) string {
	counts := map[State]int{}
	for _, i := range items {
		counts[i.State]++
	}
	var parts []string
	for _, s := range State("").Values() {
		if n := counts[State(s)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "nothing to generate"
	}
	return strings.Join(parts, ", ")
}

// Table lists all files.
func Table(items []Item) console.Grid {
	g := console.Grid{Header: []string{"state", "path", "of"}, Empty: "nothing to generate"}
	for _, i := range items {
		g.Rows = append(g.Rows, []string{string(i.State), i.Path, i.Of})
	}
	return g
}

// End ends a command that said what is to be done: with status 1 if that was only to
// be checked and something is, and else with a word on how it gets written.
func End(e *console.Env, ok, write, check bool) error {
	switch {
	case ok:
	case check:
		return console.Exit(console.ExitError)
	case !write:
		e.Note("nothing is written yet: --write writes")
	}
	return nil
}
