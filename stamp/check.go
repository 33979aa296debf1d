package stamp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// A State is what a check finds a file to be. A file that is several things at
// once has the state that is to be seen to first: the order below, from
// missing to unstamped.
type State string

const (
	OK        State = "ok"        // it is what it was when it was stamped
	Missing   State = "missing"   // it was named, and is not there
	Malformed State = "malformed" // its block cannot be read, or the file cannot
	Outdated  State = "outdated"  // its block is older than 1.0.0, or its hash unset
	Invalid   State = "invalid"   // a field has a value that is not allowed
	Duplicate State = "duplicate" // another file has its uuid
	Modified  State = "modified"  // its hash differs
	Unstamped State = "unstamped" // it has no block
	Unsigned  State = "unsigned"  // it has no signature where one is demanded
	Skipped   State = "skipped"   // it is none of our business
)

// States returns all states.
func States() []State {
	return []State{OK, Missing, Malformed, Outdated, Invalid, Duplicate, Modified, Unstamped, Unsigned, Skipped}
}

// A Finding is what a check says of one file. For a skipped file, Reason says
// why; Code and Message are empty for ok. Line and Column, from 1 and in bytes,
// are where a malformed block is wrong, and else 0.
type Finding struct {
	Path    string      `json:"path"`
	State   State       `json:"state"`
	Reason  tree.Reason `json:"reason,omitempty"`
	Code    fault.Code  `json:"code,omitempty"`
	Message string      `json:"message,omitempty"`
	Line    int         `json:"line,omitempty"`
	Column  int         `json:"column,omitempty"`
}

func (f *Finding) set(s State, err error) {
	r := fault.ReportOf(err)
	f.State, f.Code, f.Message = s, r.Code, r.Message
	f.locate(r)
}

// locate takes over the position that an error names.
func (f *Finding) locate(r fault.Report) {
	f.Line, _ = strconv.Atoi(r.Details["line"])
	f.Column, _ = strconv.Atoi(r.Details["column"])
}

// A CheckReport is the result of a check. Summary counts all files by state, and
// Skipped those that are skipped by the reason, states and reasons without files
// left out. Files lists, sorted by path, the files that are neither ok nor
// skipped, or all of them if Options.All is set.
type CheckReport struct {
	Summary map[State]int       `json:"summary"`
	Skipped map[tree.Reason]int `json:"skipped,omitempty"`
	Files   []Finding           `json:"files"`
}

// count enters f, and f itself if it is to be listed.
func (r *CheckReport) count(f Finding, all bool) {
	r.Summary[f.State]++
	if f.State == Skipped && f.Reason != "" {
		r.Skipped[f.Reason]++
	}
	if all || f.State != OK && f.State != Skipped {
		r.Files = append(r.Files, f)
	}
}

// OK reports whether every file is ok or skipped.
func (r CheckReport) OK() bool {
	for s, n := range r.Summary {
		if s != OK && s != Skipped && n > 0 {
			return false
		}
	}
	return true
}

// A checked is what is kept of each file until all are known.
type checked struct {
	Finding
	uuid    string
	hash    string // as in the block; not of what is in the cache
	digest  string // SHA-256 of the bytes, if asked for
	version atomicfile.Version

	delimited bool // no file type handles it, and it begins with a block
}

// Check compares every file that o selects with its block. It changes no file
// of the project; inside .git it notes which are in order, so as not to read them
// again while git says that they are unchanged. It fails if the files cannot be listed or ctx ends; what is wrong with single
// files, unreadable and missing ones included, is in the report.
func Check(ctx context.Context, root *os.Root, o *Options) (CheckReport, error) {
	opts := o.orDefault()
	if err := opts.configure(root); err != nil {
		return CheckReport{}, err
	}
	opts.NoCache = opts.NoCache || opts.RequireSignature // it knows no hashes
	results, err := examineAll(ctx, root, &opts)
	if err != nil {
		return CheckReport{}, err
	}
	if len(results) == 0 && opts.mustMatch() {
		return CheckReport{}, ErrNoMatch.With("%q", opts.Include)
	}
	order(results)
	findDuplicates(results)
	results = demand(root, &opts, results)
	order(results)
	r := CheckReport{Summary: map[State]int{}, Skipped: map[tree.Reason]int{}, Files: []Finding{}}
	for i := range results {
		r.count(results[i].Finding, opts.All)
	}
	return r, nil
}

// merge returns what is in a, which is sorted by path, and in b, sorted.
func merge(a, b []checked) []checked {
	if len(b) == 0 {
		return a
	}
	order(b)
	all := make([]checked, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Path <= b[0].Path {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// order sorts by path, which most often they are.
func order(results []checked) {
	byPath := func(a, b checked) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(results, byPath) {
		slices.SortFunc(results, byPath)
	}
}

// examineAll says of every file what it is by itself, in any order.
func examineAll(ctx context.Context, root *os.Root, opts *Options) ([]checked, error) {
	if opts.Staged {
		return examineStaged(ctx, root, opts)
	}
	var known *cache
	var wg sync.WaitGroup
	wg.Go(func() { known = loadCache(root, opts) })
	listing := opts.listing()
	listing.Blobs, listing.Gone = !opts.NoCache, opts.Since == ""
	files, skipped, err := tree.List(ctx, root, listing)
	wg.Wait()
	if err != nil {
		return nil, err
	}
	o := &opener{types: opts.Types, manifests: newManifests(root), wanted: opts.wanted, split: (*filetype.Type).Split, progress: opts.Progress}
	results := make([]checked, len(files))
	unknown := make([]tree.File, 0, len(files))
	at := make([]int, 0, len(files)) // where their results go
	for i, f := range files {
		c, ok := known.find(f)
		if ok && !o.manifests.of(f.Path).exists() {
			results[i] = c
		} else {
			unknown, at = append(unknown, f), append(at, i)
		}
	}
	err = scan(ctx, root, o, unknown, func(i int, data []byte, v atomicfile.Version, err error) {
		c := &results[at[i]]
		*c = examine(o, unknown[i].Path, data, v, err)
		c.version = v
		if opts.digests {
			c.digest = digestOf(data)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, f := range unknown {
		if !o.manifests.of(f.Path).exists() { // git's blob says nothing of what is in there
			known.learn(f, results[at[i]])
		}
	}
	known.save(root, files)
	others := make([]checked, 0, len(skipped))
	for _, s := range skipped {
		others = append(others, checked{Finding: finding(skippedItem(s, opts.Paths))})
	}
	if opts.everything() {
		for _, gone := range o.manifests.orphans(pathsOf(files)) {
			c := checked{Finding: Finding{Path: gone.name}}
			c.set(Modified, ErrOrphan.With("%s", gone.name))
			others = append(others, c)
		}
	}
	return findLost(ctx, root, o, merge(results, others))
}

// examineStaged is examineAll for what is staged.
func examineStaged(ctx context.Context, root *os.Root, opts *Options) ([]checked, error) {
	manifests, err := manifestsFor(ctx, root, opts, false)
	if err != nil {
		return nil, err
	}
	var results []checked
	o := &opener{types: opts.Types, manifests: manifests, wanted: opts.wanted, split: (*filetype.Type).Split}
	err = manifests.index.scan(ctx, opts, func(e tree.Entry, data []byte, err error) {
		results = append(results, examine(o, e.Path, data, atomicfile.Version{}, err))
	})
	for _, s := range manifests.index.skipped {
		results = append(results, checked{Finding: finding(skippedItem(s, nil))})
	}
	return results, err
}

// finding says in the words of a check what a plan says of a file that it does
// not handle.
func finding(i Item) Finding {
	f := Finding{Path: i.Path, State: Skipped, Reason: i.Reason, Code: i.Code, Message: i.Message}
	if i.Action == Fail {
		f.State = Malformed
		if i.Code == ErrNotFound.Code {
			f.State = Missing
		}
		f.locate(fault.ReportOf(i.err))
	}
	return f
}

// examine compares one file with its block.
func examine(o *opener, name string, data []byte, v atomicfile.Version, err error) checked {
	i := Item{Path: name, version: v}
	if err != nil {
		i.unread(err)
		return checked{Finding: finding(i)}
	}
	parts, ok := o.open(&i, data)
	if !ok {
		c := checked{Finding: finding(i)}
		if path.Base(name) == meta.ManifestFile && o.manifests.of(name).err != nil {
			c.set(Malformed, o.manifests.of(name).err)
		} else if c.State == Skipped && stampedOnce(i.typ, data) {
			c.set(Modified, ErrModified.With("%s: it is %s now", name, i.Reason))
		}
		c.delimited = c.Reason == UnknownType && hasDelimiter(data)
		return c
	}
	c := checked{Finding: Finding{Path: name, State: OK}}
	if parts.Form == filetype.None {
		if c.set(Unstamped, ErrUnstamped.With("%s", name)); v.Linked() && i.form != filetype.Detached {
			c.set(Skipped, ErrLinked.With("%s", name))
			c.Reason = HardLink
		}
		return c
	}
	if isBare(parts) {
		c.set(Malformed, ErrNoEntry.With("%s", name))
		return c
	}
	b := parts.Meta
	c.uuid, c.hash = strings.Clone(b.UUID()), strings.Clone(b.Hash()) // and not all of the block
	age := compareVersions(b.MetadataVersion(), meta.Version)
	problems := b.Validate()
	switch {
	case age > 0:
		c.set(Invalid, ErrNewer.With("%s has metadata_version %s, this program knows %s", name, b.MetadataVersion(), meta.Version))
	case age < 0:
		c.set(Outdated, ErrOutdated.With("%s has metadata_version %q, not %s", name, b.MetadataVersion(), meta.Version))
	case b.HashUnset():
		c.set(Outdated, ErrOutdated.With("%s has no hash", name))
	case parts.Form == filetype.Full && i.form == filetype.Full && !framed(i.typ.Comment, parts.Block):
		c.set(Malformed, filetype.ErrCorrupt.With("%s: a line of the block is not commented out", name))
	case len(problems) > 0:
		c.set(Invalid, problems.Err())
		c.Message = name + ": " + c.Message
	case parts.Hash(b) != b.Hash():
		c.set(Modified, ErrModified.With("%s", name))
	}
	return c
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// compareVersions compares versions of three numbers; what is none is older.
func compareVersions(a, b string) int {
	return slices.Compare(numbers(a), numbers(b))
}

func numbers(version string) []int {
	var ns []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		ns = append(ns, n)
	}
	return ns
}

// findDuplicates marks the files that share a uuid, each with the path of
// another one.
func findDuplicates(results []checked) {
	first := make(map[string]int, len(results))
	for i := range results {
		u := results[i].uuid
		if u == "" || !meta.IsUUID(u) {
			continue
		}
		j, seen := first[u]
		if !seen {
			first[u] = i
			continue
		}
		results[i].duplicate(u, results[j].Path)
		results[j].duplicate(u, results[i].Path)
	}
}

func (c *checked) duplicate(uuid, other string) {
	switch c.State {
	case OK, Modified:
		modified := ""
		if c.State == Modified {
			modified = "; it has changed since it was stamped, too"
		}
		c.set(Duplicate, ErrDuplicate.With("%s has the uuid %s of %s%s", c.Path, uuid, other, modified))
	}
}
