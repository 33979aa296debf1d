package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/process"
)

// daemonFile is where a daemon says, in its runtime directory, what it runs. It
// is for people and for "onex bus ls"; nobody decides by it who is the daemon.
const daemonFile = "up.json"

// maxDaemonFile bounds what is read of such a file.
const maxDaemonFile = 64 << 10

// A Daemon is a running "onex up".
type Daemon struct {
	PID     int       `json:"pid"`
	Began   string    `json:"process_start"` // of the process, as the system gives it
	Root    string    `json:"root"`
	Bus     string    `json:"bus"` // address for others, without secrets
	Prefix  string    `json:"subject_prefix"`
	Open    bool      `json:"open"` // others than processes of this user can reach the bus
	Started time.Time `json:"started"`
	Broken  []Broken  `json:"broken"` // programs that it was to run
}

// A record is the file of a daemon that runs.
type record struct {
	path string

	mu  sync.Mutex
	now Daemon
}

// record writes what this daemon is.
func (c Config) record() (*record, error) {
	self := process.Self()
	r := &record{path: filepath.Join(c.Project.RuntimeDir, daemonFile), now: Daemon{
		PID: self.PID, Began: self.Started, Root: c.Project.Root, Bus: c.reachable(), Prefix: c.Prefix,
		Open: c.Listen != "", Started: time.Now().UTC(), Broken: []Broken{},
	}}
	return r, r.write()
}

// add records a node that does not run. It is shown by "onex bus health" as long
// as the daemon runs.
func (r *record) add(b Broken) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.Broken = append(r.now.Broken, b)
	_ = r.write() // the log has it, too
}

// write replaces the file whole. We hold the lock of the data directory: nobody
// else writes here.
func (r *record) write() error {
	data, err := json.Marshal(r.now)
	if err != nil {
		return err
	}
	next := r.path + ".new"
	if err := errors.Join(os.WriteFile(next, data, 0o600), os.Rename(next, r.path)); err != nil {
		return ErrRuntimeDir.Wrap(err, "%s", r.path)
	}
	return nil
}

func (r *record) forget() { _ = os.Remove(r.path) }

// Daemons returns the daemons of this user that run now, of all projects, in
// the order of their roots.
func Daemons(getenv func(string) string) ([]Daemon, error) {
	home := runtimeHome(getenv)
	if err := private(home, 0o022); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(home, "*", daemonFile))
	if err != nil {
		return nil, err
	}
	var all []Daemon
	for _, path := range files {
		if d, ok := readDaemon(path); ok {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b Daemon) int { return strings.Compare(a.Root, b.Root) })
	return all, nil
}

// HasDaemon reports whether the daemon of the project runs, on the bus of c. It
// costs the look for a file when there is none.
func (c Config) HasDaemon() bool {
	d, ok := readDaemon(filepath.Join(c.Project.RuntimeDir, daemonFile))
	return ok && d.Bus == c.reachable()
}

// readDaemon reads one file. One that is torn, or whose process is gone, says
// nothing.
func readDaemon(path string) (Daemon, bool) {
	var d Daemon
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxDaemonFile {
		return d, false
	}
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &d) != nil {
		return d, false
	}
	return d, alive(d)
}

// alive reports whether the process of d is the one that wrote it. Where the
// system does not tell, it is taken to be.
func alive(d Daemon) bool {
	now, err := process.Of(d.PID)
	switch {
	case errors.Is(err, process.ErrUnsupported):
		return true
	case err != nil:
		return false
	}
	return sameStart(now, d)
}

func sameStart(now event.Process, d Daemon) bool {
	return d.Began == "" || now.Started == d.Began
}
