// Package repotest checks what holds for the repository as a whole: that links
// in its pages lead somewhere, that the Go names in docs/differences.md exist,
// and that docs/dependencies.md and go.mod agree. All of it is in the tests.
package repotest
