package filetype

import (
	"slices"
	"strings"
)

// LineComment returns the comment of a language in which sign comments out the
// rest of a line.
func LineComment(sign string) Comment { return Comment{Before: sign + " ", Line: sign + " "} }

// BlockComment returns the comment of a language in which a comment goes from
// one sign to another. Text that contains one of them is refused, where
// meta.Print does not escape it.
func BlockComment(open, shut string) Comment {
	c := Comment{Before: open + " ", After: " " + shut}
	if !slices.Contains([]string{"*/", "-->", "--!>"}, shut) {
		c.Forbid = shut
	}
	return c
}

// Rules returns every rule that the standard types use, each once.
func Rules() []Rule {
	var rules []Rule
	for _, t := range table() {
		for _, r := range t.Head {
			if !slices.ContainsFunc(rules, func(o Rule) bool { return o.Name == r.Name }) {
				rules = append(rules, r)
			}
		}
	}
	return rules
}

// RuleNames returns the names of [Rules], sorted.
func RuleNames() []string {
	var names []string
	for _, r := range Rules() {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// RuleNamed returns the rule of that name.
func RuleNamed(name string) (Rule, bool) {
	rules := Rules()
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// LinesThatStart returns a rule that keeps the first lines that start with
// prefix, in any case. A line that is a delimiter of a block is never kept.
func LinesThatStart(prefix string) Rule {
	starts := prefixed(prefix)
	return linesRule("lines that start with "+strings.TrimSpace(prefix), func(line []byte) bool { return starts(line) && !isDelimiter(line) })
}
