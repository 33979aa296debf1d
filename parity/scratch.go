package parity

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/omninode-ai/onex/node"
)

// Bounds of a node's directory that is copied for each path. A node with more
// around it (a data set, an environment of its interpreter) runs where it is.
const (
	maxCopyFiles = 2000
	maxCopyBytes = 64 << 20
)

// errLarge says that a directory is beyond the bounds.
var errLarge = errors.New("the directory is too large to be copied")

// notCopied are directories that are no part of a node.
var notCopied = []string{".git", "__pycache__"}

// ignored reports whether a change of a file is none of the tool's doing:
// interpreters keep caches beside the source.
func ignored(path string) bool {
	return slices.ContainsFunc(strings.Split(path, string(filepath.Separator)), func(part string) bool {
		return slices.Contains(notCopied, part)
	})
}

// outside reports whether a program lies, in part, outside its directory, so that
// a copy would not find it.
func outside(p node.Program) bool {
	return slices.ContainsFunc(append([]string{p.Dir}, p.Command...), func(s string) bool {
		return slices.Contains(strings.Split(filepath.ToSlash(s), "/"), "..")
	})
}

// copyDir copies a directory, within the bounds.
func copyDir(to, from string) error {
	files, size := 0, int64(0)
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(notCopied, d.Name()) {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if files, size = files+1, size+info.Size(); files > maxCopyFiles || size > maxCopyBytes {
			return errLarge
		}
		return copyFile(filepath.Join(to, name), path, info.Mode())
	})
}

// copyFile copies a regular file or a symbolic link. What is neither is no part
// of a node.
//
// No program is started meanwhile: it would hold the copy open for a moment, and
// what is open for writing cannot be run (golang.org/issue/22315).
func copyFile(to, from string, mode fs.FileMode) error {
	switch {
	case mode&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case !mode.IsRegular():
		return nil
	}
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode.Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// A snapshot maps the files of a directory to fingerprints of what is in them.
type snapshot map[string]mark

type mark struct {
	size int64
	sum  [sha256.Size]byte // of the first maxPrint bytes
}

// maxPrint bounds what is read of a file; a tool may write gigabytes.
const maxPrint = 1 << 20

func fingerprint(path string) (mark, error) {
	f, err := os.Open(path)
	if err != nil {
		return mark{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return mark{}, err
	}
	h := sha256.New()
	_, err = io.Copy(h, io.LimitReader(f, maxPrint))
	return mark{info.Size(), [sha256.Size]byte(h.Sum(nil))}, err
}

// snap takes a snapshot of dir; none of the empty name. What cannot be read any
// more was removed while the snapshot was taken.
func snap(dir string) snapshot {
	s := snapshot{}
	if dir == "" {
		return s
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || ignored(name) {
			return nil
		}
		if p, err := fingerprint(path); err == nil {
			s[filepath.ToSlash(name)] = p
		}
		return nil
	})
	return s
}

// maxShown bounds the text of a file that a difference shows; of larger files it
// shows a hash.
const maxShown = 2 << 10

// A scene is a directory before a call.
type scene struct {
	dir    string
	before snapshot
}

func look(at place) scene { return scene{at.watched(), snap(at.watched())} }

// effects adds to o what a call did to the files.
func (s scene) effects(t trial, o *Observation) {
	after := snap(s.dir)
	o.Files = changes(s.before, after)
	for _, f := range o.Files {
		name := f[2:]
		if f[0] == '-' || t.unsteady(name) {
			continue
		}
		if o.Contents == nil {
			o.Contents = map[string]string{}
		}
		o.Contents[name] = shown(filepath.Join(s.dir, filepath.FromSlash(name)), after[name])
	}
}

// shown returns what is compared of a file.
func shown(path string, m mark) string {
	if m.size <= maxShown {
		if text, err := os.ReadFile(path); err == nil && utf8.Valid(text) {
			return string(text)
		}
	}
	return fmt.Sprintf("%d bytes, sha256 %x", m.size, m.sum)
}

// changes returns what became of the files of before, sorted by name.
func changes(before, after snapshot) []string {
	var out []string
	for name, sum := range after {
		old, there := before[name]
		switch {
		case !there:
			out = append(out, "+ "+name)
		case old != sum:
			out = append(out, "~ "+name)
		}
	}
	for name := range before {
		if _, there := after[name]; !there {
			out = append(out, "- "+name)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return out
}
