package tree

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A Source is where List learns which files there are.
type Source string

// The sources. Empty means Filesystem.
const (
	Filesystem   Source = "filesystem"    // what is there
	Record       Source = "tree"          // what .onextree lists, and nothing else; ignore files do not apply
	HybridWarn   Source = "hybrid_warn"   // what is there; what .onextree does not say is told to Options.Drifted
	HybridStrict Source = "hybrid_strict" // what is there, if .onextree says the same; else an [ErrDrift]
)

// Sources returns all sources.
func Sources() []Source { return []Source{Filesystem, Record, HybridWarn, HybridStrict} }

// A Traversal is how deep List looks into a directory that it was given.
type Traversal string

// The traversals. Empty means Recursive.
const (
	Recursive Traversal = "recursive" // all the way down
	Flat      Traversal = "flat"      // what is in it
	Shallow   Traversal = "shallow"   // what is in it and in its immediate subdirectories
)

// Traversals returns all traversals.
func Traversals() []Traversal { return []Traversal{Recursive, Flat, Shallow} }

// depth returns how many directories below the given one are looked into; -1 is all.
func (t Traversal) depth() int {
	switch t {
	case Flat:
		return 0
	case Shallow:
		return 1
	}
	return -1
}

// discover returns the files by Options.Source.
func (l *lister) discover(ctx context.Context, names, dirs []string) ([]File, error) {
	if l.opts.Source == "" || l.opts.Source == Filesystem {
		return l.files(ctx, names, dirs)
	}
	recorded, err := l.recorded(names, dirs)
	if err != nil {
		return nil, err
	}
	if l.opts.Source == Record {
		l.opts.Gone = true // to be mentioned
		return l.classify(ctx, recorded)
	}
	files, err := l.files(ctx, names, dirs)
	if err != nil {
		return nil, err
	}
	drifts := compareNames(recorded, files)
	switch {
	case len(drifts) == 0:
	case l.opts.Source == HybridStrict:
		return nil, ErrDrift.With("%d differences, the first: %s", len(drifts), drifts[0].Message)
	case l.opts.Drifted != nil:
		l.opts.Drifted(drifts)
	}
	return files, nil
}

// recorded returns the files of the record that are selected, sorted.
func (l *lister) recorded(names, dirs []string) ([]string, error) {
	text, err := readRecord(l)
	if err != nil {
		return nil, err
	}
	record, err := Parse(text)
	if err != nil {
		return nil, err
	}
	var list []string
	var visit func(n *Node, at string)
	visit = func(n *Node, at string) {
		if n.Type == Regular && l.chosen(at, names, dirs) {
			list = append(list, at)
		}
		for _, c := range n.Children {
			visit(c, path.Join(at, c.Name))
		}
	}
	visit(record, ".")
	slices.Sort(list)
	return list, nil
}

func readRecord(l *lister) ([]byte, error) {
	info, err := l.root.Lstat(FileName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoRecord.With("%s", l.root.Name())
	case err != nil:
		return nil, ErrRoot.Wrap(err, "%s", FileName)
	case !info.Mode().IsRegular() || info.Size() > maxRecord:
		return nil, ErrParse.With("%s is no file of at most %d bytes", FileName, maxRecord)
	}
	return l.root.ReadFile(FileName)
}

// chosen reports whether the options select name.
func (l *lister) chosen(name string, names, dirs []string) bool {
	inside := func(dir string) bool { return dir == "." || strings.HasPrefix(name, dir+"/") }
	return (slices.Contains(names, name) || slices.ContainsFunc(dirs, inside)) &&
		!l.exclude.ignored(name, false) && (len(l.include.lines) == 0 || l.include.Match(name))
}

// compareNames returns how the record and the files, both sorted, differ.
func compareNames(recorded []string, files []File) []Drift {
	var drifts []Drift
	add := func(code DriftCode, text, name string) {
		if name != FileName {
			drifts = append(drifts, Drift{code, name, text + ": " + name})
		}
	}
	for len(recorded)+len(files) > 0 {
		switch {
		case len(files) == 0 || len(recorded) > 0 && recorded[0] < files[0].Path:
			add(ExtraFile, "File exists in "+FileName+" but not in directory", recorded[0])
			recorded = recorded[1:]
		case len(recorded) == 0 || files[0].Path < recorded[0]:
			add(MissingFile, "File exists in directory but missing from "+FileName, files[0].Path)
			files = files[1:]
		default:
			recorded, files = recorded[1:], files[1:]
		}
	}
	return drifts
}

// narrow leaves out the files that lie deeper than Options.Traversal looks, and those
// beyond Options.MaxFiles.
func (l *lister) narrow(files []File, dirs []string) []File {
	if depth := l.opts.Traversal.depth(); depth >= 0 {
		files = slices.DeleteFunc(files, func(f File) bool {
			top := l.tooDeep(f.Path, dirs, depth)
			if top != "" {
				l.skip(top, TooDeep, nil)
			}
			return top != ""
		})
	}
	if limit := l.opts.MaxFiles; limit > 0 && len(files) > limit {
		for _, f := range files[limit:] {
			l.skip(f.Path, OverLimit, nil)
		}
		files = files[:limit]
	}
	return files
}

// tooDeep returns the directory that stands for name, which lies more than depth
// directories below each of dirs, or nothing.
func (l *lister) tooDeep(name string, dirs []string, depth int) string {
	if l.named[name] {
		return ""
	}
	top := ""
	for _, dir := range dirs {
		rest, below := strings.CutPrefix(name, dir+"/")
		if dir == "." {
			rest, below = name, true
		}
		if !below {
			continue
		}
		parts := strings.Split(rest, "/")
		if len(parts)-1 <= depth {
			return ""
		}
		top = path.Join(append([]string{dir}, parts[:depth+1]...)...)
	}
	return top
}
