package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/omninode-ai/onex/lint"
)

// Protocol is the version of what we speak with programs.
const Protocol = 1

const (
	describeTime = 10 * time.Second // to start an interpreter and say what it is
	maxRules     = 100              // of one validator
)

// BrokenID is the rule of a finding that says that a validator could not be used.
const BrokenID = "X003"

// request is the first line of what a program reads.
type request struct {
	Request  string   `json:"request"`
	Protocol int      `json:"protocol"`
	Root     string   `json:"root,omitempty"`
	Rules    []string `json:"rules,omitempty"`
}

// asked is a file that a validator is to look at.
type asked struct {
	Path string `json:"path"`
}

// ruleLine is a rule, as a validator describes it.
type ruleLine struct {
	Type  string     `json:"type"`
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Level lint.Level `json:"level"`
	Files []string   `json:"files"`
	Short string     `json:"short"`
	Why   string     `json:"why"`
	Bad   string     `json:"bad"`
	Good  string     `json:"good"`
}

// findingLine is a finding, as a validator reports it.
type findingLine struct {
	Type    string `json:"type"`
	Rule    string `json:"rule"`
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// Rules asks the validators of the registry for their rules. A validator that is not
// trusted, or fails, is a rule that reports so: it never passes for one that found
// nothing.
func Rules(ctx context.Context, r *Registry) []*lint.Rule {
	var rules []*lint.Rule
	for _, p := range r.Active(Validator) {
		own, err := proven(ctx, &p)
		if err != nil {
			own = []*lint.Rule{broken(&p, lint.Error, err)}
		}
		rules = append(rules, own...)
	}
	for _, p := range r.Unusable(Validator) {
		level := lint.Error
		if p.State == Untrusted {
			level = lint.Warning
		}
		rules = append(rules, broken(&p, level, fmt.Errorf("validator %s is not used: %s", p.Name, p.Reason)))
	}
	return distinct(rules)
}

// distinct keeps one rule for all validators that cannot be used, because ids are
// unique.
func distinct(rules []*lint.Rule) []*lint.Rule {
	var all []*lint.Rule
	var failed *lint.Rule
	for _, r := range rules {
		switch {
		case r.ID != BrokenID:
			all = append(all, r)
		case failed == nil:
			failed = r
			all = append(all, r)
		default:
			first, second := failed.Project, r.Project
			failed.Project = func(p *lint.Pass) { first(p); second(p) }
		}
	}
	return all
}

// broken returns the rule that reports why p is not used.
func broken(p *Plugin, level lint.Level, why error) *lint.Rule {
	at := lint.NewFile(p.Origin, "")
	return &lint.Rule{ID: BrokenID, Name: "broken-validator", Set: lint.Default, Level: level, Files: []string{"*"}, Everything: true, Doc: lint.Doc{
		Short: "a validator of the project that cannot be used",
		Why:   "What it would have found is not known. A plugin that comes with the repository runs when it was trusted: read it, then onex plugins trust.",
		Bad:   "onex: validator company ended with exit status 1",
		Good:  "onex plugins list --explain shows it as active",
	}, Project: func(pass *lint.Pass) { pass.Report(at, -1, "%s", why) }}
}

// describe asks a validator for its rules.
func describe(ctx context.Context, p *Plugin) ([]*lint.Rule, error) {
	ask, err := lines(request{Request: "describe", Protocol: Protocol})
	if err != nil {
		return nil, err
	}
	var rules []*lint.Rule
	err = p.Exchange(ctx, ask, Limits{Time: describeTime, Lines: maxRules}, func(line []byte) error {
		var l ruleLine
		if err := strict(line, &l); err != nil {
			return err
		}
		if l.Type != "rule" {
			return fmt.Errorf("want type rule, got %q", l.Type)
		}
		rule := &lint.Rule{ID: l.ID, Name: l.Name, Set: lint.Default, Level: l.Level, Files: l.Files, Doc: lint.Doc{Short: l.Short, Why: l.Why, Bad: l.Bad, Good: l.Good}}
		rule.Project = func(pass *lint.Pass) { check(ctx, p, pass) }
		rules = append(rules, rule)
		return nil
	})
	if err == nil && len(rules) == 0 {
		err = ErrFailed.With("%s has no rules", p.ID())
	}
	return rules, err
}

// check has a validator apply one rule to the files of the pass.
func check(ctx context.Context, p *Plugin, pass *lint.Pass) {
	questions := []any{request{Request: "check", Protocol: Protocol, Root: p.root, Rules: []string{pass.Rule.ID}}}
	byPath := map[string]*lint.File{}
	for _, f := range pass.Files {
		byPath[f.Path] = f
		questions = append(questions, asked{f.Path})
	}
	ask, err := lines(questions...)
	var found []findingLine
	if err == nil {
		err = p.Exchange(ctx, ask, Limits{}, func(line []byte) error {
			var l findingLine
			if err := strict(line, &l); err != nil {
				return err
			}
			switch {
			case l.Type != "finding":
				return fmt.Errorf("want type finding, got %q", l.Type)
			case l.Rule != pass.Rule.ID:
				return fmt.Errorf("a finding of rule %q, asked was %s", l.Rule, pass.Rule.ID)
			case byPath[l.Path] == nil:
				return fmt.Errorf("a finding in %q, which was not asked", l.Path)
			case l.Line < 0 || l.Column < 0 || l.Message == "":
				return fmt.Errorf("a finding without message, or at line %d, column %d", l.Line, l.Column)
			}
			found = append(found, l)
			return nil
		})
	}
	if err != nil {
		pass.Report(lint.NewFile(p.Origin, ""), -1, "%s", err)
		return
	}
	for _, l := range found {
		offset := -1
		if l.Line > 0 {
			offset = byPath[l.Path].Offset(l.Line, l.Column)
		}
		pass.Report(byPath[l.Path], offset, "%s", l.Message)
	}
}

// lines encodes values as lines of JSON.
func lines[V any](values ...V) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a shell reads them, too
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// strict decodes a line, of which every key must be known.
func strict[V any](line []byte, into *V) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}
