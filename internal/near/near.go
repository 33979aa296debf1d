// Package near finds the words that somebody probably meant.
//
//	near.Words("stamp_chek", tools) // [stamp_check]
//
// Words are compared by their edit distance (Levenshtein), byte by byte. They are
// short: names of tools, keys, flags.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// maxWord bounds the work on a word that no name is as long as.
const maxWord = 128

// most is how many proposals somebody reads.
const most = 3

// Words returns those of known that word may have been meant to be, the nearest first
// and at most three: no more than two changes away, or a third of word, or with word
// in them.
func Words(word string, known []string) []string {
	var found []string
	for _, k := range known {
		if Distance(word, k) <= max(2, len(word)/3) || strings.Contains(k, word) {
			found = append(found, k)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(Distance(word, a), Distance(word, b)) })
	return found[:min(len(found), most)]
}

// Distance returns how many bytes must be added, removed or replaced to make one word
// the other.
func Distance(a, b string) int {
	if max(len(a), len(b)) > maxWord {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, replaced)
		}
	}
	return row[len(b)]
}
