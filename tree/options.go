package tree

// A Reason says why something is not among the files.
type Reason string

const (
	Ignored    Reason = "ignored"     // by .onexignore or the options; what git ignores is not mentioned
	Symlink    Reason = "symlink"     // a symbolic link, or a path through one
	NotRegular Reason = "not_regular" // a device, socket or pipe
	TooLarge   Reason = "too_large"   // over the limit
	Unreadable Reason = "unreadable"  // the system refuses
	Missing    Reason = "missing"     // named in Options.Paths, but not there
	Repository Reason = "repository"  // a repository within the repository (submodule)
	BadName    Reason = "bad_name"    // a name that is not UTF-8
	Unmerged   Reason = "unmerged"    // git's index has no one version of it
	Gone       Reason = "gone"        // git's index, or the record, has it, and it is not there
	TooDeep    Reason = "too_deep"    // deeper than Options.Traversal looks
	OverLimit  Reason = "over_limit"  // more than Options.MaxFiles
)

// Reasons returns all reasons.
func Reasons() []Reason {
	return []Reason{Ignored, Symlink, NotRegular, TooLarge, Unreadable, Missing, Repository, BadName, Unmerged, Gone, TooDeep, OverLimit}
}

// A File is one regular file of a project.
type File struct {
	Path string `json:"path"` // below the root, with slashes
	Size int64  `json:"size"` // bytes

	// Blob is the id, as bytes, of git's blob that the file is, as far as git
	// knows without reading it. It is empty where git does not know, and
	// without Options.Blobs.
	Blob string `json:"-"`
}

// A Skipped is something that was met and is not among the files. A skipped
// directory stands for all that is in it.
type Skipped struct {
	Path   string `json:"path"`
	Reason Reason `json:"reason"`
	Err    error  `json:"-"` // for Unreadable
}

// Options selects files. The zero value selects all.
type Options struct {
	// Paths are files and directories below the root to look at; none means the
	// whole root. A file that is named here is listed up to MaxNamed bytes.
	Paths []string

	// Include and Exclude are patterns as in .gitignore, relative to the root.
	// If there are any in Include, only files that one of them matches are
	// listed; what Exclude matches is ignored whatever else says.
	Include, Exclude []string

	// MaxSize is the largest file to list, in bytes; 0 means the constant
	// MaxSize. MaxNamed is the same for files named in Paths; 0 means no limit.
	MaxSize, MaxNamed int64

	// MaxFiles is how many files to list, the first by their paths; 0 means all.
	MaxFiles int

	// Source is where the files are learnt from; Drifted is told how .onextree
	// differs, for HybridWarn. Traversal is how deep directories are looked into.
	Source    Source
	Drifted   func([]Drift)
	Traversal Traversal

	// Tool is the section of YAML ignore files that applies besides "all";
	// empty means "stamper".
	Tool string

	// Since is a revision: only files are listed that differ from what they
	// were where the branch of HEAD left it, and those that git does not track.
	// It needs git.
	Since string

	// Gone mentions, as skipped, what git lists and is not there.
	Gone bool

	// NoGit lists without git even in a work tree.
	NoGit bool

	// Blobs asks for the blob ids of the files that have not changed since git
	// last looked at them.
	Blobs bool
}

func (o *Options) orDefault() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.MaxSize == 0 {
		opts.MaxSize = MaxSize
	}
	if opts.Tool == "" {
		opts.Tool = "stamper"
	}
	return opts
}
