// Package release holds what a release is made from: the convention of commit
// messages, release notes, the order of versions, and the bill of materials.
// The program internal/release/tool gives them to make and to CI:
//
//	go run ./internal/release/tool notes v1.0.0-rc.1..
//
// Everything here is a function of its arguments; git is asked by the tool.
//
// A version is a tag: vMAJOR.MINOR.PATCH, or the same with -rc.N before the
// release. No file holds it a second time; see [Next].
package release
