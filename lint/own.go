package lint

import "slices"

// The ids of the findings about excuses. They need no function: every run makes
// them.
const (
	UnreasonedID = "X001" // an excuse in the code that names no rule or no reason
	StaleID      = "X002" // an excuse, in the code or in the list, that excuses nothing
)

// Own returns the rules about excuses, which every run keeps, for lists and pages.
func Own() []*Rule {
	return []*Rule{
		{ID: UnreasonedID, Name: "unreasoned-ignore", Set: Default, Level: Error, Doc: Doc{
			Short: "an onex:ignore without a rule or a reason",
			Why:   "Whoever reads the code next cannot tell whether the excuse still holds.",
			Bad:   "x = y is 0  # onex:ignore P003",
			Good:  "x = y is 0  # onex:ignore P003 the test is about identity of small integers",
		}},
		{ID: StaleID, Name: "stale-ignore", Set: Default, Level: Error, Doc: Doc{
			Short: "an excuse that excuses nothing",
			Why:   "What it excused has been mended; left standing, it would hide the next mistake.",
			Bad:   "x = y == 0  # onex:ignore P003 the test is about identity of small integers",
			Good:  "x = y == 0",
		}},
	}
}

func isOwn(id string) bool {
	return slices.ContainsFunc(Own(), func(r *Rule) bool { return r.ID == id })
}
