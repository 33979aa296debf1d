package node

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/near"
)

// A decoder reads values into structs and collects every problem, so that one
// run of a program shows all there is to mend.
type decoder struct {
	problems []problem
}

type problem struct{ at, text string }

// maxProblems bounds an error message; who sees twenty mends the first anyway.
const maxProblems = 20

func (d *decoder) fail(v *value, format string, args ...any) {
	d.problems = append(d.problems, problem{v.where(), fmt.Sprintf(format, args...)})
}

// failKey is fail for what is wrong with a key itself.
func (d *decoder) failKey(m member, format string, args ...any) {
	at := orElse(m.at, m.value.where())
	d.problems = append(d.problems, problem{at, fmt.Sprintf(format, args...)})
}

// err returns one error of the given kind that lists all problems; file begins
// each, so that editors and people find the place.
func (d *decoder) err(k *fault.Kind, file string) error {
	if len(d.problems) == 0 {
		return nil
	}
	lines := make([]string, 0, maxProblems)
	for i, p := range d.problems {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("and %d more", len(d.problems)-i))
			break
		}
		lines = append(lines, place(file, p.at)+p.text)
	}
	separator := "\n  "
	if len(lines) == 1 {
		return k.With("%s", lines[0]).Detail(d.problems[0].at, d.problems[0].text)
	}
	e := k.With("%d problems%s%s", len(d.problems), separator, strings.Join(lines, separator))
	for _, p := range d.problems[:min(len(d.problems), maxProblems)] {
		e = e.Detail(p.at, p.text)
	}
	return e
}

func place(file, at string) string {
	switch {
	case file == "" && at == "":
		return ""
	case file == "":
		return at + ": "
	case at == "":
		return file + ": "
	}
	return file + ":" + at + ": "
}

// A field is one key that an object may have.
type field struct {
	key      string
	required bool
	read     func(*value)
	null     bool // whether null is a value, and not the same as absent
}

// object reads the members of v, each once, and refuses all other keys. A null
// counts as absent.
func (d *decoder) object(v *value, fields ...field) {
	if v.kind != object {
		d.fail(v, "must be an object, is %s", v.what())
		return
	}
	seen := map[string]bool{}
	for _, m := range v.members {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == m.key })
		switch {
		case i < 0:
			d.failKey(m, "unknown key %s%s", quote(m.key), d.suggestion(m.key, fields))
		case seen[m.key]:
			d.failKey(m, "duplicate key %s", quote(m.key))
		case fields[i].null || !m.value.isNull():
			seen[m.key] = true
			fields[i].read(m.value)
		}
	}
	for _, f := range fields {
		if f.required && !seen[f.key] {
			d.fail(v, "missing key %s", quote(f.key))
		}
	}
}

// suggestion names the known key that k was probably meant to be.
func (d *decoder) suggestion(k string, fields []field) string {
	if len(d.problems) >= maxProblems {
		return "" // nobody will see it
	}
	meant := ""
	best := 3 // more than two changes is another word
	for _, f := range fields {
		if n := near.Distance(strings.ToLower(k), f.key); n < best {
			meant, best = f.key, n
		}
	}
	if meant == "" {
		return ""
	}
	return "; did you mean " + quote(meant) + "?"
}

func (d *decoder) text(v *value) string {
	if v.kind != text && v.kind != plain {
		d.fail(v, "must be text, is %s", v.what())
		return ""
	}
	if !utf8.ValidString(v.text) {
		d.fail(v, "not UTF-8")
	}
	return v.text
}

// form reads text of which wrong has nothing to say; any other reads as empty.
func (d *decoder) form(v *value, wrong func(string) string) string {
	before := len(d.problems)
	s := d.text(v)
	if len(d.problems) > before {
		return ""
	}
	if problem := wrong(s); problem != "" {
		d.fail(v, "%s", problem)
		return ""
	}
	return s
}

// integer reads a whole number from 0 to most.
func (d *decoder) integer(v *value, most int64) int64 {
	k, s := v.resolved()
	n, err := strconv.ParseInt(s, 10, 64)
	if k != number || err != nil || n < 0 || n > most {
		d.fail(v, "must be a whole number from 0 to %d, is %s", most, v.what())
		return 0
	}
	return n
}

// maxDuration bounds every stated time: longer is a mistake in the unit.
const maxDuration = 24 * time.Hour

func (d *decoder) milliseconds(v *value) time.Duration {
	return time.Duration(d.integer(v, maxDuration.Milliseconds())) * time.Millisecond
}

func (d *decoder) texts(v *value) []string {
	var out []string
	d.each(v, func(item *value) { out = append(out, d.text(item)) })
	return out
}

// maxItems bounds every list and map of a document's own (not those inside
// schemas and examples): duplicates are looked for by comparing all with all.
const maxItems = 1000

func (d *decoder) each(v *value, read func(*value)) {
	if v.kind != list {
		d.fail(v, "must be a list, is %s", v.what())
		return
	}
	if len(v.items) > maxItems {
		d.fail(v, "%d items are more than the limit of %d", len(v.items), maxItems)
		return
	}
	for _, item := range v.items {
		read(item)
	}
}

// raw returns v as JSON, after making sure that every program reads the same.
func (d *decoder) raw(v *value) json.RawMessage {
	if !d.exact(v) {
		return nil
	}
	return appendJSON(nil, v)
}

func (d *decoder) exact(v *value) bool {
	if k, s := v.resolved(); k == number {
		if _, ok := canonicalNumber(s); !ok {
			d.fail(v, "number %s cannot be held exactly by every JSON program; write it as text", quote(s))
			return false
		}
	}
	ok := true
	for _, item := range v.items {
		ok = d.exact(item) && ok
	}
	for _, m := range v.members {
		ok = d.exact(m.value) && ok
	}
	return ok
}

// word reads one of a closed set of words.
func word[W ~string](d *decoder, v *value, all []W) W {
	return W(d.form(v, func(s string) string {
		if slices.Contains(all, W(s)) {
			return ""
		}
		return quote(s) + " is not one of " + oneOf(all)
	}))
}

func oneOf[W ~string](all []W) string {
	return strings.Join(spelled(all), ", ")
}
