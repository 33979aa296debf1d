package console

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	progressAfter = 500 * time.Millisecond // what is done sooner needs no bar
	progressEvery = 100 * time.Millisecond // faster than that nobody reads
	progressWidth = 30                     // characters of the bar
)

// A Progress is a bar on the terminal of standard error. It appears when work
// takes longer than half a second, and is gone when it is done. The nil Progress
// shows nothing.
type Progress struct {
	out   io.Writer
	label string
	start time.Time

	mu   sync.Mutex
	last time.Time // zero: nothing is shown yet
}

// Progress returns a bar, or nil where there is none to be: when standard error is
// no terminal, in CI, and when NO_COLOR asks for plain output.
func (e *Env) Progress(label string) *Progress {
	if !e.TTY || e.Getenv("CI") != "" || e.Getenv("NO_COLOR") != "" || e.Getenv("TERM") == "dumb" {
		return nil
	}
	return &Progress{out: e.Err, label: label, start: time.Now()}
}

// Set shows how much is done. It may be called from many goroutines, often.
func (p *Progress) Set(done, total int) {
	if p == nil || total <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last = now
	done = min(done, total)
	full := done * progressWidth / total
	fmt.Fprintf(p.out, "\r%s [%s%s] %d/%d", p.label, strings.Repeat("#", full), strings.Repeat(".", progressWidth-full), done, total)
}

// Done takes the bar away.
func (p *Progress) Done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.last.IsZero() {
		io.WriteString(p.out, "\r\x1b[K")
		p.last = time.Time{}
	}
}
