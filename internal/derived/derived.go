// Package derived keeps files that are made from others: schemas from contracts,
// pages from schemas.
//
//	items, err := derived.Keep(root, files, true, made, "docs/generated")
//
// Nothing is ever deleted. A file that is there and would not be made is told of, when
// its first line says that it was made: then what it was made from is gone.
package derived

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/atomicfile"
)

// ErrTarget is returned when the directory that derived files are to be written to
// does not lie below the project, or is a file.
var ErrTarget = fault.New("ONEX_SCHEMA_004_INVALID_OUTPUT_PATH", fault.Invalid, "generated files cannot be put there").
	Hinted("name a directory of the project, such as schemas")

// ErrClash is returned when two things would be written to one file: two nodes have
// the same name. Name only one of them.
var ErrClash = fault.New("ONEX_SCHEMA_044_SCHEMA_FORMAT_ERROR", fault.Conflict, "two things would be written to one file").
	Hinted("give the paths of one of them only")

// ErrWrite is returned when a derived file cannot be written. Those before it are
// written, each whole; write again when the cause is mended.
var ErrWrite = fault.New("ONEX_SCHEMA_043_SCHEMA_FILE_WRITE_ERROR", fault.Unavailable, "the generated file cannot be written")

// A File is one that is made.
type File struct {
	Path string // below the root, with slashes
	Of   string // what it tells of, for people
	Data []byte
}

// A State is how a file that is there stands to the one that would be made.
type State string

// The states.
const (
	Current State = "current" // they are the same
	Stale   State = "stale"   // they differ
	Missing State = "missing" // it is not there
	Extra   State = "extra"   // it is there, was made once, and would not be made any more
	Written State = "written" // it was stale or missing
)

// Values lists the states, for schemas.
func (State) Values() []string {
	return []string{string(Current), string(Stale), string(Missing), string(Extra), string(Written)}
}

// An Item is what became of one file.
type Item struct {
	Path  string `json:"path"`
	Of    string `json:"of,omitempty" jsonschema:"what it tells of"`
	State State  `json:"state"`
}

// Keep is [Compare], and if write is set [Write]. It never returns nil items without
// an error.
func Keep(root *os.Root, files []File, write bool, made func(name string, data []byte) bool, dirs ...string) ([]Item, error) {
	items, err := Compare(root, files, made, dirs...)
	if err == nil && write {
		err = Write(root, files, items)
	}
	if err != nil {
		return nil, err
	}
	return append([]Item{}, items...), nil
}

// Compare holds files against those that are there, sorted by path. Among them are
// the extra ones in the directories dirs and below: files that made says were made.
func Compare(root *os.Root, files []File, made func(name string, data []byte) bool, dirs ...string) ([]Item, error) {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	var items []Item
	for i, f := range files {
		if !fs.ValidPath(f.Path) {
			return nil, ErrTarget.With("%q", f.Path)
		}
		if i > 0 && files[i-1].Path == f.Path {
			return nil, ErrClash.With("%s: %s, and %s", f.Path, files[i-1].Of, f.Of)
		}
		state := Current
		switch data, err := root.ReadFile(f.Path); {
		case errors.Is(err, fs.ErrNotExist):
			state = Missing
		case err != nil:
			return nil, ErrTarget.Wrap(err, "%s", f.Path)
		case !bytes.Equal(data, f.Data):
			state = Stale
		}
		items = append(items, Item{f.Path, f.Of, state})
	}
	for _, dir := range dirs {
		extra, err := extras(root, dir, items, made)
		if err != nil {
			return nil, err
		}
		items = append(items, extra...)
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(items, func(a, b Item) bool { return a.Path == b.Path }), nil
}

// extras returns what lies below dir, was made, and is not among items.
func extras(root *os.Root, dir string, items []Item, made func(string, []byte) bool) ([]Item, error) {
	var extra []Item
	err := fs.WalkDir(root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == dir:
			return fs.SkipAll
		case err != nil:
			return ErrTarget.Wrap(err, "%s", name)
		case !d.Type().IsRegular() || slices.ContainsFunc(items, func(i Item) bool { return i.Path == name }):
			return nil
		}
		data, err := root.ReadFile(name)
		if err != nil {
			return ErrTarget.Wrap(err, "%s", name)
		}
		if made(name, data) {
			extra = append(extra, Item{Path: name, State: Extra})
		}
		return nil
	})
	return extra, err
}

// OK reports whether nothing is to be done.
func OK(items []Item) bool {
	return !slices.ContainsFunc(items, func(i Item) bool { return i.State != Current && i.State != Written })
}

// Write writes those of files that items calls stale or missing, each whole, and says
// so in items.
func Write(root *os.Root, files []File, items []Item) error {
	for i := range items {
		if items[i].State != Stale && items[i].State != Missing {
			continue
		}
		at := slices.IndexFunc(files, func(f File) bool { return f.Path == items[i].Path })
		if err := root.MkdirAll(path.Dir(files[at].Path), 0o777); err != nil {
			return ErrWrite.Wrap(err, "%s", files[at].Path)
		}
		if err := atomicfile.Write(root, files[at].Path, files[at].Data, 0o666); err != nil {
			return ErrWrite.Wrap(err, "%s", files[at].Path)
		}
		items[i].State = Written
	}
	return nil
}
