package parity

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of a diff. Who sees two hundred lines sees enough; the comparison takes
// time in the product of the lengths.
const (
	maxDiffLines   = 200
	maxDiffCompare = 2000 // lines that are aligned; longer middles are shown as replaced
	diffContext    = 3    // lines around a change, as diff -u
)

// An edit is one line of a diff: ' ' kept, '-' only in the first, '+' only in
// the second text.
type edit struct {
	op   byte
	line string
}

// Diff returns the difference of two texts as diff -u prints it, cut after 200
// lines, or the empty string when there is none.
func Diff(fromName, toName, from, to string) string { return unified(fromName, toName, from, to) }

// unified returns the difference of two texts as diff -u prints it, or the empty
// string when there is none.
func unified(fromName, toName, from, to string) string {
	edits := align(lines(from), lines(to))
	var b strings.Builder
	a, z := 1, 1 // line numbers in from and to
	for i := 0; i < len(edits); {
		next := slices.IndexFunc(edits[i:], func(e edit) bool { return e.op != ' ' })
		if next < 0 {
			break
		}
		begin := i + max(0, next-diffContext)
		a, z = a+begin-i, z+begin-i
		end := hunkEnd(edits, i+next)
		if b.Len() == 0 {
			fmt.Fprintf(&b, "--- %s\n+++ %s\n", fromName, toName)
		}
		a, z = writeHunk(&b, edits[begin:end], a, z)
		i = end
	}
	return clip(b.String())
}

// hunkEnd returns where the hunk of the change at i ends: where enough lines in a
// row are kept.
func hunkEnd(edits []edit, i int) int {
	last := i
	for j := i; j < len(edits) && j-last <= 2*diffContext; j++ {
		if edits[j].op != ' ' {
			last = j
		}
	}
	return min(last+1+diffContext, len(edits))
}

func writeHunk(b *strings.Builder, hunk []edit, a, z int) (nextA, nextZ int) {
	countA, countZ := 0, 0
	for _, e := range hunk {
		if e.op != '+' {
			countA++
		}
		if e.op != '-' {
			countZ++
		}
	}
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", a, countA, z, countZ)
	for _, e := range hunk {
		fmt.Fprintf(b, "%c%s\n", e.op, e.line)
	}
	return a + countA, z + countZ
}

// align returns the shortest edits that make to of from, by the longest common
// subsequence of what is left when common ends are taken off.
func align(from, to []string) []edit {
	var head, tail []edit
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		head = append(head, edit{' ', from[0]})
		from, to = from[1:], to[1:]
	}
	for len(from) > 0 && len(to) > 0 && from[len(from)-1] == to[len(to)-1] {
		tail = append(tail, edit{' ', from[len(from)-1]})
		from, to = from[:len(from)-1], to[:len(to)-1]
	}
	slices.Reverse(tail)
	return slices.Concat(head, middle(from, to), tail)
}

func middle(from, to []string) []edit {
	var edits []edit
	length := commonLengths(from, to)
	i, j := 0, 0
	for i < len(from) || j < len(to) {
		switch {
		case length != nil && i < len(from) && j < len(to) && from[i] == to[j]:
			edits = append(edits, edit{' ', from[i]})
			i, j = i+1, j+1
		case i < len(from) && (length == nil || j == len(to) || length[i+1][j] >= length[i][j+1]):
			edits = append(edits, edit{'-', from[i]})
			i++
		default:
			edits = append(edits, edit{'+', to[j]})
			j++
		}
	}
	return edits
}

// commonLengths returns how many lines from[i:] and to[j:] have in common, or nil
// when that would take too long.
func commonLengths(from, to []string) [][]int {
	if len(from) > maxDiffCompare || len(to) > maxDiffCompare {
		return nil
	}
	length := make([][]int, len(from)+1)
	for i := range length {
		length[i] = make([]int, len(to)+1)
	}
	for i := len(from) - 1; i >= 0; i-- {
		for j := len(to) - 1; j >= 0; j-- {
			if from[i] == to[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	return length
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// clip cuts a diff that nobody would read to its end, and lines that are too long
// for a screen.
func clip(diff string) string {
	const maxLine = 400 // bytes
	all := lines(diff)
	cut := len(all) - maxDiffLines
	if cut > 0 {
		all = append(all[:maxDiffLines:maxDiffLines], fmt.Sprintf("… %d more lines", cut))
	}
	for i, l := range all {
		if len(l) > maxLine {
			all[i] = strings.ToValidUTF8(l[:maxLine], "") + fmt.Sprintf("… %d more bytes", len(l)-maxLine)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}
