// Package importtest holds the import rules of this module as data, and checks
// them: who may import whom, and which third-party module may appear where.
//
// The rules, each with the name that a [Violation] carries:
//
//   - layer: packages import downward only; [Layers] is the table
//   - side: the file side and the bus side never import each other
//   - backend: a bus backend is imported by internal/app only, and by examples
//   - module: a third-party module appears only where docs/dependencies.md says
//   - cli: internal/cli is imported by cmd/onex only
//
// Test files are free of the rules layer, backend and cli: a contract's tests
// run its conformance suite, which lies above it. They keep the rule side, and
// need the word "tests" in the module's row.
//
// What is decided by looking into a file rather than at its imports is in
// internal/vet. The reasons for the layers are in docs/architecture.md; change
// both in one commit.
package importtest
