// Package artifact finds what a project offers by the files that describe it: nodes,
// contracts, scenarios, schemas, file types, command-line tools, runtimes, adapters
// and packages.
//
//	found, err := artifact.Load(ctx, root, nil)
//	for _, a := range found.Artifacts { … }
//	for _, p := range found.Problems { … }
//
// There is no list to be kept: an artifact is there when its file is. Each file is
// read and checked by the code that also uses it, so an artifact that is valid here
// can be loaded there.
//
// A file called .wip marks what lies in its directory and below as work in
// progress: it is left out, and counted, unless [Options.WIP] asks for it.
//
// # Guarantees
//
// The result is sorted by path and depends on the files alone. A file that is wrong
// costs nothing but itself: it is listed as invalid, with a [Problem] that has a
// code. Files are only read, below the root, and links are not followed.
//
// Directories called testdata, vendor or node_modules, and hidden ones, are left out
// unless a path names what is in them: what others wrote, and what tests break on
// purpose, is no offer of the project. What .onexignore and git ignore is left out
// as well, as by package tree.
package artifact
