package audit

import (
	"bytes"
	"errors"
	"os"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/atomicfile"
)

// Options bound a log. The zero value is ready.
type Options struct {
	MaxFile  int64 // default MaxFile
	MaxFiles int   // default MaxFiles
}

// A Writer appends to the log in one directory. It belongs to one goroutine.
type Writer struct {
	dir  string
	o    Options
	root *os.Root
	lock *atomicfile.Lock

	file   *os.File // the newest; nil until something is appended
	number int
	size   int64
	seq    uint64
	head   string
	buf    []byte
}

// Open opens the log in dir, which is made if it does not exist, to append to it.
// A line that a crash cut off is removed. It fails with [ErrInUse] when another
// process has it open, and with [ErrBroken] when its last line is not as it was
// written.
func Open(dir string, o *Options) (*Writer, error) {
	w := &Writer{dir: dir}
	if o != nil {
		w.o = *o
	}
	if w.o.MaxFile <= 0 {
		w.o.MaxFile = MaxFile
	}
	if w.o.MaxFiles <= 0 {
		w.o.MaxFiles = MaxFiles
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, ErrStore.Wrap(err, "%s", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, ErrStore.Wrap(err, "%s", dir)
	}
	w.root = root
	if w.lock, err = atomicfile.Acquire(root, lockName); err != nil {
		return nil, errors.Join(ErrInUse.Wrap(err, "%s", dir), root.Close())
	}
	if err := w.resume(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// resume finds the end of the newest file that has a line.
func (w *Writer) resume() error {
	numbers, err := files(w.dir)
	if err != nil || len(numbers) == 0 {
		return err
	}
	w.number = numbers[len(numbers)-1]
	if err := w.cut(); err != nil {
		return err
	}
	for i := len(numbers) - 1; i >= 0; i-- {
		line, err := lastLine(pathOf(w.dir, numbers[i]))
		if err != nil {
			return err
		}
		if line == nil {
			continue
		}
		l, err := parse(line)
		if err != nil {
			return ErrBroken.Wrap(err, "%s, last line", nameOf(numbers[i]))
		}
		w.seq, w.head = l.Seq, l.Hash
		return nil
	}
	return nil
}

// cut opens the newest file and removes what follows its last line feed.
func (w *Writer) cut() error {
	f, err := os.OpenFile(pathOf(w.dir, w.number), os.O_RDWR, 0)
	if err != nil {
		return ErrStore.Wrap(err, "%s", nameOf(w.number))
	}
	w.file = f
	tail, at, err := tailOf(f)
	if err != nil {
		return err
	}
	w.size = at + int64(bytes.LastIndexByte(tail, '\n')+1)
	if err := f.Truncate(w.size); err != nil {
		return ErrStore.Wrap(err, "%s", nameOf(w.number))
	}
	return nil
}

// tailOf returns the last bytes of f, which hold its last line feed if it has
// lines, and where they begin.
func tailOf(f *os.File) (tail []byte, at int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, ErrStore.Wrap(err, "%s", f.Name())
	}
	at = max(info.Size()-2*MaxLine, 0)
	tail = make([]byte, info.Size()-at)
	if _, err := f.ReadAt(tail, at); err != nil {
		return nil, 0, ErrStore.Wrap(err, "%s", f.Name())
	}
	return tail, at, nil
}

// lastLine returns the last whole line of a file, or nil.
func lastLine(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, ErrStore.Wrap(err, "%s", path)
	}
	defer f.Close()
	tail, _, err := tailOf(f)
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(tail, '\n')
	if end < 0 {
		return nil, nil
	}
	return tail[bytes.LastIndexByte(tail[:end], '\n')+1 : end], nil
}

// Head returns the number and the hash of the last line.
func (w *Writer) Head() (seq uint64, hash string) { return w.seq, w.head }

// Append records events, which must be redacted, in one write and one sync. After
// an error none of them is recorded, and the next Append begins where this did.
func (w *Writer) Append(events ...event.Event) error {
	seq, head := w.seq, w.head
	w.buf = w.buf[:0]
	for _, e := range events {
		encoded, err := event.Encode(e)
		if err != nil {
			return err
		}
		seq++
		w.buf, head = appendLine(w.buf, seq, head, encoded)
	}
	if err := w.room(); err != nil {
		return err
	}
	if _, err := w.file.WriteAt(w.buf, w.size); err != nil {
		return errors.Join(ErrStore.Wrap(err, "%s", nameOf(w.number)), w.file.Truncate(w.size))
	}
	if err := w.file.Sync(); err != nil {
		return ErrStore.Wrap(err, "%s", nameOf(w.number))
	}
	w.size += int64(len(w.buf))
	w.seq, w.head = seq, head
	return nil
}

// room begins the next file when this one is full, and removes the oldest.
func (w *Writer) room() error {
	if w.file != nil && w.size < w.o.MaxFile {
		return nil
	}
	f, err := os.OpenFile(pathOf(w.dir, w.number+1), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return ErrStore.Wrap(err, "%s", nameOf(w.number+1))
	}
	if w.file != nil {
		_ = w.file.Close() // everything in it is synced
	}
	w.file, w.size = f, 0
	w.number++
	numbers, err := files(w.dir)
	for len(numbers) > w.o.MaxFiles && err == nil {
		err = os.Remove(pathOf(w.dir, numbers[0]))
		numbers = numbers[1:]
	}
	return err
}

// Close ends the writer. It is idempotent.
func (w *Writer) Close() error {
	if w.root == nil {
		return nil
	}
	var errs []error
	if w.file != nil {
		errs = append(errs, w.file.Close())
	}
	if w.lock != nil {
		errs = append(errs, w.lock.Release())
	}
	errs = append(errs, w.root.Close())
	w.root, w.file, w.lock = nil, nil, nil
	return errors.Join(errs...)
}
