// Package lint runs rules over the files of a project and says what they found.
//
//	report, err := lint.Run(ctx, root, rules.All(), nil)
//
// A [Rule] is a value: an id, a name, its documentation with a bad and a good
// example, and one function. It looks at files through a [Pass], which is its only
// door: it reads nothing itself, and reports what it finds, perhaps with a [Fix].
// The rules of ONEX are in lint/rules; others are programs (docs/plugins.md).
//
// Guarantees. The report depends on the files, the rules and the configuration
// only: files are looked at in parallel, findings are sorted. Files are those of
// package tree, so that .gitignore and .onexignore hold. A file that is no valid
// Go, or too large, is a [Skipped], not an error; one that is named and that no rule
// looks at is in [Report].PassedOver. A run of no rule, or on no file, is an error: it
// would be taken for a success. A rule that had nothing to look at is named in
// [Report].Idle. A rule that panics is reported as an error of that rule.
//
// A finding can be excused in two ways, both with a reason. In the code, on its
// line or the line above, by a comment:
//
//	onex:ignore P003 the constant is interned
//
// or for whole files in a list (lint-exceptions.yaml):
//
//   - rule: S001
//     path: internal/table.go
//     reason: a table that is generated
//
// What excuses nothing is a finding itself ([StaleID]): excuses do not outlive
// their reasons.
//
// [Mend] applies fixes: every file whole or none, by one transaction.
//
// [Prove] tests a rule on cases that say themselves what is to be found; package
// lint/linttest does so in a test.
package lint
