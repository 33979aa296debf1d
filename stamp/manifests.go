package stamp

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// manifests are the directory manifests of a root, or those in git's index, each
// read once, when it is asked for.
type manifests struct {
	root  *os.Root
	index *staged // nil: those in the work tree

	mu   sync.Mutex
	dirs map[string]*manifest
}

// A manifest is that of one directory, which may have none.
type manifest struct {
	meta.Manifest
	text    []byte             // as read
	version atomicfile.Version // of the file; zero: there is none
	entry   tree.Entry         // in the index; without Blob: there is none
	err     error
}

func newManifests(root *os.Root) *manifests {
	return &manifests{root: root, dirs: map[string]*manifest{}}
}

// of returns the manifest of the directory that the file name is in.
func (ms *manifests) of(name string) *manifest {
	dir := path.Dir(name)
	ms.mu.Lock()
	defer ms.mu.Unlock()
	m, ok := ms.dirs[dir]
	if !ok {
		full := path.Join(dir, meta.ManifestFile)
		if ms.index != nil {
			m = ms.index.manifest(full)
		} else {
			m = readManifest(ms.root, full)
		}
		ms.dirs[dir] = m
	}
	return m
}

func readManifest(root *os.Root, name string) *manifest {
	m := &manifest{}
	m.Manifest, _ = meta.ParseManifest(nil)
	// Most directories have none, which one system call shows.
	if _, err := os.Lstat(filepath.Join(root.Name(), filepath.FromSlash(name))); errors.Is(err, fs.ErrNotExist) {
		return m
	}
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	case err == nil && info.Size() > meta.MaxManifest:
		err = ErrTooLarge.With("%s", name)
	case err == nil && !info.Mode().IsRegular():
		err = ErrManifest.With("%s is no regular file", name)
	case err == nil:
		m.version = atomicfile.VersionOf(info)
		m.text, err = root.ReadFile(name)
	}
	m.parse(name, err)
	return m
}

// parse reads the text, unless there was an error before.
func (m *manifest) parse(name string, err error) {
	if err == nil {
		m.Manifest, err = meta.ParseManifest(m.text)
	}
	if err == nil {
		return
	}
	m.Manifest, _ = meta.ParseManifest(nil)
	if _, marked := parseConflicts(m.text); marked {
		m.err = filetype.ErrConflict.With("%s", name)
	} else {
		m.err = ErrManifest.Wrap(err, "%s", name)
	}
}

// exists reports whether there is one, readable or not.
func (m *manifest) exists() bool {
	return m.version != (atomicfile.Version{}) || m.entry.Blob != "" || m.err != nil
}

// byUUID returns the name of the file that has the uuid here.
func (m *manifest) byUUID(uuid string) (string, bool) {
	for _, name := range m.Names() {
		if b, err := m.Block(name); err == nil && b.UUID() == uuid {
			return name, true
		}
	}
	return "", false
}

// fileType returns the type of a file that no type handles and that has its metadata
// in a manifest.
func fileType() *filetype.Type { return &filetype.Type{Name: "file"} }

// An opener cuts files around their blocks, wherever those are.
type opener struct {
	types     *filetype.Set
	manifests *manifests                      // nil: what is in manifests does not count
	wanted    func(name string) filetype.Form // of a file that has no metadata
	split     func(*filetype.Type, []byte) (filetype.Parts, error)
	progress  func(done, total int) // nil: nobody wants to know
}

// whole reports whether a file that no type handles may have a block all the
// same, and so has to be read.
func (o *opener) whole(name string) bool {
	return o.wanted(name) != filetype.Full || o.manifests.of(name).Has(path.Base(name))
}

// open cuts the file of i around its block, which may be in the manifest of its
// directory, and decides on the form of i: the one that it has, or the one that
// is wanted. It reports false when that decides the matter.
func (o *opener) open(i *Item, data []byte) (filetype.Parts, bool) {
	parts, ok := i.cut(o.types, data, o.split)
	i.form = o.wanted(i.Path)
	switch {
	case ok && parts.Form == filetype.Full:
		i.form = filetype.Full
		return parts, true
	case !ok && (i.Action != Skip || i.Reason == MetadataFile || !o.whole(i.Path)):
		return parts, false
	case !ok: // it can have no block in it
		*i = Item{Path: i.Path, version: i.version, entry: i.entry, typ: fileType(), form: filetype.Detached}
		parts = filetype.Whole(data)
	}
	return parts, i.attach(o.manifests.of(i.Path), &parts)
}

// attach gives parts the block that the manifest m has for the file.
func (i *Item) attach(m *manifest, parts *filetype.Parts) bool {
	name := path.Base(i.Path)
	if parts.Form == filetype.Compact {
		i.form = filetype.Compact
		if b, err := m.Block(name); err == nil && b.UUID() != parts.Meta.UUID() {
			name, _ = m.byUUID(parts.Meta.UUID()) // the file was renamed
		}
	}
	if m.err != nil {
		i.fail(m.err)
		return false
	}
	if !m.Has(name) {
		return true
	}
	b, err := m.Block(name)
	if err != nil {
		i.fail(ErrManifest.Wrap(err, "%s", i.Path))
		return false
	}
	if parts.Form == filetype.None {
		parts.Form, i.form = filetype.Detached, filetype.Detached
	}
	parts.Meta = b
	return true
}

// isBare reports whether of a block only the uuid is known, from the compact
// line: the fields are in no manifest.
func isBare(parts filetype.Parts) bool {
	return parts.Form == filetype.Compact && parts.Meta.Len() == 1
}

// inherited are the fields that a block in a manifest leaves to
// project.onex.yaml: it is not on its own.
var inherited = []string{meta.FieldProtocolVersion, meta.FieldOwner, meta.FieldCopyright, meta.FieldSchemaVersion, meta.FieldLicense}

// leanBlock is newBlock for a manifest.
func leanBlock(t *filetype.Type, project meta.Project) meta.Block {
	b := newBlock(t, project)
	for _, field := range inherited {
		b.Delete(field)
	}
	return b
}

// An orphan is an entry of a manifest whose file is gone.
type orphan struct {
	manifest *manifest
	name     string // below the root
	block    meta.Block
}

// orphans returns the entries without a file, in the order of their names, of
// the manifests among names.
func (ms *manifests) orphans(names []string) []orphan {
	var list []orphan
	for _, manifestName := range names {
		if path.Base(manifestName) != meta.ManifestFile {
			continue
		}
		m := ms.of(manifestName)
		for _, name := range m.Names() {
			full := path.Join(path.Dir(manifestName), name)
			if ms.lacks(full) {
				b, _ := m.Block(name)
				list = append(list, orphan{m, full, b})
			}
		}
	}
	return list
}

// lacks reports whether there is no file of that name.
func (ms *manifests) lacks(name string) bool {
	if ms.index != nil {
		_, ok := ms.index.files[name]
		return !ok
	}
	_, err := ms.root.Lstat(name)
	return errors.Is(err, fs.ErrNotExist)
}
