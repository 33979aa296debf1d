package lint

import (
	"path"
	"slices"
	"strings"
)

// A Project is what rules may know of the project around a file.
type Project struct {
	Config Config
	Files  []*File // all that are looked at, by path

	byPath map[string]*File
}

// newProject returns the project of the files.
func newProject(files []*File, c Config) *Project {
	p := &Project{Config: c, Files: files, byPath: map[string]*File{}}
	slices.SortFunc(p.Files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range files {
		p.byPath[f.Path] = f
	}
	return p
}

// Lookup returns the file at path, if it is among those that are looked at.
func (p *Project) Lookup(path string) (*File, bool) {
	f, ok := p.byPath[path]
	return f, ok
}

// Beside returns the file called name in the directory of f.
func (p *Project) Beside(f *File, name string) (*File, bool) {
	return p.Lookup(path.Join(path.Dir(f.Path), name))
}

// HasDir reports whether there is anything in the directory called name beside f.
// A module of another language, which is not among the files, is not seen.
func (p *Project) HasDir(f *File, name string) bool {
	dir := path.Join(path.Dir(f.Path), name) + "/"
	i, _ := slices.BinarySearchFunc(p.Files, dir, func(f *File, dir string) int { return strings.Compare(f.Path, dir) })
	return i < len(p.Files) && strings.HasPrefix(p.Files[i].Path, dir)
}
