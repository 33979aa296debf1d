package nodemanager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// A stage is a directory that stands for the project while a node is made: what
// stamping needs of the project is copied into it, and the node lies in it where it
// will lie in the project.
type stage struct {
	m       Manager
	dir     string
	at      *os.Root
	touched []touched
}

// A touched file is one at the root of the project that changes, too.
type touched struct {
	name string
	was  []byte // nil when there was none
	why  string
}

// newStage makes a stage: in the project when it is to be put into its place, so that
// that is one step on any machine, and else where temporary files go.
func (m Manager) newStage(write bool) (*stage, error) {
	parent := ""
	if write {
		parent = m.Root
	}
	dir, err := os.MkdirTemp(parent, ".onex-new-")
	if err != nil {
		return nil, ErrTarget.Wrap(err, "%s", m.Root)
	}
	at, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &stage{m: m, dir: dir, at: at}, nil
}

func (s *stage) remove() {
	s.at.Close()
	if err := os.RemoveAll(s.dir); err != nil {
		s.m.log().Warn("a temporary directory is left over", "dir", s.dir, "error", err)
	}
}

// fill makes the node in the stage, with metadata.
func (s *stage) fill(ctx context.Context, d draft) error {
	project, err := s.found(ctx)
	if err != nil {
		return err
	}
	if err := d.render(project); err != nil {
		return err
	}
	for _, f := range d.files {
		name := path.Join(d.dir, f.Path)
		if err := errors.Join(s.at.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o755), s.at.WriteFile(name, f.Data, f.Mode)); err != nil {
			return ErrTarget.Wrap(err, "%s", name)
		}
	}
	stamped := []string{d.dir}
	for _, name := range []string{meta.ManifestFile, ".onexignore", configFile} {
		if err := s.copy(name); err != nil {
			return err
		}
	}
	if !d.in.NoList {
		again, err := s.list(ctx, d.dir)
		if err != nil {
			return err
		}
		stamped = append(stamped, again...)
	}
	if err := restamp(ctx, s.at, stamped, filetype.Standard()); err != nil {
		return err
	}
	if err := s.record(ctx, d.dir); err != nil {
		return err
	}
	return s.notice(meta.ManifestFile, "metadata of "+configFile)
}

// found copies project.onex.yaml, or makes it.
func (s *stage) found(ctx context.Context) (meta.Project, error) {
	if err := s.copy(meta.ProjectFile); err != nil {
		return meta.Project{}, err
	}
	text, err := s.at.ReadFile(meta.ProjectFile)
	if errors.Is(err, fs.ErrNotExist) && s.m.Found != nil {
		if err = stamp.Init(s.at, s.m.Found(ctx, s.m.Root)); err == nil {
			text, err = s.at.ReadFile(meta.ProjectFile)
			s.touched = append(s.touched, touched{meta.ProjectFile, nil, "who owns the files of the project; look whether it is right"})
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return meta.Project{}, meta.ErrMissing.With("there is no %s in %s", meta.ProjectFile, s.m.Root).Hinted("make one with onex init")
	}
	if err != nil {
		return meta.Project{}, err
	}
	p, err := meta.ParseProject(text)
	return p, errors.Join(err, p.Check())
}

// copy brings a file of the project into the stage, if there is one.
func (s *stage) copy(name string) error {
	data, err := os.ReadFile(s.m.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, s.at.WriteFile(name, data, 0o644))
}

// list adds the node to onex.yaml, and returns what must be stamped for that.
func (s *stage) list(ctx context.Context, dir string) (stamped []string, err error) {
	was, err := s.at.ReadFile(configFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := parseList(was)
	if err != nil || l.has(dir) {
		return nil, err
	}
	text, err := l.add(dir)
	if err != nil {
		return nil, err
	}
	s.touched = append(s.touched, touched{configFile, was, "onex up runs the node"})
	again := was == nil
	if !again {
		if again, err = s.m.isStamped(ctx, configFile); err != nil {
			return nil, err
		}
	}
	if again {
		stamped = []string{configFile}
	}
	return stamped, s.at.WriteFile(configFile, text, 0o644)
}

// isStamped reports whether a file is as it was when it was stamped.
func (m Manager) isStamped(ctx context.Context, name string) (bool, error) {
	root, err := os.OpenRoot(m.Root)
	if err != nil {
		return false, err
	}
	defer root.Close()
	report, err := stamp.Check(ctx, root, &stamp.Options{Paths: []string{name}, All: true, NoCache: true})
	if err != nil {
		return false, err
	}
	for _, f := range report.Files {
		if f.Path == name {
			return f.State == stamp.OK, nil
		}
	}
	return false, nil
}

// restamp stamps files below a root, whatever git ignores. What has no type is left
// alone. The types are those of the project when they are nil.
func restamp(ctx context.Context, root *os.Root, paths []string, types *filetype.Set) error {
	plan, err := stamp.Make(ctx, root, &stamp.Options{Paths: paths, NoGit: true, Types: types})
	if err != nil {
		return err
	}
	report, err := plan.Apply(ctx)
	for _, f := range report.Files {
		if f.Action == stamp.Fail {
			err = errors.Join(err, f.Err())
		}
	}
	return err
}

// record writes the .onextree of the node when the nodes beside it have one.
func (s *stage) record(ctx context.Context, dir string) error {
	if s.m.Record == nil {
		return nil
	}
	beside, err := filepath.Glob(escape(s.m.path(path.Dir(dir))) + "/*/" + tree.FileName)
	if err != nil || len(beside) == 0 {
		return err
	}
	text, err := s.m.Record(ctx, filepath.Join(s.dir, filepath.FromSlash(dir)))
	return errors.Join(err, s.at.WriteFile(path.Join(dir, tree.FileName), text, 0o644))
}

// escape makes a path mean itself in a pattern.
func escape(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(path)
}

// notice adds a file at the root that differs from that of the project.
func (s *stage) notice(name, why string) error {
	is, err := s.at.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	was, errWas := os.ReadFile(s.m.path(name))
	if errors.Is(errWas, fs.ErrNotExist) {
		was, errWas = nil, nil
	}
	if err == nil && errWas == nil && !bytes.Equal(was, is) {
		s.touched = append(s.touched, touched{name, was, why})
	}
	return errors.Join(err, errWas)
}

// buildTime bounds the first build of a Go program: the standard library may have to
// be compiled, on a busy machine.
const buildTime = 3 * time.Minute

// try runs the examples of the node where it lies. An interpreter that is not
// installed is a problem that somebody else may not have.
func (s *stage) try(ctx context.Context, d draft) (*Problem, error) {
	dir := filepath.Join(s.dir, filepath.FromSlash(d.dir))
	if d.in.Language == scaffold.Go {
		if err := build(ctx, dir, "-trimpath"); err != nil && !errors.Is(err, exec.ErrNotFound) {
			return nil, err
		}
	}
	h, err := host.Load(ctx, dir, &host.Options{Log: s.m.log()})
	if errors.Is(err, host.ErrNoProgram) {
		return &Problem{Node: d.dir, Text: err.Error(), Hint: "install it; the node was not tried"}, nil
	}
	if err != nil {
		return nil, ErrTrial.Wrap(err, "%s", d.dir)
	}
	defer h.Close()
	for _, t := range h.Contract().Tools {
		for _, e := range t.Examples {
			if err := answers(ctx, h, t.Name, e); err != nil {
				return nil, ErrTrial.Wrap(err, "example %q", e.Name)
			}
		}
	}
	return nil, nil
}

// answers makes the call of an example.
func answers(ctx context.Context, h *host.Host, tool node.ToolName, want node.Scenario) error {
	out := h.Call(ctx, tool, want.Input)
	if out.Status == want.Status {
		return nil
	}
	if out.Error != nil {
		return out.Error.Err()
	}
	return fmt.Errorf("it answers %s, not %s", out.Status, want.Status)
}

// build compiles a Go program, so that its first start is quick.
func build(ctx context.Context, dir string, flags ...string) error {
	ctx, cancel := context.WithTimeout(ctx, buildTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", os.DevNull}, flags, []string{"."})...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil || errors.Is(err, exec.ErrNotFound) {
		return err
	}
	return ErrTrial.Wrap(err, "go build: %s", strings.TrimSpace(string(out)))
}

// commit puts the node into its place, then the files at the root. When one of them
// cannot be written, all is put back. No link leads it out of the project.
func (s *stage) commit(d draft) (err error) {
	root, err := os.OpenRoot(s.m.Root)
	if err != nil {
		return ErrTarget.Wrap(err, "%s", s.m.Root)
	}
	defer root.Close()
	var undo []func() error
	defer func() {
		for i := len(undo) - 1; err != nil && i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()
	if first := firstMissing(root, path.Dir(d.dir)); first != "" {
		undo = append(undo, func() error { return root.RemoveAll(first) })
	}
	if err := root.MkdirAll(path.Dir(d.dir), 0o755); err != nil {
		return ErrTarget.Wrap(err, "%s", d.dir)
	}
	if _, err := root.Lstat(d.dir); !errors.Is(err, fs.ErrNotExist) {
		return ErrExists.Wrap(err, "%s", d.dir)
	}
	if err := root.Rename(path.Join(filepath.Base(s.dir), d.dir), d.dir); err != nil {
		return ErrTarget.Wrap(err, "%s", d.dir)
	}
	undo = append(undo, func() error { return root.RemoveAll(d.dir) })
	for _, f := range s.touched {
		data, err := s.at.ReadFile(f.name)
		if err == nil {
			err = atomicfile.Write(root, f.name, data, 0o644)
		}
		if err != nil {
			return ErrTarget.Wrap(err, "%s", f.name)
		}
		undo = append(undo, func() error { return restore(root, f.name, f.was) })
	}
	return nil
}

// restore puts back what was.
func restore(root *os.Root, name string, was []byte) error {
	if was == nil {
		return root.Remove(name)
	}
	return atomicfile.Write(root, name, was, 0o644)
}

// firstMissing returns the uppermost directory on the way to dir that is not there.
func firstMissing(root *os.Root, dir string) string {
	missing := ""
	for at := dir; at != "."; at = path.Dir(at) {
		if _, err := root.Lstat(at); err == nil {
			break
		}
		missing = at
	}
	return missing
}
