package lint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/tree"
)

// ignoreMark begins an excuse in a comment.
const ignoreMark = "onex:ignore"

// minReason is how many words a reason has at least: one is no reason.
const minReason = 2

// maxExceptions bounds the list of exceptions, in bytes: thousands of them.
const maxExceptions = 1 << 20

// An excuse is one comment or one entry of the list.
type excuse struct {
	rules []string
	path  string                 // of a comment
	lines [2]int                 // of a comment: its own, and the next that has code
	match func(path string) bool // of an entry
	at    Diagnostic             // what to say when it is stale
	used  bool
}

// excuse returns what of found has no excuse, and what is wrong with excuses.
func (r *runner) excuse(found []Diagnostic) ([]Diagnostic, error) {
	var left []Diagnostic
	var excuses []*excuse
	for _, f := range r.project.Files {
		if !bytes.Contains(f.Data, []byte(ignoreMark)) || foreign(f.Path) {
			continue
		}
		in, wrong := excusesOf(f)
		excuses = append(excuses, in...)
		left = append(left, wrong...)
	}
	listed, err := r.exceptions()
	if err != nil {
		return nil, err
	}
	excuses = append(excuses, listed...)
	for _, d := range found {
		excused := false
		for _, e := range excuses {
			if e.covers(d) {
				e.used, excused = true, true
			}
		}
		if !excused {
			left = append(left, d)
		}
	}
	for _, e := range excuses {
		if !e.used && r.judged(e) {
			left = append(left, e.at)
		}
	}
	return left, nil
}

// judged reports whether every rule that the excuse names was run where it
// applies, so that it is known to be stale.
func (r *runner) judged(e *excuse) bool {
	if e.match != nil && len(r.o.Paths) > 0 {
		return false
	}
	return !slices.ContainsFunc(e.rules, func(name string) bool {
		_, ran := Find(r.rules, name)
		return !ran
	})
}

func (e *excuse) covers(d Diagnostic) bool {
	if !slices.Contains(e.rules, d.Rule) && !slices.Contains(e.rules, d.Name) {
		return false
	}
	if e.match != nil {
		return e.match(d.Path)
	}
	return e.path == d.Path && (slices.Contains(e.lines[:], d.Line) || d.Line == 0)
}

// excusesOf reads the comments of f. An excuse is at the start of a comment; in an
// indented example it is none.
func excusesOf(f *File) (list []*excuse, wrong []Diagnostic) {
	for _, c := range f.Comments() {
		text, ok := strings.CutPrefix(strings.TrimLeft(c.Text, "#/-*<!;% "), ignoreMark)
		if !ok {
			continue
		}
		at := Diagnostic{Path: f.Path, Level: Error}
		at.Line, at.Column = f.Position(c.Offset)
		words := strings.Fields(strings.TrimRight(text, "*/->% \t\r\n"))
		if len(words) < 1+minReason {
			at.Rule, at.Name = UnreasonedID, "unreasoned-ignore"
			at.Message = fmt.Sprintf("want %s RULE and a reason of at least %d words", ignoreMark, minReason)
			wrong = append(wrong, at)
			continue
		}
		at.Rule, at.Name = StaleID, "stale-ignore"
		at.Message = fmt.Sprintf("%s excuses nothing here; remove it", words[0])
		list = append(list, &excuse{rules: strings.Split(words[0], ","), path: f.Path, lines: [2]int{at.Line, at.Line + 1}, at: at})
	}
	return list, wrong
}

// exceptions reads the list of the project, which need not have one.
func (r *runner) exceptions() ([]*excuse, error) {
	name := r.o.Config.Exceptions
	file, err := r.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ErrRead.Wrap(err, "%s", name)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxExceptions+1))
	if err != nil || len(text) > maxExceptions {
		return nil, ErrRead.Wrap(err, "%s: unreadable, or over %d bytes", name, maxExceptions)
	}
	return parseExceptions(name, text)
}

func parseExceptions(name string, text []byte) ([]*excuse, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, ErrConfig.Wrap(err, "%s", name)
	}
	r := configReader{name: name}
	var list []*excuse
	if len(doc.Content) == 0 {
		return nil, nil
	}
	if doc.Content[0].Kind != yaml.SequenceNode {
		return nil, r.fail(doc.Content[0], "a list of exceptions is expected: {rule, path, reason}")
	}
	for _, item := range doc.Content[0].Content {
		fields := map[string]string{}
		err := r.each(item, func(key, value *yaml.Node) error {
			if !slices.Contains([]string{"rule", "path", "reason"}, key.Value) || value.Kind != yaml.ScalarNode {
				return r.fail(key, "unknown key %q; want rule, path and reason", key.Value)
			}
			fields[key.Value] = value.Value
			return nil
		})
		if err != nil {
			return nil, err
		}
		p, ok := tree.ParsePattern(fields["path"])
		if !ok || fields["rule"] == "" || len(strings.Fields(fields["reason"])) < minReason {
			return nil, r.fail(item, "an exception needs a rule, a path and a reason of at least %d words", minReason)
		}
		list = append(list, &excuse{rules: []string{fields["rule"]}, match: p.Match, at: Diagnostic{
			Rule: StaleID, Name: "stale-ignore", Level: Error, Path: name, Line: item.Line, Column: 1,
			Message: fmt.Sprintf("%s at %s excuses nothing; remove it", fields["rule"], fields["path"]),
		}})
	}
	return list, nil
}
