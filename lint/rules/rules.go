// Package rules holds the rules of onex lint.
//
//	report, err := lint.Run(ctx, root, rules.All(), nil)
//
// Each rule is a value with its documentation; the page docs/lint.md is made from
// them. Rules of the set default are for every project: each finds mistakes that its
// test data shows, and keeps silent where it cannot be sure. Rules of the set onex
// hold the standards of ONEX. The data of each is in testdata, in the directory of
// its id.
//
// The first letters of an id say what it is about: P Python, G Go, B boundaries, E
// error codes, F fixtures, L literals, M metadata, N names, S size, T types, C
// process and state.
package rules

import (
	"cmp"
	"slices"

	"github.com/omninode-ai/onex/lint"
)

// All returns the rules, by id.
func All() []*lint.Rule {
	rules := slices.Concat(pythonRules(), goRules(), errorRules(), boundaryRules(), nameRules(), sizeRules(), processRules(), typeRules(), fixtureRules(), literalRules())
	slices.SortFunc(rules, func(a, b *lint.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}

// Which files are of a language.
var (
	pythonFiles = []string{"*.py"}
	goFiles     = []string{"*.go"}
	nodeFiles   = []string{"*.py", "node.onex.yaml"} // with what says where nodes are
)
