package scaffold

import (
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// A Rule says what a new rule of onex lint is.
type Rule struct {
	Name     string // lower-case words joined by - or _
	ID       string // as HOUSE001; empty for one made of the name
	Language Language
	Pattern  string // of the files that it looks at, with a * in the name of a file
}

// The texts of the two cases: what the rule must catch, and what it must not.
const (
	badCase  = "This line may stay.\n" + `NOCOMMIT this may not, and says so: want "a line marked"` + "\n"
	goodCase = "Nothing here is to be removed before it is committed.\n"
)

// Files renders the directory of a validator with one rule, sorted by path. The error is [ErrLanguage].
func (r Rule) Files() ([]File, error) {
	l, ok := recipes()[r.Language]
	if !ok {
		return nil, ErrLanguage.With("%q", r.Language)
	}
	pattern, err := json.Marshal(r.Pattern)
	if err != nil {
		return nil, err
	}
	files, err := render(path.Join("templates", "rule", l.dir), []string{
		"{{id}}", r.Identity(), "{{name}}", r.words(), "{{module}}", strings.ReplaceAll(r.words(), "-", "_"), "{{pattern}}", string(pattern),
	})
	if err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"bad": badCase, "good": goodCase} {
		files = append(files, File{path.Join("testdata", r.Identity(), r.Case(name)), fs.FileMode(0o644), []byte(text)})
	}
	return sorted(files), nil
}

// words is the name as rules have it.
func (r Rule) words() string { return strings.ReplaceAll(r.Name, "_", "-") }

// notCapital is what an id does not have before its digits.
var notCapital = regexp.MustCompile(`[^A-Z]`)

// longest is how many letters an id may begin with.
const longest = 8

// Identity is the id of the rule.
func (r Rule) Identity() string {
	if r.ID != "" {
		return r.ID
	}
	letters := notCapital.ReplaceAllString(strings.ToUpper(r.Name), "")
	return letters[:min(len(letters), longest)] + "001"
}

// Case returns the path of a file that the pattern means: what * stands for in its
// last part is the name.
func (r Rule) Case(name string) string {
	if r.Pattern == "*" {
		return name + ".txt"
	}
	dir, file := path.Split(strings.TrimPrefix(r.Pattern, "/"))
	dir = strings.NewReplacer("**", "any", "*", "any").Replace(dir)
	return path.Join(dir, strings.ReplaceAll(file, "*", name))
}
