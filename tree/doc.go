// Package tree says what a project holds: it lists the files that belong to a
// project, and reads, writes and compares the record of them, .onextree.
//
// The main call is [List]:
//
//	files, skipped, err := tree.List(ctx, root, nil)
//
// It returns every regular file that is neither ignored nor too large, sorted
// by path, and says of everything else that it met why it is not among them
// ([Reason]). Paths are relative to the root and have slashes on every system.
// Symbolic links are never followed, so loops of them do no harm. What cannot be
// read is reported as skipped; only a root that cannot be read is an error.
//
// # What is ignored
//
// In a git work tree, git lists the files: those it tracks and those it would
// offer to track, by its own rules (.gitignore, info/exclude, the user's
// excludes). Without a work tree, or without a git to run, the package applies
// the .gitignore files itself, by the same rules, and leaves out the
// directories that nobody wants ([DefaultIgnored]).
//
// Then the .onexignore files apply, each to its own directory and what is below:
// the deepest file that says anything about a path decides, and in it the last
// line that matches. As with git, nothing below an ignored directory can be
// included again. A .onexignore file is YAML if it reads as a mapping with the
// key "stamper" or "all":
//
//	all:
//	  patterns: ["*.min.js"]
//	stamper:
//	  patterns: ["docs/generated/"]
//
// (or, as older files have it, the one key "ignore"), and otherwise has the lines of
// a .gitignore file. Options.Exclude is stronger than all of them, and Options.Include keeps only what it matches.
//
// # .onextree
//
// [Build] makes the record of a root, [Print] and [Parse] give it its form, and
// [Diff] compares two: what the file says with what is there. The form is
// deterministic: the same files give the same bytes.
//
// [ProjectRoot] finds the root of the project that a directory belongs to.
//
// All functions may be called from many goroutines. To test against this
// package, use os.OpenRoot(t.TempDir()).
package tree
