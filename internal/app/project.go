package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/tree"
)

// ErrRuntimeDir is returned when the directory for sockets and locks cannot be
// made, is not private to this user, or has a path too long for a Unix socket.
// Set XDG_RUNTIME_DIR to a short directory of your own with mode 0700.
var ErrRuntimeDir = fault.New("ONEX_CORE_041_INVALID_CONFIGURATION", fault.Invalid, "runtime directory cannot be used").
	Hinted("set XDG_RUNTIME_DIR to a short directory of your own, mode 0700")

// ErrHome is returned when there is no place for what must survive a restart:
// neither XDG_STATE_HOME nor HOME is set to an absolute path, and the system
// knows no home of this user, as in some containers, or it cannot be written. Set XDG_STATE_HOME to a directory on a disk.
var ErrHome = fault.New("ONEX_CORE_042_CONFIGURATION_NOT_FOUND", fault.Invalid, "no directory for data").
	Hinted("set XDG_STATE_HOME to an absolute path on a disk")

// maxSocketPath is below the 104 to 108 bytes that sun_path holds on the
// systems we build for.
const maxSocketPath = 100

// A Project is a tree of files and the places where its daemon keeps things.
type Project struct {
	Root       string // absolute, symlinks resolved
	RuntimeDir string // sockets and locks; gone after a reboot
	DataDir    string // what must survive; empty where there is no place for it, see Data
}

// FindProject returns the project that dir is in: the nearest parent with
// onex.yaml, project.onex.yaml or .git, else dir itself.
//
// Runtime files go to $XDG_RUNTIME_DIR/onex/<id>, or to a directory of this
// user in the system's temporary directory; data goes to
// $XDG_STATE_HOME/onex/<id> (~/.local/state). The id is derived from the root,
// so that each project has a daemon of its own. Nothing is created yet.
// Where nobody knows a home, as in some containers, there is no DataDir: commands on
// files need none.
func FindProject(dir string, getenv func(string) string) (Project, error) {
	root, err := tree.ProjectRoot(dir)
	if errors.Is(err, tree.ErrNoProject) {
		root, err = filepath.Abs(dir)
	}
	if err != nil {
		return Project{}, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return Project{}, err
	}
	state, err := stateHome(getenv)
	if err != nil {
		return Project{}, err
	}
	sum := sha256.Sum256([]byte(root))
	id := hex.EncodeToString(sum[:])[:12]
	return Project{
		Root:       root,
		RuntimeDir: filepath.Join(runtimeHome(getenv), id),
		DataDir:    dataDir(state, id),
	}, nil
}

func dataDir(state, id string) string {
	if state == "" {
		return ""
	}
	return filepath.Join(state, "onex", id)
}

// Data returns DataDir, or an [ErrHome] where there is none.
func (p Project) Data() (string, error) {
	if p.DataDir == "" {
		return "", ErrHome.With("neither XDG_STATE_HOME nor HOME is set")
	}
	return p.DataDir, nil
}

func runtimeHome(getenv func(string) string) string {
	if home := getenv("XDG_RUNTIME_DIR"); home != "" {
		return filepath.Join(home, "onex")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("onex-%d", os.Getuid()))
}

// stateHome returns an absolute path, or nothing where none is known: a relative one
// would give each directory that onex is started in a store of its own.
func stateHome(getenv func(string) string) (string, error) {
	state := getenv("XDG_STATE_HOME")
	if state == "" {
		home := getenv("HOME")
		if home == "" {
			home, _ = os.UserHomeDir() // Windows names it otherwise
		}
		if u, err := user.Current(); home == "" && err == nil {
			home = u.HomeDir // a scheduled job may have no environment
		}
		if home == "" {
			return "", nil
		}
		state = filepath.Join(home, ".local", "state")
	}
	if !filepath.IsAbs(state) {
		return "", ErrHome.With("%q is not an absolute path", state)
	}
	return state, nil
}

// Socket returns the path of the Unix socket on which other processes reach
// the embedded bus.
func (p Project) Socket() string { return filepath.Join(p.RuntimeDir, "bus.sock") }

// Prepare makes p's directories, private to this user.
func (p Project) Prepare() error {
	if n := len(p.Socket()); n > maxSocketPath {
		return ErrRuntimeDir.With("socket path %q has %d bytes, at most %d are possible", p.Socket(), n, maxSocketPath)
	}
	if _, err := p.Data(); err != nil {
		return err
	}
	if err := os.MkdirAll(p.DataDir, 0o700); err != nil {
		return ErrHome.Wrap(err, "%s", p.DataDir)
	}
	for _, dir := range []string{filepath.Dir(p.RuntimeDir), p.RuntimeDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return ErrRuntimeDir.Wrap(err, "%s", dir)
		}
	}
	return p.private()
}

// private refuses to use directories for sockets that somebody else may have
// made: whoever owns one of them can put another socket in the place of ours.
func (p Project) private() error {
	const writable, enterable = 0o022, 0o077 // by others
	return errors.Join(private(filepath.Dir(p.RuntimeDir), writable), private(p.RuntimeDir, enterable))
}

// private refuses a directory that is another user's, or gives others one of the
// permissions.
func private(dir string, others fs.FileMode) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return ErrRuntimeDir.Wrap(err, "%s", dir)
	}
	if !info.IsDir() || info.Mode().Perm()&others != 0 || !ownedByMe(info) {
		return ErrRuntimeDir.With("%s is not a private directory of this user (mode %s)", dir, info.Mode())
	}
	return nil
}
