package stamp

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// A Resolution is what became of a file with merge conflicts.
type Resolution string

const (
	Mended      Resolution = "mended"      // no conflict is left
	PartlyDone  Resolution = "partly"      // its metadata is mended, its body is not
	Conflicting Resolution = "conflicting" // nothing in it is for us to decide
)

// A Resolved is one file with merge conflicts. Conflicts is how many are left.
type Resolved struct {
	Path      string     `json:"path"`
	State     Resolution `json:"state"`
	Conflicts int        `json:"conflicts"`

	new     []byte
	version atomicfile.Version
}

// A ResolveReport lists the files with merge conflicts, sorted by path.
type ResolveReport struct {
	Files []Resolved `json:"files"`
}

// OK reports whether no conflict is left.
func (r ResolveReport) OK() bool {
	return !slices.ContainsFunc(r.Files, func(f Resolved) bool { return f.Conflicts > 0 })
}

// Resolve mends the merge conflicts that git left in metadata: in blocks and in
// manifests. The fields are merged one by one, identity stays, hashes are computed
// anew. Where git still has the versions that it could not merge, and nobody has
// worked on the file since, the text is merged again without the metadata, which
// resolves conflicts that were next to it. All other conflicts stay as they are, marked,
// and are counted: also those in ignored files, in what is no text, and of files that
// one side deleted.
// With dry nothing is written.
//
// All files are written or none, as with [Plan.Apply]. A file that is named and not
// there is [ErrNotFound].
func Resolve(ctx context.Context, root *os.Root, o *Options, dry bool) (ResolveReport, error) {
	opts := o.orDefault()
	if err := opts.configure(root); err != nil {
		return ResolveReport{}, err
	}
	r := resolver{merger: merger{ctx, root, opts}, done: map[string]*Resolved{}}
	if index, err := tree.OpenIndex(ctx, root); err == nil {
		r.index = index
		if r.unmerged, err = index.Unmerged(ctx); err != nil {
			return ResolveReport{}, err
		}
	}
	if err := r.all(); err != nil {
		return ResolveReport{}, err
	}
	r.leftovers()
	report := r.report()
	if dry {
		return report, nil
	}
	return report, r.write()
}

type resolver struct {
	merger
	index    *tree.Index // nil without git
	unmerged map[string]tree.Stages
	done     map[string]*Resolved
}

func (r *resolver) report() ResolveReport {
	report := ResolveReport{Files: []Resolved{}}
	for _, f := range r.done {
		report.Files = append(report.Files, *f)
	}
	slices.SortFunc(report.Files, func(a, b Resolved) int { return strings.Compare(a.Path, b.Path) })
	return report
}

// all looks at every file, at the manifests last: their hashes are those of the
// files as mended.
func (r *resolver) all() error {
	files, skipped, err := tree.List(r.ctx, r.root, r.opts.listing())
	if err != nil {
		return err
	}
	for _, s := range skipped {
		if _, unmerged := r.unmerged[s.Path]; s.Reason == tree.Missing && !unmerged { // one side may have deleted it
			return ErrNotFound.With("%s", s.Path)
		}
	}
	reader, err := atomicfile.NewReader(r.root, MaxNamed)
	if err != nil {
		return ErrRead.Wrap(err, "%s", r.root.Name())
	}
	defer reader.Close()
	isManifest := func(f tree.File) bool { return path.Base(f.Path) == meta.ManifestFile }
	for _, last := range []bool{false, true} {
		for _, f := range files {
			if isManifest(f) != last {
				continue
			}
			if err := r.ctx.Err(); err != nil {
				return err
			}
			data, version, err := reader.Read(f.Path)
			if err != nil {
				continue // a check says so
			}
			if err := r.file(f.Path, bytes.Clone(data), version); err != nil {
				return err
			}
		}
	}
	return nil
}

// file mends one file, if there is something to mend.
func (r *resolver) file(name string, data []byte, version atomicfile.Version) error {
	stages, unmerged := r.unmerged[name]
	segments, marked := parseConflicts(data)
	if !marked {
		return nil
	}
	found := &Resolved{Path: name, version: version, State: Conflicting, Conflicts: (len(segments) - 1) / 2}
	if unmerged {
		r.done[name] = found
		again, n, ok, err := r.again(name, segments, stages)
		if err != nil {
			return err
		}
		if ok {
			found.settle(data, again, n)
			return nil
		}
	}
	base, err := r.base(stages)
	if err != nil {
		return err
	}
	out, n, ok := r.mend(name, data, segments, base)
	if ok {
		r.done[name] = found
		found.settle(data, out, n)
	}
	return nil
}

// settle records the new content and how many conflicts are in it.
func (f *Resolved) settle(old, new []byte, conflicts int) {
	f.Conflicts = conflicts
	switch {
	case conflicts == 0:
		f.State, f.new = Mended, new
	case !bytes.Equal(old, new):
		f.State, f.new = PartlyDone, new
	}
}

func (r *resolver) base(s tree.Stages) ([]byte, error) {
	if r.index == nil {
		return nil, nil
	}
	return r.index.Content(r.ctx, s.Base, MaxNamed)
}

// again merges the versions that git has, if the file is as git left it: with the
// conflicts of these versions, and no others.
func (r *resolver) again(name string, segments []segment, s tree.Stages) ([]byte, int, bool, error) {
	m := Merge{Path: name, Markers: labels(segments)}
	for _, v := range []struct {
		to *[]byte
		tree.Entry
	}{{&m.Base, s.Base}, {&m.Ours, s.Ours}, {&m.Theirs, s.Theirs}} {
		var err error
		if *v.to, err = r.index.Content(r.ctx, v.Entry, MaxNamed); err != nil {
			return nil, 0, false, err
		}
	}
	if s.Ours.Blob == "" || s.Theirs.Blob == "" {
		return nil, 0, false, nil
	}
	plain, _, err := tree.Merge(r.ctx, r.root, m.Base, m.Ours, m.Theirs, m.Markers)
	if err != nil {
		return nil, 0, false, r.ctx.Err() // it is no text
	}
	left, ok := parseConflicts(plain)
	if !ok || !slices.EqualFunc(left, segments, sameSegment) {
		return nil, 0, false, nil
	}
	if path.Base(name) == meta.ManifestFile {
		out, n, ok, err := r.manifests(m, r.rehash(name))
		return out, n, ok, err
	}
	out, n, err := r.merge(m)
	return out, n, err == nil, err
}

// labels are those that the conflicts have.
func labels(segments []segment) *tree.MergeOptions {
	for _, s := range segments {
		if s.hunk != nil {
			label := func(marker []byte) string { return strings.TrimSpace(string(marker[markerSize:])) }
			return &tree.MergeOptions{Ours: label(s.open), Theirs: label(s.shut)}
		}
	}
	return nil
}

// sameSegment compares what sides say, not how the conflict is marked.
func sameSegment(a, b segment) bool {
	if (a.hunk == nil) != (b.hunk == nil) || !bytes.Equal(a.text, b.text) {
		return false
	}
	return a.hunk == nil || bytes.Equal(a.ours, b.ours) && bytes.Equal(a.theirs, b.theirs)
}

// mend resolves the conflicts that lie in metadata, from the text of the file
// alone, of which somebody may have mended other parts. base is the file before
// both changes, if it is known. It reports false where no metadata has a conflict.
func (r *resolver) mend(name string, data []byte, segments []segment, base []byte) ([]byte, int, bool) {
	ours, shown, theirs, hasBase := sides(segments)
	if hasBase && base == nil {
		base = shown
	}
	m := Merge{Path: name, Base: base, Ours: ours, Theirs: theirs, Markers: labels(segments)}
	if path.Base(name) == meta.ManifestFile {
		out, n, ok, _ := r.manifests(m, r.rehash(name))
		return out, n, ok
	}
	t, ok := r.opts.Types.Find(name, ours)
	if !ok || filetype.WholeDocument(name) {
		return nil, 0, false
	}
	b, ok := newBlockMend(t, m)
	if !ok {
		return nil, 0, false
	}
	out, n, ok := b.join(segments)
	if ok && n == 0 {
		out = settled(t, name, out, ours, theirs)
	}
	return out, n, ok
}

// rehash computes hashes of the files of the manifest name.
func (r *resolver) rehash(manifest string) rehash {
	return func(base string, b meta.Block) string {
		name := path.Join(path.Dir(manifest), base)
		data, err := r.root.ReadFile(name)
		if f := r.done[name]; f != nil {
			if data = f.new; f.Conflicts > 0 {
				return meta.UnsetHash
			}
		} else if err != nil {
			return meta.UnsetHash
		}
		if t, ok := r.opts.Types.Find(name, data); ok {
			if parts, err := t.Split(data); err == nil {
				return parts.Hash(b)
			}
		}
		return filetype.Whole(data).Hash(b)
	}
}

// write replaces the files that changed, all or none.
func (r *resolver) write() error {
	if !slices.ContainsFunc(r.report().Files, func(f Resolved) bool { return f.new != nil }) {
		return nil
	}
	lock, stage, err := places(r.root)
	if err != nil {
		return ErrWrite.Wrap(err, "%s", r.root.Name())
	}
	held, err := acquire(r.root, lock)
	if err != nil {
		return err
	}
	defer held.Release()
	batch, err := beginBatch(r.root, stage)
	if err != nil {
		return err
	}
	defer batch.Abort()
	for _, f := range r.report().Files {
		if f.new == nil {
			continue
		}
		if err := batch.Stage(f.Path, f.new, f.version); err != nil {
			return errors.Join(explain(err, f.Path), r.ctx.Err())
		}
	}
	if err := batch.Commit(r.ctx); err != nil {
		return commitError(err)
	}
	return nil
}
