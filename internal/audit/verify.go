package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// A Report says what Verify found.
type Report struct {
	First uint64 `json:"first"` // number of the oldest line kept; 0 when there is none
	Last  uint64 `json:"last"`
	Lines uint64 `json:"lines"`
	Files int    `json:"files"`
	Head  string `json:"head"`  // hash of the last line
	Since string `json:"since"` // hash before the oldest line: empty when nothing was removed
}

// Verify reads the whole log and checks every line and the chain. It fails with
// [ErrBroken], which names the first line that is wrong, and with [ErrStore]; the
// report then speaks of the lines before. A line that is being written, or was cut
// off by a crash, is passed over at the very end.
func Verify(dir string) (Report, error) {
	var r Report
	numbers, err := files(dir)
	if err != nil {
		return r, err
	}
	r.Files = len(numbers)
	for l, err := range Lines(dir) {
		if err != nil {
			return r, err
		}
		if r.Lines == 0 {
			r.First, r.Since = l.Seq, l.Prev
		}
		r.Lines++
		r.Last, r.Head = l.Seq, l.Hash
	}
	return r, nil
}

// Lines returns the lines of the log, checked, oldest first. After an error there
// are no more.
func Lines(dir string) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		numbers, err := files(dir)
		if err != nil {
			yield(Line{}, err)
			return
		}
		c := chain{}
		for i, n := range numbers {
			if i > 0 && n != numbers[i-1]+1 {
				yield(Line{}, ErrBroken.With("%s is missing", nameOf(numbers[i-1]+1)))
				return
			}
			if !c.read(dir, n, i == len(numbers)-1, yield) {
				return
			}
		}
	}
}

// A chain checks lines as they come.
type chain struct {
	begun bool
	seq   uint64
	hash  string
}

func (c *chain) read(dir string, n int, newest bool, yield func(Line, error) bool) bool {
	f, err := os.Open(pathOf(dir, n))
	if err != nil {
		return yield(Line{}, ErrStore.Wrap(err, "%s", nameOf(n))) && false
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	for number := 1; ; number++ {
		text, err := readLine(in)
		switch {
		case errors.Is(err, io.EOF) && (len(text) == 0 || newest):
			return true
		case errors.Is(err, io.EOF):
			err = errors.New("it has no end")
		}
		var l Line
		if err == nil {
			l, err = c.next(text)
		}
		if err != nil {
			return yield(Line{}, ErrBroken.Wrap(err, "%s:%d", nameOf(n), number)) && false
		}
		if !yield(l, nil) {
			return false
		}
	}
}

// readLine returns the next line without its line feed; at the end of the file
// what is left of it and io.EOF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > MaxLine:
			return nil, fmt.Errorf("it has more than %d bytes", MaxLine)
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		}
	}
}

// next checks a line, alone and as the successor of the one before.
func (c *chain) next(text []byte) (Line, error) {
	l, err := parse(text)
	switch {
	case err != nil:
		return l, err
	case !c.begun && (l.Seq == 1) != (l.Prev == ""):
		return l, fmt.Errorf("line %d begins the log, and names %q before it", l.Seq, l.Prev)
	case c.begun && l.Seq != c.seq+1:
		return l, fmt.Errorf("line %d follows line %d", l.Seq, c.seq)
	case c.begun && l.Prev != c.hash:
		return l, fmt.Errorf("line %d names %s before it, which is %s", l.Seq, l.Prev, c.hash)
	}
	c.begun, c.seq, c.hash = true, l.Seq, l.Hash
	return l, nil
}
