package artifact

import (
	"cmp"
	"context"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/tree"
)

// WIPFile is the name of the file that marks a directory as work in progress.
const WIPFile = ".wip"

// MaxFile bounds, in bytes, a file that describes an artifact: many times what the
// largest contract has.
const MaxFile = 1 << 20

// Options say what to look for. The zero value looks for everything.
type Options struct {
	Paths  []string    // files and directories below the root to look at; default the root
	Types  []Type      // default all
	WIP    bool        // also what is work in progress
	Source tree.Source // where the files are learnt from; default what is there
}

// elsewhere is what is left out unless a path leads there.
var elsewhere = [...]string{"testdata", "vendor", "node_modules"}

// Load finds the artifacts below root. What is wrong with them is in the result; it
// fails when the root or one of the paths cannot be looked at, as tree.List does, for
// a type that there is not ([ErrType]), and when ctx ends.
func Load(ctx context.Context, root *os.Root, o *Options) (Found, error) {
	if o == nil {
		o = &Options{}
	}
	for _, t := range o.Types {
		if !slices.Contains(Types(), t) {
			return Found{}, ErrType.With("%q is not one of %s", t, strings.Join(t.Values(), ", "))
		}
	}
	files, skipped, err := tree.List(ctx, root, &tree.Options{Paths: o.Paths, Source: o.Source, Tool: "registry_loader"})
	if err != nil {
		return Found{}, err
	}
	for _, s := range skipped {
		if s.Reason == tree.Missing {
			return Found{}, tree.ErrRoot.With("%q is not there", s.Path)
		}
	}
	l := loader{root: root, o: o, wip: map[string]bool{}, counts: map[Type]*Count{}}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return Found{}, err
		}
		if k, ok := kindOf(f.Path); ok && l.wanted(f.Path) {
			l.load(f, k)
		}
	}
	l.duplicates()
	return l.found(), nil
}

// A loader loads one project.
type loader struct {
	root     *os.Root
	o        *Options
	wip      map[string]bool // by directory
	all      []Artifact
	problems []Problem
	counts   map[Type]*Count
}

// wanted reports whether a path is looked at: not below a directory of others,
// unless that is how it was asked for.
func (l *loader) wanted(name string) bool {
	below := name
	for _, p := range l.o.Paths {
		if rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path.Clean(p), "/")+"/"); ok && len(rest) < len(below) {
			below = rest
		} else if name == path.Clean(p) {
			return true
		}
	}
	for part := range strings.SplitSeq(path.Dir(below), "/") {
		if slices.Contains(elsewhere[:], part) || len(part) > 1 && part[0] == '.' {
			return false
		}
	}
	return true
}

// load reads one file that describes artifacts.
func (l *loader) load(f tree.File, k kind) {
	if len(l.o.Types) > 0 && !slices.Contains(l.o.Types, k.Type) {
		return
	}
	wip := l.inProgress(path.Dir(f.Path))
	if wip && !l.o.WIP {
		l.count(k.Type).WIP++
		return
	}
	found, errs := l.read(f, k)
	for _, a := range found {
		a.Type, a.Path, a.WIP, a.Valid = k.Type, f.Path, wip, len(errs) == 0
		l.all = append(l.all, a)
	}
	for _, err := range errs {
		l.problem(f.Path, k.Type, err)
	}
}

func (l *loader) problem(name string, t Type, err error) {
	r := fault.ReportOf(err)
	l.problems = append(l.problems, Problem{name, t, r.Code, r.Message})
}

func (l *loader) count(t Type) *Count {
	if l.counts[t] == nil {
		l.counts[t] = &Count{Type: t}
	}
	return l.counts[t]
}

// read returns what a file describes. A file that cannot be read still is an
// artifact, so that nobody overlooks it.
func (l *loader) read(f tree.File, k kind) ([]Artifact, []error) {
	unread := []Artifact{{Name: nameOf(f.Path, k)}}
	data, err := readFile(l.root, f.Path)
	if err != nil {
		return unread, []error{err}
	}
	found, errs := k.read(l.root, f.Path, data)
	for i := range found {
		found[i].Name = cmp.Or(found[i].Name, unread[0].Name)
	}
	if len(found) == 0 && len(errs) > 0 {
		found = unread
	}
	return found, errs
}

func readFile(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, ErrRead.Wrap(err, "%s", name)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, ErrRead.Wrap(err, "%s", name)
	}
	if len(data) > MaxFile {
		return nil, ErrRead.With("%s has more than %d bytes", name, MaxFile)
	}
	return data, nil
}

// nameOf names an artifact that does not: by its file, or by the directory when all
// files of its kind have one name.
func nameOf(name string, k kind) string {
	if k.file == "" {
		return strings.TrimSuffix(strings.TrimSuffix(path.Base(name), path.Ext(name)), ".schema")
	}
	return path.Base(path.Dir(name))
}

// inProgress reports whether a directory, or one above it, is marked.
func (l *loader) inProgress(dir string) bool {
	known, ok := l.wip[dir]
	if ok {
		return known
	}
	_, err := l.root.Lstat(path.Join(dir, WIPFile))
	marked := err == nil || dir != "." && l.inProgress(path.Dir(dir))
	l.wip[dir] = marked
	return marked
}

// duplicates finds artifacts that claim to be the same. The first by its path stays
// valid. Schemas, scenarios and file types have no version, and their names need be
// unique only where they are.
func (l *loader) duplicates() {
	owner := map[string]string{}
	for i := range l.all {
		a := &l.all[i]
		if !a.Valid || slices.Contains([]Type{Schemas, Scenarios, FileTypes, Contracts}, a.Type) {
			continue
		}
		keys := []string{string(a.Type) + " " + a.Name + " " + a.Version}
		if a.UUID != "" {
			keys = append(keys, "uuid "+a.UUID)
		}
		for _, key := range keys {
			if other, taken := owner[key]; taken {
				l.problem(a.Path, a.Type, ErrDuplicate.With("%s is also that of %s", key, other))
				a.Valid = false
				break
			}
			owner[key] = a.Path
		}
	}
}

// found sums up.
func (l *loader) found() Found {
	f := Found{Artifacts: l.all, Problems: l.problems, Counts: []Count{}}
	if f.Artifacts == nil {
		f.Artifacts = []Artifact{}
	}
	if f.Problems == nil {
		f.Problems = []Problem{}
	}
	slices.SortStableFunc(f.Problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	for _, a := range l.all {
		c := l.count(a.Type)
		c.Total++
		if a.Valid {
			c.Valid++
		} else {
			c.Invalid++
		}
		if a.WIP {
			c.WIP++
		}
	}
	for _, t := range Types() {
		if c := l.counts[t]; c != nil {
			f.Counts = append(f.Counts, *c)
		}
	}
	return f
}
