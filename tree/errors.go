package tree

import "github.com/omninode-ai/onex/fault"

// ErrRoot is returned when the directory to list does not exist or cannot be
// read. Check the path and its permissions.
var ErrRoot = fault.New("ONEX_TREE_001_DIRECTORY_NOT_FOUND", fault.NotFound, "the directory cannot be read").
	Hinted("check the path")

// ErrGit is returned when git is there but refuses to list the files of the work
// tree. Its own message says why; most often the tree belongs to another user,
// and `git config --global --add safe.directory DIR` says that this is fine.
var ErrGit = fault.New("ONEX_TREE_002_DIRECTORY_READ_ERROR", fault.Unavailable, "git cannot list the files").
	Hinted("run `git status` there; for dubious ownership, `git config --global --add safe.directory DIR`")

// ErrPath is returned for a path that is absolute or leads out of the root.
// Name files by their path below the root of the project.
var ErrPath = fault.New("ONEX_TREE_004_INVALID_DIRECTORY_PATH", fault.Invalid, "the path does not lie below the root")

// ErrNoProject is returned when neither a directory nor any of its parents is
// the root of a project. Create project.onex.yaml, or name the directory.
var ErrNoProject = fault.New("ONEX_TREE_005_PROJECT_NOT_FOUND", fault.NotFound, "no project here").
	Hinted("a project's root holds onex.yaml, project.onex.yaml or .git; onex init makes one")

// ErrTooMany is returned for a root that holds more than MaxFiles files. List
// parts of it instead.
var ErrTooMany = fault.New("ONEX_TREE_006_TOO_MANY_FILES", fault.Exhausted, "too many files").
	Hinted("list parts of the tree, or ignore what does not belong to it")

// ErrRevision is returned for a revision that git does not know, or that has no
// commit in common with HEAD. In CI, a shallow clone may lack it: fetch more.
var ErrRevision = fault.New("ONEX_TREE_007_UNKNOWN_REVISION", fault.NotFound, "no such revision").
	Hinted("check the name; in a shallow clone, fetch it first")

// ErrParse is returned when a .onextree file is not what [Print] writes: it is
// not YAML, has unknown or missing keys, unsorted or repeated names, or is too
// large. Write it anew with `onex tree --write`.
var ErrParse = fault.New("ONEX_TREE_023_MANIFEST_PARSE_ERROR", fault.Corrupt, "the tree file cannot be read").
	Hinted("write it anew with `onex tree --write`")

// ErrIgnoreFile is returned when the YAML of a .onexignore file has something
// else than lists of patterns where patterns belong. Each section is either a
// list of patterns or a mapping whose key "patterns" holds one.
var ErrIgnoreFile = fault.New("ONEX_TREE_082_INVALID_CONFIGURATION", fault.Invalid, "the ignore file cannot be read").
	Hinted("write `stamper: {patterns: [\"docs/\"]}`, or plain lines as in .gitignore")

// ErrNoRecord is returned when a project has no .onextree to hold against its
// files. Write one with "onex tree --write" and commit it.
var ErrNoRecord = fault.New("ONEX_TREE_064_MISSING_REQUIRED_ARTIFACTS", fault.NotFound, "the project has no .onextree").
	Hinted("write it with `onex tree --write`")

// ErrDrift is returned when files are found with the source hybrid_strict, and
// .onextree lists others than are there. `onex tree --check` lists all differences.
var ErrDrift = fault.New("ONEX_TREE_061_TREE_DRIFT", fault.Conflict, "drift between the files and .onextree").
	Hinted("onex tree --check lists the differences, onex tree --write records what is there")
