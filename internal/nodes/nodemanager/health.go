package nodemanager

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// FixHealth looks at everything that belongs to a node, and mends what needs no
// judgement: what [Manager.RegenerateManifest] and [Manager.RegenerateContract] do; a
// program that is not executable; metadata that is not current in a node that has
// some; a record of the directory that is not. What is left is listed as problems:
// files that cannot be read, a program that is not there, tools without examples.
// It does not run the node's examples; "onex parity" does.
func (m Manager) FixHealth(ctx context.Context, in Select) (Report, error) {
	var stale []string
	r, err := m.each(ctx, in, func(r *repair, ctx context.Context, dir string) error {
		if err := errors.Join(r.manifest(ctx, dir), r.contract(ctx, dir), r.runs(dir), r.tested(dir)); err != nil {
			return err
		}
		found, err := r.metadata(ctx, dir)
		stale = append(stale, found...)
		return errors.Join(err, r.recorded(ctx, dir))
	})
	if err != nil || !in.Write || len(stale) == 0 {
		return r, err
	}
	root, err := os.OpenRoot(m.Root)
	if err != nil {
		return r, err
	}
	defer root.Close()
	return r, restamp(ctx, root, stale, nil)
}

// runs looks at the program: whether it is there, and executable where it has to be.
func (r *repair) runs(dir string) error {
	data, err := r.read(path.Join(dir, node.ManifestFile))
	if err != nil || data == nil {
		return err
	}
	m, err := node.ParseManifest(data)
	if err != nil || len(m.Program.Command) == 0 {
		return nil // said already
	}
	command := m.Program.Command[0]
	if !strings.Contains(command, "/") {
		if _, err := exec.LookPath(command); err != nil {
			r.problem(dir, "install it, or change command in node.onex.yaml", "%q is not installed", command)
		}
		return nil
	}
	name := path.Join(dir, command)
	if path.IsAbs(command) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil // not ours
	}
	info, err := os.Stat(r.m.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.problem(dir, "change command in node.onex.yaml", "its program %q is not there", command)
	case err != nil:
		return err
	case info.Mode().Perm()&0o111 == 0:
		e := r.files[name]
		e.mode, e.why = info.Mode().Perm()|0o111, append(e.why, "it is to be run, and was not executable")
		r.files[name] = e
	}
	return nil
}

// tested looks for tools that nothing is shown of.
func (r *repair) tested(dir string) error {
	data, err := r.read(path.Join(dir, node.ContractFile))
	if err != nil || data == nil {
		return err
	}
	c, err := node.ParseContract(data)
	if err != nil {
		return nil // said already
	}
	for _, t := range c.Tools {
		if len(t.Examples) == 0 {
			r.problem(dir, "add them to contract.yaml", "tool %s has no examples", t.Name)
		}
	}
	return nil
}

// metadata lists the files of a stamped node whose metadata is not current.
func (r *repair) metadata(ctx context.Context, dir string) (stale []string, err error) {
	root, err := os.OpenRoot(r.m.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	report, err := stamp.Check(ctx, root, &stamp.Options{Paths: []string{dir}, All: true, NoCache: true})
	if err != nil {
		return nil, err
	}
	bears := false
	for _, f := range report.Files {
		switch f.State {
		case stamp.OK, stamp.Modified, stamp.Outdated:
			bears = true
		}
	}
	for _, f := range report.Files {
		switch f.State {
		case stamp.Modified, stamp.Outdated, stamp.Unstamped:
			if bears {
				e := r.files[f.Path]
				e.why = append(e.why, "its metadata is "+string(f.State))
				r.files[f.Path] = e
				stale = append(stale, f.Path)
			}
		case stamp.Missing, stamp.Malformed, stamp.Invalid, stamp.Duplicate:
			r.problem(dir, "onex stamp --repair, or --new-identity for a copy", "%s is %s: %s", f.Path, f.State, f.Message)
		}
	}
	return stale, nil
}

// recorded brings the record of the directory in line, where there is one or the nodes
// beside have one.
func (r *repair) recorded(ctx context.Context, dir string) error {
	if r.m.Record == nil {
		return nil
	}
	name := path.Join(dir, tree.FileName)
	was, err := r.read(name)
	if err != nil {
		return err
	}
	if was == nil {
		beside, err := filepath.Glob(escape(r.m.path(path.Dir(dir))) + "/*/" + tree.FileName)
		if err != nil || len(beside) == 0 || dir == "." {
			return err
		}
	}
	now, err := r.m.Record(ctx, r.m.path(dir))
	if err != nil {
		return err
	}
	if !bytes.Equal(was, now) {
		r.write(name, now, "what the directory holds has changed")
	}
	return nil
}
