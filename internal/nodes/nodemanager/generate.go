package nodemanager

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/nodedir"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/tree"
)

// Generate is what node_generate takes.
type Generate struct {
	Name        string            `json:"name" jsonschema:"name of the node and of its tool: small letters, digits and underscores"`
	Language    scaffold.Language `json:"language,omitempty" jsonschema:"go, python (the default), shell or node"`
	Directory   string            `json:"directory,omitempty" jsonschema:"where the directory of the node is made, relative to the project; default the project itself"`
	Description string            `json:"description,omitempty" jsonschema:"one line for people"`
	Owner       string            `json:"owner,omitempty" jsonschema:"who answers for it; default the owner of the project"`
	NoList      bool              `json:"no_list,omitempty" jsonschema:"do not list it in onex.yaml, so that onex up does not run it"`
	Write       bool              `json:"write,omitempty" jsonschema:"write the files; otherwise only say what would change"`
}

// A draft is a new node before it is written.
type draft struct {
	in    Generate
	dir   string // relative to the root, with slashes
	files []scaffold.File
}

// Generate makes a node that works at once: it is stamped, its examples were run,
// and onex.yaml lists it. A project without a project.onex.yaml gets one. The
// errors are [node.ErrName], [ErrTaken], [ErrTarget], [ErrExists], [ErrTrial],
// [ErrList], [scaffold.ErrLanguage], [scaffold.ErrText] and [meta.ErrMissing]; then
// nothing was written.
func (m Manager) Generate(ctx context.Context, in Generate) (Report, error) {
	d, err := m.draft(in)
	if err != nil {
		return Report{}, err
	}
	s, err := m.newStage(in.Write)
	if err != nil {
		return Report{}, err
	}
	defer s.remove()
	if err := s.fill(ctx, d); err != nil {
		return Report{}, err
	}
	r := Report{Written: in.Write, Problems: []Problem{}}
	if r.Changes, err = s.changes(d); err != nil || !in.Write {
		return r, err
	}
	problem, err := s.try(ctx, d)
	if err != nil {
		return Report{}, err
	}
	if problem != nil {
		r.Problems = append(r.Problems, *problem)
	}
	if err := s.commit(d); err != nil {
		return Report{}, err
	}
	return r, nil
}

// draft checks what was asked for.
func (m Manager) draft(in Generate) (draft, error) {
	name, err := node.ParseName(in.Name)
	if err != nil {
		return draft{}, err
	}
	in.Language = cmp.Or(in.Language, scaffold.Python)
	if !slices.Contains(scaffold.Languages(), in.Language) {
		return draft{}, scaffold.ErrLanguage.With("%q", in.Language)
	}
	in.Description = cmp.Or(in.Description, "greets people by name")
	dir := path.Join(filepath.ToSlash(in.Directory), string(name))
	if !filepath.IsLocal(filepath.FromSlash(dir)) {
		return draft{}, ErrTarget.With("%q is outside of %s", in.Directory, m.Root)
	}
	if err := m.free(name, dir); err != nil {
		return draft{}, err
	}
	return draft{in: in, dir: dir}, nil
}

// free reports whether a node can have this name and this place.
func (m Manager) free(name node.Name, dir string) error {
	if there, err := exists(m.path(dir)); err != nil {
		return ErrTarget.Wrap(err, "%q", dir)
	} else if there {
		return ErrExists.With("%s", m.path(dir))
	}
	if m.Taken != nil {
		names, err := m.Taken()
		if err != nil {
			return err
		}
		if slices.Contains(names, string(name)) {
			return ErrTaken.With("%q is part of onex", name)
		}
	}
	others, err := nodedir.Find(m.Root)
	if err != nil {
		return err
	}
	for _, other := range others {
		data, err := atomicfile.ReadFile(filepath.Join(other, node.ManifestFile))
		if err != nil {
			continue // it is not ours to complain about
		}
		if manifest, err := node.ParseManifest(data); err == nil && manifest.Name == name {
			return ErrTaken.With("%q is the node in %s", name, other)
		}
	}
	return nil
}

// render fills in what the project says.
func (d *draft) render(project meta.Project) error {
	n := scaffold.Node{
		Name: node.Name(d.in.Name), Language: d.in.Language, Description: d.in.Description,
		Owner: cmp.Or(d.in.Owner, project.Owner), UUID: newUUID(), Dir: "./" + d.dir,
	}
	var err error
	d.files, err = n.Files()
	return err
}

// newUUID returns a random identity, as stamping makes them: version 4.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// changes lists what differs between the stage and the project.
func (s *stage) changes(d draft) ([]Change, error) {
	var all []Change
	err := fs.WalkDir(s.at.FS(), d.dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, Change{name, Create, why(path.Base(name), d)})
		}
		return err
	})
	for _, f := range s.touched {
		action := Update
		if f.was == nil {
			action = Create
		}
		all = append(all, Change{f.name, action, f.why})
	}
	slices.SortFunc(all, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return all, err
}

func why(name string, d draft) string {
	switch name {
	case node.ManifestFile:
		return "who the node is, and how it is run"
	case node.ContractFile:
		return "what its tool takes and gives, with examples"
	case "README.md":
		return "for people"
	case meta.ManifestFile:
		return "metadata of the files beside it"
	case tree.FileName:
		return "what the directory holds, as that of the nodes beside it"
	case "go.mod":
		return "a module that requires nothing"
	case "greets.yaml":
		return "a scenario"
	}
	return "its program, in " + languageName(d.in.Language)
}

func languageName(l scaffold.Language) string {
	names := map[scaffold.Language]string{scaffold.Go: "Go", scaffold.Python: "Python", scaffold.Shell: "shell", scaffold.JavaScript: "JavaScript"}
	return names[l]
}
