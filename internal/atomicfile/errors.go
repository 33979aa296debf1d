package atomicfile

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/omninode-ai/onex/fault"
)

// ErrConflict is returned when a file is no longer the version that was read:
// somebody wrote it between reading and replacing. Nothing was changed; run the
// command again to work on the file as it is now.
var ErrConflict = fault.New("ONEX_FILE_001_CHANGED_MEANWHILE", fault.Conflict, "the file changed since it was read").
	Hinted("run the command again")

// ErrReadOnly is returned when a file that should be replaced may not be
// written: it has no write permission, or lies on a read-only file system.
// Replacing it by renaming would succeed, and silently ignore the protection.
var ErrReadOnly = fault.New("ONEX_FILE_002_READ_ONLY", fault.Denied, "the file is not writable").
	Hinted("make it writable (chmod u+w) or exclude it")

// ErrSymlink is returned for a name that is, or passes through, a symbolic
// link. Links are never followed, because one file would be known by two names.
var ErrSymlink = fault.New("ONEX_FILE_003_SYMLINK", fault.Unsupported, "symbolic links are not followed").
	Hinted("name the file that the link points to")

// ErrNotRegular is returned for a name that is a directory, device, socket or
// pipe where a regular file is needed.
var ErrNotRegular = fault.New("ONEX_FILE_004_NOT_REGULAR", fault.Unsupported, "not a regular file")

// ErrTooLarge is returned by a Reader for a file over its limit.
var ErrTooLarge = fault.New("ONEX_FILE_005_TOO_LARGE", fault.Exhausted, "the file is too large")

// ErrLocked is returned when another process, or another part of this one,
// holds the lock. It is released when that process ends, however it ends.
var ErrLocked = fault.New("ONEX_FILE_006_LOCKED", fault.Unavailable, "locked by another process").
	Hinted("wait until the other run has ended")

// ErrUnsupported is returned when the file system offers no way to replace a
// file atomically and keep the old version, or when the file lies on another
// file system than the staging directory.
var ErrUnsupported = fault.New("ONEX_FILE_007_NO_ATOMIC_REPLACE", fault.Unsupported, "the file cannot be replaced atomically").
	Hinted("work on a copy on a file system with hard links")

// ErrInterrupted is returned when an earlier run was killed while it was
// replacing files: some are new, some old, each whole. Finish what it began, or
// undo it.
var ErrInterrupted = fault.New("ONEX_FILE_008_INTERRUPTED", fault.Conflict, "an earlier run was interrupted").
	Hinted("run onex stamp --resume to finish it, or onex stamp --rollback to undo it")

// ErrNoJournal is returned when there is nothing to resume or to roll back: no
// run was interrupted, or it had not begun to replace files.
var ErrNoJournal = fault.New("ONEX_FILE_009_NOTHING_TO_RECOVER", fault.NotFound, "no run was interrupted")

// ErrJournal is returned when the journal of an interrupted run cannot be read.
// Every file is whole. Look at the staging directory that is named: the numbered
// files in it are the other versions; delete it when they are not needed.
var ErrJournal = fault.New("ONEX_FILE_010_JOURNAL_DAMAGED", fault.Corrupt, "the journal of an interrupted run is damaged").
	Hinted("every file is whole; delete the staging directory when its files are not needed")

// explain turns what the system says about name into one of the errors above
// where there is one.
func explain(err error, name string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ELOOP):
		return ErrSymlink.With("%s", name)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return ErrReadOnly.Wrap(err, "%s", name)
	case errors.Is(err, syscall.EXDEV):
		return ErrUnsupported.With("%s lies on another file system than the project", name)
	}
	return err
}
