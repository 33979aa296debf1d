// Package stamper is the node stamper: it stamps metadata blocks into the files
// of a project, and tells which files changed since.
//
// Its tools are stamp_files and stamp_check; its commands are "onex stamp",
// "onex check" and "onex functions".
package stamper

import (
	"context"
	"embed"
	"os"
	"time"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// Extend adds to the options what the plugins of the project at root bring.
type Extend func(ctx context.Context, root string, o *stamp.Options) error

// New returns the node for the project at root, which logs its canaries in state; empty
// for nowhere. Extend is called before each run; nil when there are no plugins.
func New(root, state string, extend Extend, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	p := project{root, state, extend}
	host.Handle(h, "stamp_files", "stamp files of the project, or say what stamping would change", p.stamp, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles, node.WritesFiles}, Idempotency: node.Pure,
		VolatileFiles: []string{"*"}, // each stamp has an identity and a time of its own
		Errors:        host.Declare(meta.ErrMissing, stamp.ErrLocked, stamp.ErrWrite, tree.ErrPath),
	})
	host.Handle(h, "stamp_check", "say which files of the project are not what they were when stamped", p.check, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles}, Idempotency: node.Pure,
		Errors: host.Declare(tree.ErrPath),
	})
	return h, nil
}

// A project is the tree of files below a root.
type project struct {
	root, data string
	extend     Extend
}

// open returns the root, and the options that every tool has.
func (p project) open(ctx context.Context, paths []string) (*os.Root, *stamp.Options, error) {
	o := &stamp.Options{Paths: paths, Rehearsed: p.rehearsed}
	if p.extend != nil {
		if err := p.extend(ctx, p.root, o); err != nil {
			return nil, nil, err
		}
	}
	root, err := os.OpenRoot(p.root)
	return root, o, err
}

// Stamp is what stamp_files takes.
type Stamp struct {
	Paths []string `json:"paths,omitempty" jsonschema:"files and directories relative to the project; none means all"`
	Write bool     `json:"write,omitempty" jsonschema:"write the files; otherwise only say what would change"`
}

// Stamped is what stamp_files answers: a [stamp.Report] of the files that were
// or would be written, or failed.
type Stamped struct {
	Status  stamp.Status         `json:"status" jsonschema:"success, partial or error"`
	Summary map[stamp.Action]int `json:"summary" jsonschema:"number of files by action"`
	Files   []stamp.Item         `json:"files" jsonschema:"files that are written or failed, sorted by path"`
}

// ResultStatus follows the report.
func (s Stamped) ResultStatus() node.Result {
	switch s.Status {
	case stamp.Success:
		return node.Success
	case stamp.Partial:
		return node.Partial
	}
	return node.Warning
}

func (p project) stamp(ctx context.Context, in Stamp) (Stamped, error) {
	root, o, err := p.open(ctx, in.Paths)
	if err != nil {
		return Stamped{}, err
	}
	defer root.Close()
	plan, err := stamp.Make(ctx, root, o)
	if err != nil {
		return Stamped{}, err
	}
	report := plan.Report()
	if in.Write {
		if report, err = plan.Apply(ctx); err != nil {
			return Stamped{}, err
		}
	}
	return Stamped{report.Status, report.Summary, notable(report.Files)}, nil
}

// rehearsed logs the canaries. A log that cannot be written stops nobody: there is
// no person to say it to.
func (p project) rehearsed(canaries []stamp.Rehearsal) {
	if p.data != "" {
		_ = audit(p.data, p.root, time.Now(), canaries)
	}
}

// notable leaves out the files that are kept or skipped.
func notable(items []stamp.Item) []stamp.Item {
	out := []stamp.Item{}
	for _, i := range items {
		if i.Action != stamp.Keep && i.Action != stamp.Skip {
			out = append(out, i)
		}
	}
	return out
}

// Check is what stamp_check takes.
type Check struct {
	Paths []string `json:"paths,omitempty" jsonschema:"files and directories relative to the project; none means all"`
	All   bool     `json:"all,omitempty" jsonschema:"list also the files that are ok or skipped"`
}

// Checked is what stamp_check answers.
type Checked stamp.CheckReport

// ResultStatus is a warning when a file is not as it was stamped.
func (c Checked) ResultStatus() node.Result {
	if stamp.CheckReport(c).OK() {
		return node.Success
	}
	return node.Warning
}

func (p project) check(ctx context.Context, in Check) (Checked, error) {
	root, o, err := p.open(ctx, in.Paths)
	if err != nil {
		return Checked{}, err
	}
	defer root.Close()
	o.All = in.All
	report, err := stamp.Check(ctx, root, o)
	return Checked(report), err
}
