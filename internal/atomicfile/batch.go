package atomicfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
)

// A Batch replaces files together or not at all. See the package comment.
type Batch struct {
	// First, if set, is called by Commit when it is certain that the batch can
	// be resumed, before the first file changes. Its error ends the batch.
	First func() error

	root   *os.Root
	dir    string   // of the staging directory, below root
	stage  *os.Root // the staging directory
	swap   swapper
	plain  map[string]bool // directories known to be no links
	staged []staged
	done   int // staged[:done] have been exchanged
}

type staged struct {
	name string
	tmp  string // in the staging directory
	was  Version
	made Version
}

// Begin starts a batch that stages its files in the directory dir below root,
// which it makes, with its parents, if need be. What it finds there is left over
// from a process that was killed, and is deleted, unless that had begun to put
// files in their places ([ErrInterrupted]). The caller sees to it, with
// [Acquire], that no two batches share a directory.
func Begin(root *os.Root, dir string) (*Batch, error) {
	if interrupted, err := Interrupted(root, dir); interrupted || err != nil {
		if err == nil {
			err = ErrInterrupted.With("%s", dir)
		}
		return nil, err
	}
	if err := Sweep(root, dir); err != nil {
		return nil, err
	}
	if err := root.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	stage, err := root.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	b := &Batch{root: root, dir: dir, stage: stage, plain: map[string]bool{}}
	if err := b.swap.open(root, stage, dir); err != nil {
		return nil, errors.Join(err, b.Abort())
	}
	return b, nil
}

// Sweep deletes a staging directory that a killed process left in dir.
func Sweep(root *os.Root, dir string) error { return root.RemoveAll(dir) }

// Stage writes data as the next content of name, which must still be the
// version was. The zero Version stands for a file that is to be created, with
// mode 0666 before umask. Nothing but the staging directory changes. A batch of
// which one Stage failed may go on without that file.
func (b *Batch) Stage(name string, data []byte, was Version) error {
	if err := b.checkDir(path.Dir(name)); err != nil {
		return err
	}
	now, info, err := current(b.root, name)
	if err != nil {
		return err
	}
	if now != was {
		return ErrConflict.With("%s", name)
	}
	s := successor{root: b.root, name: name, old: info, data: data, perm: 0o666, durable: !b.swap.syncsAll()}
	tmp := strconv.Itoa(len(b.staged))
	if err := s.create(b.stage, tmp); err != nil {
		return err
	}
	made, _, err := current(b.stage, tmp)
	if err != nil {
		return err
	}
	if was != (Version{}) && made.device != was.device {
		return errors.Join(ErrUnsupported.With("%s lies on another file system than %s", name, b.dir), b.stage.Remove(tmp))
	}
	b.staged = append(b.staged, staged{name: name, tmp: tmp, was: was, made: made})
	return nil
}

func (b *Batch) checkDir(dir string) error {
	if b.plain[dir] {
		return nil
	}
	err := plainPath(b.root, dir)
	b.plain[dir] = err == nil
	return err
}

// Commit puts every staged file in its place, or none, and ends the batch. It
// stops and undoes what it did when ctx ends.
func (b *Batch) Commit(ctx context.Context) error {
	err := b.writeJournal()
	if err == nil {
		err = b.swap.sync()
	}
	if err == nil && b.First != nil {
		err = b.First()
	}
	if err != nil {
		return errors.Join(err, b.Abort())
	}
	for _, s := range b.staged {
		err := ctx.Err()
		if err == nil {
			err = b.exchange(s)
		}
		if err != nil {
			return errors.Join(err, b.Abort())
		}
		b.done++
	}
	b.done = 0 // from here on there is no way back
	return b.finish()
}

// finish ends the batch as it is. Without the journal, what is left in the
// staging directory is rubbish, however far deleting it comes.
func (b *Batch) finish() error {
	if err := b.stage.Remove(journalName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, b.release())
	}
	return errors.Join(b.release(), Sweep(b.root, b.dir))
}

// release closes what b holds, once.
func (b *Batch) release() error {
	if b.stage == nil {
		return nil
	}
	b.swap.close()
	err := b.stage.Close()
	b.stage = nil
	return err
}

// exchange puts s in its place, or leaves everything as it was.
func (b *Batch) exchange(s staged) error {
	if s.was == (Version{}) {
		return explain(b.swap.create(s.tmp, s.name), s.name)
	}
	if err := b.swap.exchange(s.tmp, s.name); err != nil {
		return explain(err, s.name)
	}
	if got, _, err := current(b.stage, s.tmp); err != nil || got != s.was {
		return errors.Join(ErrConflict.With("%s", s.name), b.swap.exchange(s.tmp, s.name))
	}
	return nil
}

// Abort puts the old versions back, if a Commit was under way, and deletes the
// staging directory. It may be called at any time, and does nothing on a batch
// that has ended. If an old version cannot be put back, the staging directory
// stays and the error names both.
func (b *Batch) Abort() error {
	if b.stage == nil {
		return nil
	}
	var errs []error
	for b.done > 0 {
		b.done--
		if err := b.undo(b.staged[b.done]); err != nil {
			errs = append(errs, err)
		}
	}
	if errors.Join(errs...) != nil {
		return errors.Join(append(errs, b.release())...)
	}
	return b.finish()
}

// undo takes s out of its place again. A file that somebody wrote since it was
// put there is theirs now and stays.
func (b *Batch) undo(s staged) error {
	now, _, err := current(b.root, s.name)
	if err == nil && now != s.made {
		return ErrConflict.With("%s is not put back; its old content is %s", s.name, path.Join(b.dir, s.tmp))
	}
	if err == nil && s.was == (Version{}) {
		return b.root.Remove(s.name)
	}
	if err == nil {
		err = b.swap.exchange(s.tmp, s.name)
	}
	if err != nil {
		return ErrUnsupported.Wrap(err, "%s is not put back; its old content is %s", s.name, path.Join(b.dir, s.tmp))
	}
	return nil
}
