package atomicfile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

const (
	// journalName is the file in the staging directory that says, from before
	// the first exchange until after the last, what goes where.
	journalName = "journal"

	// journalEnd is its last line. A journal without was not finished when its
	// process was killed, and nothing was exchanged.
	journalEnd = "end\n"

	// maxJournal bounds it: some 300 bytes for each file of the largest batch.
	maxJournal = 2 << 30
)

// A journaled is one line of a journal.
type journaled struct {
	Name string           `json:"name"`
	Tmp  string           `json:"tmp"`
	Was  journaledVersion `json:"was"`
	Made journaledVersion `json:"made"`
}

type journaledVersion struct {
	Device   uint64      `json:"device"`
	Inode    uint64      `json:"inode"`
	Size     int64       `json:"size"`
	Modified int64       `json:"modified"`
	Mode     fs.FileMode `json:"mode"`
	Linked   bool        `json:"linked,omitempty"`
}

func toJournal(v Version) journaledVersion {
	return journaledVersion{v.device, v.inode, v.size, v.modified, v.mode, v.linked}
}

func (v journaledVersion) version() Version {
	return Version{v.Device, v.Inode, v.Size, v.Modified, v.Mode, v.Linked}
}

// writeJournal writes the journal of b. Where sync does not make everything in
// the staging directory durable, it is synced by itself.
func (b *Batch) writeJournal() error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for _, s := range b.staged {
		if err := enc.Encode(journaled{s.name, s.tmp, toJournal(s.was), toJournal(s.made)}); err != nil {
			return err
		}
	}
	buf.WriteString(journalEnd)
	s := successor{root: b.root, name: journalName, data: buf.Bytes(), perm: 0o600, durable: !b.swap.syncsAll()}
	return s.create(b.stage, journalName)
}

// readJournal returns what the journal in stage says, or nothing when there is
// none that is finished.
func readJournal(stage *os.Root) ([]staged, error) {
	info, err := stage.Lstat(journalName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxJournal:
		return nil, ErrJournal.With("%d bytes", info.Size())
	}
	text, err := stage.ReadFile(journalName)
	if err != nil {
		return nil, err
	}
	lines, finished := bytes.CutSuffix(text, []byte(journalEnd))
	if !finished {
		return nil, nil
	}
	var list []staged
	for r := bufio.NewReader(bytes.NewReader(lines)); ; {
		line, err := r.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return list, nil
		}
		var j journaled
		if err := json.Unmarshal(line, &j); err != nil || !fs.ValidPath(j.Name) || j.Name == "." || path.Base(j.Tmp) != j.Tmp {
			return nil, ErrJournal.With("line %d", len(list)+1)
		}
		list = append(list, staged{j.Name, j.Tmp, j.Was.version(), j.Made.version()})
	}
}

// Interrupted reports whether a batch that was staged in dir was killed while it
// was putting files in their places. [Resume] or [Rollback] ends it.
func Interrupted(root *os.Root, dir string) (bool, error) {
	stage, err := root.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer stage.Close()
	list, err := readJournal(stage)
	return len(list) > 0, err
}

// A Recovery says what became of the files of an interrupted batch.
type Recovery struct {
	Changed []string // brought to where the others are
	Already []string // were there
	Kept    []string // left alone, because somebody wrote them since
}

// Resume puts the rest of the files of an interrupted batch in their places.
func Resume(ctx context.Context, root *os.Root, dir string) (Recovery, error) {
	return recoverBatch(ctx, root, dir, func(b *Batch, s staged, now Version) (changed, already bool, err error) {
		switch now {
		case s.made:
			return false, true, nil
		case s.was:
			return true, false, b.exchange(s)
		}
		return false, false, nil
	})
}

// Rollback puts back the old versions of the files of an interrupted batch.
func Rollback(ctx context.Context, root *os.Root, dir string) (Recovery, error) {
	return recoverBatch(ctx, root, dir, func(b *Batch, s staged, now Version) (changed, already bool, err error) {
		switch now {
		case s.was:
			return false, true, nil
		case s.made:
			return true, false, b.undo(s)
		}
		return false, false, nil
	})
}

// recoverBatch takes every step of the interrupted batch in dir and then deletes
// what it left. Killed or failed itself, it can be run again, either way.
func recoverBatch(ctx context.Context, root *os.Root, dir string, step func(b *Batch, s staged, now Version) (changed, already bool, err error)) (Recovery, error) {
	var r Recovery
	stage, err := root.OpenRoot(dir)
	if err != nil {
		return r, ErrNoJournal.Wrap(err, "%s", dir)
	}
	b := &Batch{root: root, dir: dir, stage: stage, plain: map[string]bool{}}
	if err := b.swap.open(root, stage, dir); err != nil {
		return r, errors.Join(err, stage.Close())
	}
	defer b.release()
	list, err := readJournal(stage)
	if err == nil && len(list) == 0 {
		err = ErrNoJournal.With("%s", dir)
	}
	if err != nil {
		return r, err
	}
	for _, s := range list {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := b.settle(s); err != nil {
			return r, err
		}
		now, _, err := current(root, s.name)
		if err != nil && !errors.Is(err, ErrSymlink) && !errors.Is(err, ErrNotRegular) {
			return r, err
		}
		changed, already, err := step(b, s, now)
		switch {
		case errors.Is(err, ErrConflict): // written in this very moment
			r.Kept = append(r.Kept, s.name)
		case err != nil:
			return r, fmt.Errorf("%s: %w", s.name, err)
		case changed:
			r.Changed = append(r.Changed, s.name)
		case already:
			r.Already = append(r.Already, s.name)
		default:
			r.Kept = append(r.Kept, s.name)
		}
	}
	return r, b.finish()
}

// settle ends an exchange by links that was killed half-way.
func (b *Batch) settle(s staged) error {
	if _, err := b.stage.Lstat(s.tmp + oldSuffix); err != nil {
		return nil
	}
	if _, err := b.stage.Lstat(s.tmp); err == nil { // before the new file was renamed over the old one
		return b.stage.Remove(s.tmp + oldSuffix)
	}
	return b.stage.Rename(s.tmp+oldSuffix, s.tmp)
}
