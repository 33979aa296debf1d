package stamp

import (
	"errors"
	"io/fs"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/atomicfile"
)

// ErrNotFound is returned for a file or directory that was named but is not
// there. Check the spelling; paths are relative to the root of the project.
var ErrNotFound = fault.New("ONEX_STAMP_001_FILE_NOT_FOUND", fault.NotFound, "no such file").
	Hinted("check the path")

// ErrRead is returned for a file or directory that the system does not let us
// read. The message has the system's reason; most often it is a permission.
var ErrRead = fault.New("ONEX_STAMP_002_FILE_READ_ERROR", fault.Unavailable, "the file cannot be read").
	Hinted("check its permissions, or list it in .onexignore")

// ErrWrite is returned when the new content of the files cannot be written: the
// disk is full, or the file system cannot replace files atomically. All files
// are what they were. The message has the system's reason.
var ErrWrite = fault.New("ONEX_STAMP_003_FILE_WRITE_ERROR", fault.Unavailable, "the files cannot be written").
	Hinted("all files are what they were; remove the cause and run the command again")

// ErrDenied is returned for a file that may not be written. It could be replaced
// all the same, but whoever made it read-only wants it to stay.
var ErrDenied = fault.New("ONEX_STAMP_004_PERMISSION_DENIED", fault.Denied, "the file is not writable").
	Hinted("make it writable (chmod u+w), or list it in .onexignore")

// ErrTooLarge is returned for a file that was named and is larger than stamping
// takes. List it in .onexignore.
var ErrTooLarge = fault.New("ONEX_STAMP_006_FILE_TOO_LARGE", fault.Exhausted, "the file is too large to stamp").
	Hinted("list it in .onexignore")

// ErrChanged is returned for a file that somebody wrote between the plan and its
// application. It is left as they wrote it. Run the command again.
var ErrChanged = fault.New("ONEX_STAMP_007_FILE_CHANGED", fault.Conflict, "the file changed since the plan was made").
	Hinted("run the command again")

// ErrLocked is returned when another process is stamping the same tree. Wait
// until it has ended; nothing was changed.
var ErrLocked = fault.New("ONEX_STAMP_008_LOCKED", fault.Unavailable, "another process is stamping this tree").
	Hinted("wait until it has ended")

// ErrNewer is returned by a check for a block that a newer version of ONEX has
// written. Update onex.
var ErrNewer = fault.New("ONEX_STAMP_024_SCHEMA_VERSION_MISMATCH", fault.Unsupported, "the block is newer than this program").
	Hinted("update onex")

// ErrOutdated is reported by a check for a block from before version 1.0.0 of the
// format, and for one whose hash was never computed. Stamp the file again; its
// identity stays.
var ErrOutdated = fault.New("ONEX_STAMP_025_METADATA_OUTDATED", fault.Invalid, "the block is outdated").
	Hinted("run onex stamp --write")

// ErrUnstamped is reported by a check for a file without a metadata block. Stamp
// it, or list it in .onexignore.
var ErrUnstamped = fault.New("ONEX_STAMP_026_METADATA_MISSING", fault.Invalid, "the file has no metadata block").
	Hinted("run onex stamp --write, or list it in .onexignore")

// ErrDuplicate is reported by a check for every file of those that have one uuid
// between them: somebody copied a file with its block. Decide which one is the
// original, and delete the uuid line from the blocks of the copies; stamping
// then gives them an identity of their own.
var ErrDuplicate = fault.New("ONEX_STAMP_027_DUPLICATE_UUID", fault.Conflict, "several files have one uuid").
	Hinted("delete the uuid line in the copies and run onex stamp --write")

// ErrProjectExists is returned by onex init when the directory is a project
// already. Change the values in project.onex.yaml with an editor: new blocks get
// them, blocks that exist keep theirs.
var ErrProjectExists = fault.New("ONEX_STAMP_012_PROJECT_EXISTS", fault.Conflict, "the project is there already").
	Hinted("change its values with an editor")

// ErrNoMatch is returned when the patterns of --include match no file at all, so
// that a check in CI whose pattern is mistyped does not pass over nothing. Patterns
// are those of .gitignore, relative to the root of the project.
var ErrNoMatch = fault.New("ONEX_STAMP_011_NO_FILE_MATCHES", fault.NotFound, "no file matches the patterns").
	Hinted("patterns are as in .gitignore, relative to the project: --include '*.py', --include src/")

// ErrNoType is the reason for skipping a file of which no file type knows where
// a metadata block could go. Nothing needs to be done; `onex stamp` lists the
// types it handles.
var ErrNoType = fault.New("ONEX_STAMP_041_HANDLER_NOT_FOUND", fault.Unsupported, "no file type handles the file")

// ErrUnsafe is returned for a file of which something besides the block would
// change if it were stamped. It is a defect of the file type, and the file is
// left as it is: report it, and list the file in .onexignore for the time being.
var ErrUnsafe = fault.New("ONEX_STAMP_043_HANDLER_EXECUTION_FAILED", fault.Internal, "stamping would change more than the block").
	Hinted("list the file in .onexignore and report it")

// ErrCanary is returned when a file type failed its rehearsal: stamping its
// sample would lose or change something, or there is no sample. No file was
// touched. It is a defect of the file type; update or remove the plugin that
// brings it, or report it.
var ErrCanary = fault.New("ONEX_STAMP_063_CONTENT_VALIDATION_FAILED", fault.Internal, "a file type failed its canary").
	Hinted("no file was touched; update or remove the file type and report it")

// ErrNoCanary is returned when a file type has no canary: onex.yaml brings one and
// names none, or the file that it names is not there. A canary is a small file of that type,
// with everything in it that is easily broken; it is stamped in memory before any
// file is touched. Add one to the project and name it.
var ErrNoCanary = fault.New("ONEX_STAMP_064_CANARY_MISSING", fault.Invalid, "a file type has no canary").
	Hinted("add a small file of that type to the project and name it: canary: path/of/file")

// ErrConfig is returned when onex.yaml cannot be used for stamping: the keys form
// or types hold something that they must not. The message has the line.
var ErrConfig = fault.New("ONEX_STAMP_084_CONFIGURATION_INVALID", fault.Invalid, "invalid configuration").
	Hinted("docs/file-types.md describes the keys form and types of onex.yaml")

// ErrModified is reported by a check for a file that is not what it was when it
// was stamped. If the change is intended, stamp it again.
var ErrModified = fault.New("ONEX_STAMP_062_HASH_VERIFICATION_FAILED", fault.Corrupt, "the file changed since it was stamped").
	Hinted("if the change is intended, run onex stamp --write")

// ErrLinked is returned for a file that has several names (hard links). It would
// be replaced under one of them, and what was one file would be two. Make it a
// file of its own (cp file tmp && mv tmp file), list it in .onexignore, or stamp
// it in the detached form, which does not touch it.
var ErrLinked = fault.New("ONEX_STAMP_010_HARD_LINK", fault.Unsupported, "the file has several names").
	Hinted("make it a file of its own, use the detached form, or list it in .onexignore")

// ErrManifest is returned for a file whose metadata is in the manifest of its
// directory, .onex.yaml, when that cannot be read. The message says where it is
// wrong; a merge conflict is the usual reason. Mend it by hand, or restore it
// with git.
var ErrManifest = fault.New("ONEX_STAMP_028_MANIFEST_PARSE_ERROR", fault.Corrupt, "the directory manifest cannot be read").
	Hinted("mend .onex.yaml there, or restore it with git")

// ErrNoEntry is reported by a check for a file in the compact form of which no
// manifest has the fields. Stamping it makes them anew, around the uuid that the
// file has.
var ErrNoEntry = fault.New("ONEX_STAMP_029_MANIFEST_ENTRY_MISSING", fault.Corrupt, "the directory manifest has no entry for the file").
	Hinted("restore .onex.yaml with git, or run onex stamp --write")

// ErrOrphan is reported by a check for an entry of a directory manifest whose
// file is gone. Stamping the project moves the entry to where the file went, or
// drops it.
var ErrOrphan = fault.New("ONEX_STAMP_030_MANIFEST_ENTRY_WITHOUT_FILE", fault.Conflict, "the directory manifest has an entry for a file that is gone").
	Hinted("run onex stamp --write on the whole project")

// ErrLost is reported by a check for a stamped file that is gone, or is no longer
// a file that can be stamped: a link, too large, or under a name that no file type
// handles. If that is intended, tell git (git rm, git mv) or list it in
// .onexignore; a new kind of file is declared in onex.yaml.
var ErrLost = fault.New("ONEX_STAMP_034_STAMPED_FILE_LOST", fault.Conflict, "a stamped file is no longer there as one").
	Hinted("restore it, or tell git that it is meant to go (git rm), or list it in .onexignore")

// ErrNothing is returned by resume and rollback when no run was interrupted while
// it was replacing files. There is nothing to do: every file is what it was, or
// what it was meant to become.
var ErrNothing = fault.New("ONEX_STAMP_009_NOTHING_TO_RECOVER", fault.NotFound, "no run was interrupted").
	Hinted("there is nothing to finish or undo")

// explain gives an error about the file name the code of this package that
// tells the user what to do.
func explain(err error, name string) error {
	switch {
	case errors.Is(err, atomicfile.ErrReadOnly):
		return ErrDenied.With("%s", name)
	case errors.Is(err, atomicfile.ErrConflict):
		return ErrChanged.With("%s", name)
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotFound.With("%s", name)
	}
	return err
}

// ErrUnsigned is reported by a check that demands signatures for a file that the
// signed statement of the project does not hold as it is, and for a statement that
// is missing or cannot be read. See what changed, then sign again.
var ErrUnsigned = fault.New("ONEX_STAMP_031_SIGNATURE_MISSING", fault.Denied, "the file is not signed").
	Hinted("see what changed since it was signed, then run onex stamp --write --sign")

// ErrUnattested is returned when a statement about the project is asked for, or its
// signature, and a file is not in order, or none is stamped: nobody should sign what
// does not verify. `onex check` names what is to be mended.
var ErrUnattested = fault.New("ONEX_STAMP_032_NOT_ATTESTABLE", fault.Conflict, "no statement can be made").
	Hinted("run onex check, and mend what it names")
