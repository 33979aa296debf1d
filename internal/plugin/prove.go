package plugin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/lint"
)

// Prove runs the validator in a directory, whoever trusts it, and returns an error
// unless its rules are whole and hold their cases: [ErrUnproven], or as [Plugin.Exchange].
func Prove(ctx context.Context, dir string) error {
	p := Plugin{Type: Validator, Name: filepath.Base(dir), Path: dir, Origin: dir, State: Active, root: dir}
	var err error
	if p.Digest, err = p.digest(); err != nil {
		return ErrConfig.Wrap(err, "%s", dir)
	}
	_, err = proven(ctx, &p)
	return err
}

// proven asks a validator for its rules, and has them judge their cases.
func proven(ctx context.Context, p *Plugin) ([]*lint.Rule, error) {
	rules, err := describe(ctx, p)
	if err == nil {
		err = lint.Validate(rules)
	}
	if err == nil {
		err = prove(ctx, p, rules)
	}
	return rules, err
}

// casesDir is where a validator that is a directory has the cases of its rules, a
// directory for each.
const casesDir = "testdata"

// shownCases is how many problems with cases are told: one is seldom alone.
const shownCases = 3

// prove has the rules of a validator that is a directory judge their cases. The
// directory of a rule's cases is a project in small: the program runs there.
func prove(ctx context.Context, p *Plugin, rules []*lint.Rule) error {
	if info, err := os.Stat(p.Path); err != nil || !info.IsDir() {
		return err
	}
	var problems []string
	for _, r := range rules {
		inside, rule := *p, *r
		inside.root = filepath.Join(p.Path, casesDir, r.ID)
		if info, err := os.Stat(inside.root); err != nil || !info.IsDir() {
			problems = append(problems, fmt.Sprintf("%s has no cases: make %s/%s, with a file that it must catch and one that it must not", r.ID, casesDir, r.ID))
			continue
		}
		rule.Project = func(pass *lint.Pass) { check(ctx, &inside, pass) }
		for _, problem := range lint.Prove(ctx, &rule, inside.root) {
			problems = append(problems, strings.ReplaceAll(problem, inside.root, casesDir+"/"+r.ID))
		}
	}
	if len(problems) > shownCases {
		problems = append(problems[:shownCases], fmt.Sprintf("%d more", len(problems)-shownCases))
	}
	if len(problems) > 0 {
		return ErrUnproven.With("%s: %s", p.ID(), strings.Join(problems, "; "))
	}
	return nil
}
