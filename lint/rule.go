package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/tree"
)

// A Set is for which projects a rule is.
type Set string

// The sets. A run of Onex includes Default.
const (
	Default Set = "default" // for every project: it finds mistakes, and hardly ever is wrong
	Onex    Set = "onex"    // for projects that keep the standards of ONEX
)

// Sets returns all sets.
func Sets() []Set { return []Set{Default, Onex} }

// A Level is how bad a finding is. A run with a finding of any level but Note fails.
type Level string

// The levels.
const (
	Error   Level = "error"   // it is wrong
	Warning Level = "warning" // it will be, or it breaks a rule of the project
	Note    Level = "note"    // worth knowing
)

// A Rule is one check. Exactly one of File and Project is set.
type Rule struct {
	ID    string // "P003": letters and digits, unique, never given to another rule
	Name  string // "is-literal": what a person calls it, unique
	Set   Set
	Level Level
	Doc   Doc

	// Files are patterns as in .gitignore for the files it looks at: "*.py".
	Files []string

	// Everything makes it look also at what is not the project's own code ([Foreign]).
	Everything bool

	// File looks at one file. It is called for several at once.
	File func(*Pass)

	// Project looks at all files of the pass together.
	Project func(*Pass)

	files []tree.Pattern
}

// Doc is what a person reads about a rule.
type Doc struct {
	Short string // what is wrong, in one line, without a period: "a literal compared with is"
	Why   string // what it can cost
	Bad   string // an example that the rule finds
	Good  string // the same, as it should be
	Fix   string // what --fix does; empty when it does nothing
}

var (
	idForm   = regexp.MustCompile(`^[A-Z]{1,8}[0-9]{3}$`)
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// Validate reports, as an [ErrRule], the first thing that is wrong with a list of
// rules: a form, a word that two share, a rule without documentation or function.
func Validate(rules []*Rule) error {
	seen := map[string]bool{}
	for _, r := range rules {
		switch {
		case !idForm.MatchString(r.ID):
			return ErrRule.With("%q: an id has capital letters and three digits", r.ID)
		case !nameForm.MatchString(r.Name):
			return ErrRule.With("%s: the name %q is not lower-case words with hyphens", r.ID, r.Name)
		case seen[r.ID] || seen[r.Name]:
			return ErrRule.With("two rules are called %s or %s", r.ID, r.Name)
		case !slices.Contains(Sets(), r.Set) || !slices.Contains([]Level{Error, Warning, Note}, r.Level):
			return ErrRule.With("%s: set %q, level %q", r.ID, r.Set, r.Level)
		case r.Doc.Short == "" || r.Doc.Why == "" || r.Doc.Bad == "" || r.Doc.Good == "":
			return ErrRule.With("%s has no documentation: want short, why, bad and good", r.ID)
		case (r.File == nil) == (r.Project == nil):
			return ErrRule.With("%s: want one of File and Project", r.ID)
		}
		seen[r.ID], seen[r.Name] = true, true
		if err := r.compile(); err != nil {
			return err
		}
	}
	return nil
}

// compile reads the patterns.
func (r *Rule) compile() error {
	if len(r.Files) == 0 {
		return ErrRule.With("%s looks at no files", r.ID)
	}
	r.files = nil
	for _, text := range r.Files {
		p, ok := tree.ParsePattern(text)
		if !ok {
			return ErrRule.With("%s: %q is not a pattern that can match", r.ID, text)
		}
		r.files = append(r.files, p)
	}
	return nil
}

// wants reports whether r looks at the file.
func (r *Rule) wants(path string) bool {
	return slices.ContainsFunc(r.files, func(p tree.Pattern) bool { return p.Match(path) })
}

// called reports whether a person who writes name means r.
func (r *Rule) called(name string) bool {
	return strings.EqualFold(name, r.ID) || strings.EqualFold(name, r.Name)
}

// Find returns the rule of that id or name, in any case.
func Find(rules []*Rule, name string) (*Rule, bool) {
	i := slices.IndexFunc(rules, func(r *Rule) bool { return r.called(name) })
	if i < 0 {
		return nil, false
	}
	return rules[i], true
}
