package stamp

import (
	"context"
	"errors"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/atomicfile"
)

// A Status sums up a run.
type Status string

const (
	Success Status = "success" // every file is up to date now
	Partial Status = "partial" // some files could not be stamped
	Failure Status = "error"   // no file could be stamped
)

// A Report says what was done. It lists the files of the plan, those that could
// not be stamped after all as failed.
type Report struct {
	Status  Status         `json:"status"`
	Summary map[Action]int `json:"summary"`
	Files   []Item         `json:"files"`
	Diff    string         `json:"diff,omitempty"` // what would change, unified, if asked for
}

// Report says what the plan would do, in the form in which Apply says what it
// did.
func (p *Plan) Report() Report {
	r := Report{Status: Success, Summary: map[Action]int{}, Files: p.Items}
	for i := range p.Items {
		r.Summary[p.Items[i].Action]++
	}
	if r.Summary[Fail] > 0 {
		r.Status = Partial
		if r.Summary[Add]+r.Summary[Update]+r.Summary[Keep]+r.Summary[Drop] == 0 {
			r.Status = Failure
		}
	}
	return r
}

// Apply does what the plan says, all of it or, when it returns an error,
// nothing. See the package comment for its guarantees, and for files that cannot
// be stamped. Applying a plan in which nothing is to be written touches nothing,
// not even the lock.
func (p *Plan) Apply(ctx context.Context) (Report, error) {
	if p.Count(Add)+p.Count(Update)+p.Count(Drop) == 0 {
		return p.Report(), nil
	}
	rehearsed, err := p.opts.rehearse()
	if p.opts.Rehearsed != nil {
		p.opts.Rehearsed(rehearsed)
	}
	if err != nil {
		return Report{}, err
	}
	lock, stage, err := places(p.root)
	if err != nil {
		return Report{}, ErrWrite.Wrap(err, "%s", p.root.Name())
	}
	held, err := acquire(p.root, lock)
	if err != nil {
		return Report{}, err
	}
	defer held.Release()
	transact := p.transact
	if p.opts.Staged {
		transact = p.restage
	}
	if err := transact(ctx, stage); err != nil {
		return Report{}, err
	}
	return p.Report(), nil
}

// transact writes all files, or none.
func (p *Plan) transact(ctx context.Context, stage string) error {
	batch, err := beginBatch(p.root, stage)
	if err != nil {
		return err
	}
	defer batch.Abort()
	err = p.changes(ctx, func(i *Item, _, new []byte, err error) error {
		if err == nil {
			err = batch.Stage(i.Path, new, i.version)
		}
		switch {
		case err == nil:
			return nil
		case concernsOneFile(err) && i.typ != nil: // not a manifest, which is many files'
			i.fail(explain(err, i.Path))
			return nil
		}
		return ErrWrite.Wrap(err, "%s", i.Path)
	})
	if err != nil {
		return err
	}
	if err := batch.Commit(ctx); err != nil {
		return commitError(err)
	}
	return nil
}

// concernsOneFile tells a file that cannot be written from a disk that cannot.
func concernsOneFile(err error) bool {
	switch fault.ClassOf(err) {
	case fault.Conflict, fault.Denied, fault.NotFound, fault.Unsupported:
		return true
	}
	return errors.Is(err, ErrUnsafe)
}

// commitError says why the whole batch was undone.
func commitError(err error) error {
	if errors.Is(err, atomicfile.ErrConflict) {
		return ErrChanged.Wrap(err, "nothing was written")
	}
	if c := fault.ClassOf(err); c == fault.Canceled || c == fault.Timeout {
		return err
	}
	return ErrWrite.Wrap(err, "nothing was written")
}
