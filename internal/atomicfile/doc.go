// Package atomicfile reads and replaces files below an [os.Root] so that every
// file is, at every moment and after every crash, whole: what it was or what it
// was meant to become.
//
// One file is replaced by [Write]. Many files that belong together are replaced
// by a [Batch]:
//
//	b, err := atomicfile.Begin(root, ".git/onex/stage")
//	...
//	defer b.Abort() // does nothing after Commit
//	for each file {
//		err := b.Stage(name, data, version) // version as read by a Reader
//	}
//	err = b.Commit(ctx)
//
// Stage writes the new content into the staging directory. Commit makes all of
// it durable with one sync and then exchanges each file with its staged
// successor in one atomic step, so that the staging directory holds the old
// versions. When any step fails, or ctx ends, the exchanged files are exchanged
// back: all files are new, or all are old. A process killed in between leaves
// some files old and some new, each whole, and a staging directory with a journal
// that lets [Resume] finish and [Rollback] undo what it began; until then there is
// no next batch ([ErrInterrupted]). One killed before leaves nothing that counts.
//
// Nothing is lost to a race: what an exchange brings out is compared with the
// [Version] that was read, and put back when somebody else has written
// meanwhile ([ErrConflict]). A program that keeps a file open and writes into it
// during the exchange is the exception that no file system can prevent.
//
// Mode, extended attributes and, where the system permits, owner and group go
// over to the new file. A hard link to a replaced file keeps the old content,
// as with git. Symbolic links are never followed or replaced.
//
// On Linux the exchange is renameat2(RENAME_EXCHANGE) and the sync is syncfs(2).
// Elsewhere, and on file systems that cannot exchange, the old version is kept
// by a hard link and the new one renamed over it: as atomic for each file, at
// the price of one fsync a file where syncfs is missing. A file system with
// neither is refused ([ErrUnsupported]).
//
// A Batch and a Reader belong to one goroutine; Write and Acquire may be called
// from many. To test against this package, use os.OpenRoot(t.TempDir()).
package atomicfile
