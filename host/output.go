package host

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
)

// A capped buffer keeps what is written to it up to a limit. What comes after
// that is discarded, so that the writer is not blocked, and over is called once.
type capped struct {
	limit int64
	over  func()

	buf      bytes.Buffer
	exceeded bool
}

func (c *capped) Write(p []byte) (int, error) {
	if c.exceeded {
		return len(p), nil
	}
	if int64(c.buf.Len()+len(p)) > c.limit {
		c.exceeded = true
		c.over()
		return len(p), nil
	}
	return c.buf.Write(p)
}

// Limits of what a program may say on standard error. A program in a loop must
// not drown the log or the memory of its host.
const (
	maxLogLine  = 8 << 10     // bytes; the rest of a longer line is cut
	maxLogLines = 1000        // lines in one window; further ones are dropped, and it is said so
	logWindow   = time.Minute // of maxLogLines
)

// maxLastWords bounds what a message repeats of a line of standard error.
const maxLastWords = 400

// maxTail is how many lines of a program that failed are logged as warnings, which
// are seen where the others are not.
const maxTail = 20

// failed logs the last lines once more, as a warning.
func (l *lines) failed() {
	if len(l.tail) > 0 {
		l.log.Warn("a program failed; its last words on standard error follow", "text", strings.Join(l.tail, "\n"))
	}
}

// brief returns the beginning of a line for a message.
func brief(line string) string {
	line = strings.ToValidUTF8(line, "\uFFFD")
	if len(line) <= maxLastWords {
		return line
	}
	return strings.ToValidUTF8(line[:maxLastWords], "") + "…"
}

// A lines writer logs each line written to it, within the limits, and remembers
// the last one that was not empty.
type lines struct {
	log *slog.Logger

	line  []byte
	since time.Time // when the window began
	count int       // lines in the window
	last  string
	tail  []string // the last lines, for when it fails

	cleaner event.LineCleaner // of what is logged
}

func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.add(p)
			return n, nil
		}
		l.add(p[:i])
		l.flush()
		p = p[i+1:]
	}
}

func (l *lines) add(p []byte) {
	if room := maxLogLine - len(l.line); len(p) > room {
		p = p[:room]
	}
	l.line = append(l.line, p...)
}

// flush logs the line gathered so far, if there is one.
func (l *lines) flush() {
	line := string(bytes.TrimSpace(l.line))
	l.line = l.line[:0]
	if line == "" {
		return
	}
	clean, inKey := l.cleaner.Clean(line)
	if l.last = line; inKey { // the caller gets what the program said, but for this
		l.last = clean
	}
	line = clean
	if l.tail = append(l.tail, brief(line)); len(l.tail) > maxTail {
		l.tail = l.tail[1:]
	}
	if now := time.Now(); now.Sub(l.since) > logWindow {
		l.since, l.count = now, 0
	}
	switch l.count++; {
	case l.count <= maxLogLines:
		l.log.LogAttrs(context.Background(), slog.LevelInfo, line, slog.String("stream", "stderr"))
	case l.count == maxLogLines+1:
		l.log.Warn("the program logs too much: further lines are dropped", "lines", maxLogLines, "per", logWindow)
	}
}
