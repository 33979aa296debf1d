package stamp

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// An Action is what a plan does with a file.
type Action string

const (
	Add    Action = "add"    // it gets a block
	Update Action = "update" // its block is renewed
	Keep   Action = "keep"   // it is up to date and not written
	Skip   Action = "skip"   // it is none of our business; Reason says why
	Drop   Action = "drop"   // it is gone, and so goes its entry in a manifest
	Fail   Action = "fail"   // it should be stamped and cannot be; Code says why
)

// Reasons for skipping a file, besides those of package tree and the Skips of
// package filetype.
const (
	UnknownType  tree.Reason = "unknown_type"  // no file type handles it
	MetadataFile tree.Reason = "metadata_file" // it is itself metadata of ONEX
	HardLink     tree.Reason = "hard_link"     // it has several names, of which one would be split off
)

// An Item is the decision about one file.
type Item struct {
	Path    string      `json:"path"`
	Action  Action      `json:"action"`
	Reason  tree.Reason `json:"reason,omitempty"`
	Code    fault.Code  `json:"code,omitempty"`
	Message string      `json:"message,omitempty"`
	Note    string      `json:"note,omitempty"` // where it moved from, which form it had

	// Diagnostics are of functions that were looked for; they keep no file from
	// being stamped. Lines count from the first line after the block.
	Diagnostics []funcs.Diagnostic `json:"diagnostics,omitempty"`

	typ       *filetype.Type
	id        identity
	form      filetype.Form
	fresh     bool // it has no metadata anywhere
	repaired  bool
	converted bool       // it gets another form
	moved     meta.Block // from the entry of a manifest that was another file's
	entry     tree.Entry // of a staged file
	unstaged  meta.Block // which a staged file lacks and its file in the work tree has
	version   atomicfile.Version
	err       error
}

// Err returns the error behind Code and Message, or nil.
func (i Item) Err() error { return i.err }

func (i *Item) fail(err error) {
	i.Action, i.err = Fail, err
	r := fault.ReportOf(err)
	i.Code, i.Message = r.Code, r.Message
}

func (i *Item) skip(reason tree.Reason, err error) {
	i.Action, i.Reason = Skip, reason
	if err != nil {
		i.err = err
		r := fault.ReportOf(err)
		i.Code, i.Message = r.Code, r.Message
	}
}

// A Plan is what stamping would do. It refers to the root that it was made for,
// which must stay open.
type Plan struct {
	Items []Item // sorted by path

	root    *os.Root
	opts    Options
	project meta.Project
	opener
	files []tree.File // that were found
	drops []orphan    // entries of manifests that go
}

// Count returns the number of items with action a.
func (p *Plan) Count(a Action) int {
	n := 0
	for i := range p.Items {
		if p.Items[i].Action == a {
			n++
		}
	}
	return n
}

// Make decides for every file that o selects what stamping does with it. It
// reads the files and changes nothing. It fails if the files cannot be listed,
// project.onex.yaml cannot be read, files are new and it lacks a value
// ([meta.ErrMissing]), or ctx ends; what is wrong with single files is in the plan.
func Make(ctx context.Context, root *os.Root, o *Options) (*Plan, error) {
	p := &Plan{root: root, opts: o.orDefault()}
	var err error
	if p.project, err = readProject(root); err != nil {
		return nil, err
	}
	if err = p.opts.configure(root); err == nil {
		err = p.opts.loadSamples(root)
	}
	if err != nil {
		return nil, err
	}
	p.opener = opener{types: p.opts.Types, wanted: p.opts.wanted, split: p.split, progress: p.opts.Progress}
	if p.manifests, err = manifestsFor(ctx, root, &p.opts, true); err != nil {
		return nil, err
	}
	skipped, err := p.decideAll(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range skipped {
		p.Items = append(p.Items, skippedItem(s, p.opts.Paths))
	}
	if len(p.Items) == 0 && p.opts.mustMatch() {
		return nil, ErrNoMatch.With("%q", p.opts.Include)
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	if err := p.follow(ctx); err != nil {
		return nil, err
	}
	p.identify()
	if p.Count(Add) > 0 {
		err = checkProject(root, p.project)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// decideAll decides about every file by itself and returns what is none.
func (p *Plan) decideAll(ctx context.Context) ([]tree.Skipped, error) {
	if p.opts.Staged {
		index := p.manifests.index
		return index.skipped, index.scan(ctx, &p.opts, func(e tree.Entry, data []byte, err error) {
			p.Items = append(p.Items, p.decide(Item{Path: e.Path, entry: e}, data, err))
		})
	}
	files, skipped, err := tree.List(ctx, p.root, p.opts.listing())
	if err != nil {
		return nil, err
	}
	p.files = files
	p.Items = make([]Item, len(files), len(files)+len(skipped))
	return skipped, scan(ctx, p.root, &p.opener, files, func(i int, data []byte, v atomicfile.Version, err error) {
		p.Items[i] = p.decide(Item{Path: files[i].Path, version: v}, data, err)
	})
}

// skippedItem is what the plan says of something that tree.List left out. What
// was named, and what should have been read, is a failure.
func skippedItem(s tree.Skipped, named []string) Item {
	i := Item{Path: s.Path}
	switch {
	case s.Reason == tree.Missing:
		i.fail(ErrNotFound.With("%s", s.Path))
	case s.Reason == tree.Unreadable:
		i.fail(ErrRead.Wrap(s.Err, "%s", s.Path))
	case s.Reason == tree.TooLarge && slices.Contains(named, s.Path):
		i.fail(ErrTooLarge.With("%s, limit %d bytes", s.Path, MaxNamed))
	default:
		i.skip(s.Reason, nil)
	}
	return i
}

// identify gives every file that is to be written a uuid and a namespace of its
// own, in the order of the paths.
func (p *Plan) identify() {
	taken := map[string]bool{}
	for at := range p.Items {
		i := &p.Items[at]
		if i.typ == nil || i.Action != Add && i.Action != Update && i.Action != Keep {
			continue
		}
		if i.id.uuid == "" {
			i.id.uuid = p.opts.NewUUID()
		}
		if i.id.namespace == "" {
			i.id.namespace = i.typ.Namespace(i.Path)
		}
		if taken[i.id.namespace] {
			i.id.namespace = uniqueNamespace(i.typ, i.Path)
			p.renew(i)
		}
		taken[i.id.namespace] = true
	}
}

// renew makes an item that was up to date an update.
func (p *Plan) renew(i *Item) {
	switch {
	case i.Action != Keep:
	case i.version.ReadOnly():
		i.fail(ErrDenied.With("%s", i.Path))
	default:
		i.Action = Update
	}
}
