// Package stamp puts a metadata block into every file of a project, keeps it up
// to date, and says which files are no longer what they were when stamped.
//
// Decide, show, then apply:
//
//	plan, err := stamp.Make(ctx, root, nil) // reads only
//	err = plan.Diff(ctx, os.Stdout)
//	report, err := plan.Apply(ctx)
//
// and, in CI:
//
//	report, err := stamp.Check(ctx, root, nil)
//	ok := report.OK()
//
// # What stamping does to a file
//
// The body is never changed, not by a byte. A new block gets its values from
// project.onex.yaml, a random uuid and the time. Of a block that is there, uuid
// and created_at stay for ever, everything a person wrote stays, and so do keys
// that ONEX does not know; name, namespace and entrypoint follow the path, and
// when they or the body changed, hash and last_modified_at are renewed. A file
// for which nothing changed is not written, so stamping twice is stamping once.
// Stripping the block gives back the file as it was.
//
// A namespace that another file of the plan has already is made unique by eight
// digits of the hash of the path, and stays so.
//
// Options.Staged speaks of what git has staged: that is checked, or stamped in the
// index, in one step. The same blocks go into the work tree, where changes that
// are not staged stay so; a file that can have no block there is left alone.
//
// # Forms
//
// A block is in its file (full), in the manifest of the directory, .onex.yaml,
// but for one line in the file (compact), or there altogether (detached); see
// Options.Form. All verify alike, and in the last two a file of any type can have
// one. Fields that project.onex.yaml gives are not repeated in a manifest. When
// the whole project is stamped, the entry of a file that is gone goes to where
// its uuid or its content turned up, or to the one new file with its name, else it
// is dropped. Options.Convert brings files from one form to another. A manifest that cannot
// be read keeps the files of its directory from being stamped.
//
// # What Apply guarantees
//
// Before anything is written, a sample of every file type is stamped in memory
// and must survive ([Canary]). Then all files are replaced in one transaction:
// either all of them, or none; killed at any moment, each file is whole, old or
// new. A run that was killed while it was replacing files left a journal, by which
// [Resume] finishes it and [Rollback] undoes it; until then nothing else is
// written (atomicfile.ErrInterrupted). What was left by one that was killed before
// is cleared away by the next. A file that somebody changed
// after the plan was made is left as it is. Two runs on one root exclude each
// other ([ErrLocked]).
//
// A file that cannot be stamped, because its block is malformed, it is read-only
// or it changed meanwhile, is reported, not touched, and does not keep the
// others from being stamped: the report's status is then [Partial]. Whoever
// wants all or nothing looks at the plan before applying it.
//
// # Which files
//
// Those that package tree lists and for which there is a file type. Everything
// else is in the plan, as skipped, with a reason. Files that are not named but
// found are handled up to 5 MiB; files named in Options.Paths up to [MaxNamed].
// Files with several names (hard links) are not written.
//
// Memory is bounded by the number of files (about 300 bytes each) and, for each
// of GOMAXPROCS workers, the size of the largest file: a plan holds decisions,
// not contents. All functions may be called from many goroutines, a Plan is used
// by one.
//
// To test against this package, set Options.Now and Options.NewUUID.
package stamp
