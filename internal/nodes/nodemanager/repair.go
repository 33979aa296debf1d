package nodemanager

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/node"
)

// A repair gathers what is to be written before anything is.
type repair struct {
	m        Manager
	files    map[string]edit // by path, relative to the root with slashes
	problems []Problem
}

// An edit is the next content of a file.
type edit struct {
	data []byte
	mode fs.FileMode // 0 keeps that of the file
	why  []string
}

// each gathers what f finds for each of the nodes that are meant, and writes it.
func (m Manager) each(ctx context.Context, in Select, f func(r *repair, ctx context.Context, dir string) error) (Report, error) {
	dirs, err := m.dirsOf(in.Nodes)
	if err != nil {
		return Report{}, err
	}
	r := &repair{m: m, files: map[string]edit{}}
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		if err := f(r, ctx, dir); err != nil {
			return Report{}, err
		}
	}
	return r.finish(ctx, in.Write)
}

// read returns a file as it will be; nil when there is none.
func (r *repair) read(name string) ([]byte, error) {
	if e, ok := r.files[name]; ok && e.data != nil {
		return e.data, nil
	}
	data, err := os.ReadFile(r.m.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// write says what a file is to hold.
func (r *repair) write(name string, data []byte, format string, args ...any) {
	e := r.files[name]
	e.data, e.why = data, append(e.why, fmt.Sprintf(format, args...))
	r.files[name] = e
}

func (r *repair) problem(dir, hint, format string, args ...any) {
	p := Problem{Node: dir, Text: fmt.Sprintf(format, args...), Hint: hint}
	if !slices.Contains(r.problems, p) {
		r.problems = append(r.problems, p)
	}
}

// finish writes what was gathered, if that is wanted. Files that bore current metadata
// bear it afterwards.
func (r *repair) finish(ctx context.Context, write bool) (Report, error) {
	out := Report{Written: write, Changes: []Change{}, Problems: []Problem{}}
	out.Problems = append(out.Problems, r.problems...)
	var names []string
	for name, e := range r.files {
		action := Update
		if there, err := exists(r.m.path(name)); err != nil {
			return Report{}, err
		} else if !there {
			action = Create
		}
		names = append(names, name)
		out.Changes = append(out.Changes, Change{name, action, strings.Join(e.why, "; ")})
	}
	slices.Sort(names)
	slices.SortFunc(out.Changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	if !write || len(names) == 0 {
		return out, nil
	}
	return out, r.apply(ctx, names)
}

// apply replaces the files one by one, each whole. When one cannot be replaced, those
// before it are put back.
func (r *repair) apply(ctx context.Context, names []string) (err error) {
	root, err := os.OpenRoot(r.m.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	var undo []func() error
	defer func() {
		for i := len(undo) - 1; err != nil && i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()
	stamps := []string{}
	for _, name := range names {
		stamped, err := r.m.bearsMetadata(ctx, name)
		if err != nil {
			return err
		}
		if stamped {
			stamps = append(stamps, name)
		}
		back, err := replace(root, name, r.files[name])
		if err != nil {
			return err
		}
		undo = append(undo, back)
	}
	if len(stamps) == 0 {
		return nil
	}
	return restamp(ctx, root, stamps, nil)
}

// replace writes one file, and returns what puts it back.
func replace(root *os.Root, name string, e edit) (undo func() error, err error) {
	was, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		was, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	mode := fs.FileMode(0o644)
	if info, err := root.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	back := func() error { return errors.Join(restore(root, name, was), chmod(root, name, was, mode)) }
	if e.data != nil {
		if err := atomicfile.Write(root, name, e.data, 0o644); err != nil {
			return nil, err
		}
	}
	if e.mode != 0 {
		return back, root.Chmod(name, e.mode)
	}
	return back, nil
}

func chmod(root *os.Root, name string, was []byte, mode fs.FileMode) error {
	if was == nil {
		return nil
	}
	return root.Chmod(name, mode)
}

// bearsMetadata reports whether a file that changes is to be stamped again: it was,
// or it is new and the node is.
func (m Manager) bearsMetadata(ctx context.Context, name string) (bool, error) {
	if there, err := exists(m.path(name)); err != nil {
		return false, err
	} else if there {
		return m.isStamped(ctx, name)
	}
	dir := path.Dir(name)
	for _, other := range []string{path.Join(dir, node.ManifestFile), path.Join(dir, node.ContractFile), path.Join(path.Dir(dir), node.ManifestFile)} {
		there, err := exists(m.path(other))
		if err != nil || !there {
			continue
		}
		if ok, err := m.isStamped(ctx, other); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// program returns the only program that lies in a directory, and how it is run.
func (m Manager) program(dir string) (runtime node.Runtime, command []string, err error) {
	entries, err := os.ReadDir(m.path(dir))
	if err != nil {
		return "", nil, err
	}
	interpreters := map[string][]string{".py": {"python3"}, ".sh": {"sh"}, ".js": {"node"}, ".mjs": {"node"}, ".rb": {"ruby"}, ".pl": {"perl"}}
	var found [][]string
	for _, e := range entries {
		interpreter, ok := interpreters[filepath.Ext(e.Name())]
		if !ok || e.IsDir() {
			continue
		}
		command := append(slices.Clone(interpreter), e.Name())
		if strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())) == "main" {
			return node.Exec, command, nil
		}
		found = append(found, command)
	}
	if len(found) == 1 {
		return node.Exec, found[0], nil
	}
	return "", nil, fmt.Errorf("which program it runs is not clear: %d files could be it", len(found))
}
