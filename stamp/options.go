package stamp

import (
	"maps"
	"os"
	"path"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/tree"
)

// MaxNamed is the largest file that is handled when it is named in
// Options.Paths: anything that a person would call a source file, and little
// enough to be held in memory twice.
const MaxNamed = 128 << 20

// Options says what to stamp or check. The zero value takes every file below
// the root.
type Options struct {
	// Paths are files and directories, relative to the root, with slashes; none
	// means the whole root. Include and Exclude are patterns as in .gitignore.
	// See tree.Options.
	Paths, Include, Exclude []string

	// MaxSize is the largest file to handle that is not named in Paths, in
	// bytes; 0 means tree.MaxSize (5 MiB).
	MaxSize int64

	// NoGit finds files without git even in a git work tree.
	NoGit bool

	// Staged takes the files that the next commit changes, as they are in git's
	// index. Stamping writes them there, and the same blocks into the files of
	// the work tree, of which changes that are not staged stay so.
	Staged bool

	// Since takes only files that changed since a revision; see tree.Options.
	Since string

	// Source, Drifted, Traversal and MaxFiles are those of tree.Options.
	Source    tree.Source
	Drifted   func([]tree.Drift)
	Traversal tree.Traversal
	MaxFiles  int

	// Form is where the metadata of files goes that have none yet: into them
	// ([filetype.Full]), into the manifest of their directory
	// ([filetype.Detached]), or there but for one line ([filetype.Compact]).
	// The latter two take files, too, that no type handles. Empty means what
	// onex.yaml says of the file, else Full. A file that has metadata keeps its
	// form.
	Form filetype.Form

	// Convert brings files that have metadata in another form to the one that
	// they would get if they had none. Identity, and what people wrote, stays.
	Convert bool

	// Repair makes a plan replace blocks that cannot be read, with their
	// identity and whatever else can be made out, and values that are not
	// allowed. Without it such files fail.
	Repair bool

	// Functions makes a plan write the functions that are marked as tools into the
	// field tools, and take those out again that an earlier one wrote there and
	// that are gone. What people wrote there stays. Nil leaves the field alone.
	Functions *funcs.Options

	// NewIdentity gives every file of the plan a uuid and a created_at of its
	// own, as a copy needs them.
	NewIdentity bool

	// NoCache makes Check read every file, also those of which it knows from
	// an earlier check, by their blob id in git's index, that they are in order.
	NoCache bool

	// Verify says who signed a statement, or why the signature does not count;
	// nil leaves signatures alone. Check reports a signature that is there and
	// does not count. RequireSignature makes it report, too, every file that is
	// not signed as it is.
	Verify           func(statement, signature []byte) (signer string, err error)
	RequireSignature bool

	// Types are the file types to handle; nil means filetype.Standard() and
	// those of onex.yaml. Samples has a sample for each type that is not in that set, by name.
	Types   *filetype.Set
	Samples map[string]Sample

	// Plugins are file types of others; see [Plugin]. They count when Types is nil.
	Plugins []Plugin

	// Cases are files of others that must survive stamping, too, before one is written.
	// Each is of the type that its name says.
	Cases []Sample

	// Rehearsed is called by Apply with what became of the canaries, for an audit
	// log; nil is for none.
	Rehearsed func([]Rehearsal)

	// Now is the time of new blocks and changes; zero means time.Now().
	Now time.Time

	// NewUUID makes the identity of a file; nil means random (version 4). It
	// is called in the order of the paths, from one goroutine.
	NewUUID func() string

	// All makes the report of Check list every file, not only those that are
	// neither ok nor skipped.
	All bool

	// Progress, if not nil, is called while files are read, with how many are done
	// and how many there are, from several goroutines.
	Progress func(done, total int)

	custom      bool   // Types was given
	digests     bool   // of the bytes of every file are wanted
	config      Config // of the project
	fingerprint string // of what the configuration is made of
}

func (o *Options) orDefault() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	opts.Paths = slices.Clone(opts.Paths)
	for i, p := range opts.Paths {
		opts.Paths[i] = path.Clean(p)
	}
	opts.custom = opts.Types != nil
	opts.Samples = maps.Clone(opts.Samples)
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	if opts.NewUUID == nil {
		opts.NewUUID = uuid.NewString
	}
	return opts
}

// wanted returns the form that the file name is to have if it has none.
func (o *Options) wanted(name string) filetype.Form {
	if o.Form != "" {
		return o.Form
	}
	return o.config.form(name)
}

// everything reports whether the options select the whole project.
func (o *Options) everything() bool {
	return len(o.Paths)+len(o.Include)+len(o.Exclude) == 0 && o.Since == "" && !o.Staged &&
		(o.Source == "" || o.Source == tree.Filesystem) && (o.Traversal == "" || o.Traversal == tree.Recursive) && o.MaxFiles == 0
}

// listing says which files of the project that means.
func (o *Options) listing() *tree.Options {
	exclude := append([]string{"/" + stageOutsideGit + "/", atomicfile.TemporaryPrefix + "*", "/" + lockOutsideGit, "/" + ownDir + "/"}, o.Exclude...)
	return &tree.Options{
		Paths: o.Paths, Include: o.Include, Exclude: exclude,
		MaxSize: o.MaxSize, MaxNamed: MaxNamed, NoGit: o.NoGit, Since: o.Since,
		Source: o.Source, Drifted: o.Drifted, Traversal: o.Traversal, MaxFiles: o.MaxFiles,
	}
}

// Where a batch keeps its lock and its staging directory. Inside .git nobody
// sees them; elsewhere the staging directory exists only during a run.
const (
	insideGit       = ".git/onex"
	stageOutsideGit = ".onex-stage"
	lockOutsideGit  = ".onex-lock" // where a directory cannot be locked itself
)

// places returns the lock and the staging directory for root, of which it makes
// the parent.
func places(root *os.Root) (lock, stage string, err error) {
	if info, err := root.Lstat(".git"); err == nil && info.IsDir() {
		return insideGit + "/lock", insideGit + "/stage", root.MkdirAll(insideGit, 0o700)
	}
	return lockName, stageOutsideGit, nil
}

// mustMatch reports whether an empty selection is a mistake: patterns were given,
// and nothing else that may well select nothing.
func (o *Options) mustMatch() bool { return len(o.Include) > 0 && !o.Staged && o.Since == "" }
