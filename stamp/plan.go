package stamp

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
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
	Fail   Action = "fail"   // it should be stamped and cannot be; Code says why
)

// Reasons for skipping a file, besides those of package tree and the Skips of
// package filetype.
const (
	UnknownType  tree.Reason = "unknown_type"  // no file type handles it
	MetadataFile tree.Reason = "metadata_file" // it is itself metadata of ONEX
	CompactForm  tree.Reason = "compact_form"  // its fields are elsewhere
)

// An Item is the decision about one file.
type Item struct {
	Path    string      `json:"path"`
	Action  Action      `json:"action"`
	Reason  tree.Reason `json:"reason,omitempty"`
	Code    fault.Code  `json:"code,omitempty"`
	Message string      `json:"message,omitempty"`

	typ     *filetype.Type
	id      identity
	version atomicfile.Version
	err     error
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
	files, skipped, err := tree.List(ctx, root, p.opts.listing())
	if err != nil {
		return nil, err
	}
	p.Items = make([]Item, len(files), len(files)+len(skipped))
	err = scan(ctx, root, p.opts.Types, files, func(i int, data []byte, v atomicfile.Version, err error) {
		p.Items[i] = p.decide(files[i].Path, data, v, err)
	})
	if err != nil {
		return nil, err
	}
	for _, s := range skipped {
		p.Items = append(p.Items, skippedItem(s, p.opts.Paths))
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	p.identify()
	if p.Count(Add) > 0 {
		err = checkProject(root, p.project)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
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

// decide says what is to be done with a file, but for its identity.
func (p *Plan) decide(name string, data []byte, v atomicfile.Version, err error) Item {
	i := Item{Path: name, version: v}
	if err != nil {
		i.unread(err)
		return i
	}
	parts, ok := i.cut(p.opts.Types, data)
	if !ok {
		return i
	}
	i.id = identityOf(i.typ, name, parts)
	fallback := i.id
	if fallback.namespace == "" {
		fallback.namespace = i.typ.Namespace(name)
	}
	if fallback.uuid == "" {
		fallback.uuid = nilUUID
	}
	b, changed := restamp(i.typ, name, parts, fallback, p.project, p.opts.Now)
	switch problems := b.Validate(); {
	case !changed && i.id == fallback:
		i.Action = Keep
	case parts.Form == filetype.None:
		i.Action = Add
	case len(problems) > 0:
		i.fail(problems.Err())
		i.Message = name + ": " + i.Message
		return i
	default:
		i.Action = Update
	}
	if i.Action == Keep {
		return i
	}
	if v.ReadOnly() {
		i.fail(ErrDenied.With("%s", name))
	} else if _, err := rewrite(i.typ, name, data, b); err != nil {
		i.refuse(err)
	}
	return i
}

// unread records that the file could not be read, or is none after all.
func (i *Item) unread(err error) {
	switch {
	case errors.Is(err, atomicfile.ErrSymlink):
		i.skip(tree.Symlink, nil)
	case errors.Is(err, atomicfile.ErrNotRegular):
		i.skip(tree.NotRegular, nil)
	case errors.Is(err, atomicfile.ErrTooLarge):
		i.skip(tree.TooLarge, nil)
	case errors.Is(err, fs.ErrNotExist):
		i.fail(ErrNotFound.With("%s", i.Path))
	default:
		i.fail(ErrRead.Wrap(err, "%s", i.Path))
	}
}

// cut finds the type of the file and cuts it around its block. It reports false
// when that decides the matter.
func (i *Item) cut(types *filetype.Set, data []byte) (filetype.Parts, bool) {
	if filetype.WholeDocument(i.Path) {
		i.skip(MetadataFile, nil)
		return filetype.Parts{}, false
	}
	var ok bool
	if i.typ, ok = types.Find(i.Path, data); !ok {
		i.skip(UnknownType, ErrNoType.With("%s", i.Path))
		return filetype.Parts{}, false
	}
	parts, err := i.typ.Split(data)
	switch {
	case err != nil:
		i.refuse(err)
	case parts.Form == filetype.Compact:
		i.skip(CompactForm, ErrCompact.With("%s", i.Path))
	default:
		return parts, true
	}
	return parts, false
}

// refuse records why the file can have no block, or not this one.
func (i *Item) refuse(err error) {
	var reason filetype.Skip
	if errors.As(err, &reason) {
		i.skip(tree.Reason(reason), err)
	} else {
		i.fail(err)
	}
	i.Message = i.Path + ": " + i.Message
}

// identify gives every file that is to be written a uuid and a namespace of its
// own, in the order of the paths.
func (p *Plan) identify() {
	taken := map[string]bool{}
	for at := range p.Items {
		i := &p.Items[at]
		if i.typ == nil || i.Action == Skip || i.Action == Fail {
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

// content returns what the file of item i, of which data is the content, is to
// become.
func (p *Plan) content(i *Item, data []byte) ([]byte, error) {
	parts, err := i.typ.Split(data)
	if err != nil {
		return nil, err
	}
	b, _ := restamp(i.typ, i.Path, parts, i.id, p.project, p.opts.Now)
	return rewrite(i.typ, i.Path, data, b)
}

// rewrite returns src with b as its block, after it has made sure that nothing
// else is different. That the canary lived does not prove it for every file.
func rewrite(t *filetype.Type, name string, src []byte, b meta.Block) ([]byte, error) {
	out, err := t.WithBlock(src, b)
	if err != nil {
		return nil, err
	}
	before, err := t.Split(src)
	if err != nil {
		return nil, err
	}
	after, err := t.Split(out)
	if err != nil || !after.Meta.Equal(b) || !sameRest(before, after) {
		return nil, ErrUnsafe.With("%s is left as it is", name)
	}
	return out, nil
}

// sameRest reports whether two files without their blocks are the same bytes.
func sameRest(a, b filetype.Parts) bool {
	if bytes.Equal(a.BOM, b.BOM) && bytes.Equal(a.Head, b.Head) && bytes.Equal(a.Body, b.Body) {
		return true
	}
	return bytes.Equal(slices.Concat(a.BOM, a.Head, a.Body), slices.Concat(b.BOM, b.Head, b.Body))
}
