package plugin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Limits bounds what a program may take and say. Zero means the default.
type Limits struct {
	Time  time.Duration // default 60 s
	Lines int           // default 10,000
}

const (
	defaultTime  = 60 * time.Second // a whole project, by a slow interpreter
	defaultLines = 10_000           // findings: nobody reads more
	maxLine      = 64 << 10         // bytes: a finding is a line of text
	maxSaid      = 16 << 20         // bytes in all
	maxStderr    = 4 << 10          // bytes of standard error that are shown
	grace        = 2 * time.Second  // for pipes that a child of the program holds open
)

// done is the last line of an answer; without it the answer is not whole.
type done struct {
	Type string `json:"type"`
}

// Exchange starts the program, gives it the request, and calls each with every
// line that it answers, up to the line {"type":"done"} that ends a whole answer.
// The error is ErrFailed or ErrTimeout; then what each was given is not to be used.
func (p *Plugin) Exchange(ctx context.Context, request []byte, l Limits, each func(line []byte) error) error {
	if p.State != Active {
		return ErrUntrusted.With("%s: %s", p.ID(), p.Reason)
	}
	if digest, err := p.digest(); err != nil || digest != p.Digest {
		return ErrUntrusted.With("%s changed since it was looked at", p.ID())
	}
	if l.Time == 0 {
		l.Time = defaultTime
	}
	if l.Lines == 0 {
		l.Lines = defaultLines
	}
	program, err := p.program()
	if err != nil {
		return ErrFailed.Wrap(err, "%s", p.ID())
	}
	ctx, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, p.Args...)
	ownGroup(cmd)
	cmd.Cancel = func() error { killGroup(cmd.Process.Pid); return nil }
	cmd.WaitDelay = grace
	cmd.Dir, cmd.Env = p.root, environment()
	cmd.Stdin = bytes.NewReader(request)
	stderr := &tail{max: maxStderr}
	cmd.Stderr = stderr
	out, in, err := os.Pipe()
	if err != nil {
		return ErrFailed.Wrap(err, "%s", p.ID())
	}
	defer out.Close()
	cmd.Stdout = in
	// With the parent's death signal the thread that starts a program must live.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		in.Close()
		return ErrFailed.Wrap(err, "%s cannot be started", p.ID())
	}
	in.Close()
	stop := context.AfterFunc(ctx, func() { out.Close() })
	defer stop()
	said := read(out, l.Lines, each)
	if said != nil && !errors.Is(said, io.ErrUnexpectedEOF) {
		cancel() // it is not to be trusted with more of our time
	}
	out.Close()
	waited := cmd.Wait()
	killGroup(cmd.Process.Pid) // what it started and left behind
	return p.verdict(ctx, l, said, waited, stderr)
}

// verdict says what went wrong, if something did.
func (p *Plugin) verdict(ctx context.Context, l Limits, said, waited error, stderr *tail) error {
	after := ""
	if text := strings.TrimSpace(stderr.String()); text != "" {
		after = ": " + text
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded): // which closed what we read from
		return ErrTimeout.With("%s had not answered after %s%s", p.ID(), l.Time, after)
	case said != nil && !errors.Is(said, io.ErrUnexpectedEOF):
		return ErrFailed.With("%s: %s", p.ID(), said)
	case waited != nil:
		return ErrFailed.With("%s ended with %s%s", p.ID(), waited, after)
	case said != nil:
		return ErrFailed.With(`%s ended without the line {"type":"done"}%s`, p.ID(), after)
	}
	return nil
}

// read calls each with the lines of an answer.
func read(r io.Reader, maxLines int, each func(line []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4<<10), maxLine)
	for number, bytesRead := 1, 0; lines.Scan(); number++ {
		line := bytes.TrimSpace(lines.Bytes())
		if bytesRead += len(line); bytesRead > maxSaid || number > maxLines {
			return fmt.Errorf("it said more than %d lines or %d bytes", maxLines, maxSaid)
		}
		if len(line) == 0 {
			continue
		}
		var last done
		if err := json.Unmarshal(line, &last); err != nil {
			return fmt.Errorf("line %d is no JSON object: %.80q", number, line)
		}
		if last.Type == "done" {
			return nil
		}
		if err := each(line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("it said a line of more than %d bytes", maxLine)
	}
	return io.ErrUnexpectedEOF
}

// environment returns what a plugin may know of ours: what interpreters need, and
// where compilers keep what they built. Python is to write nothing beside its
// modules, which are part of what was trusted.
func environment() []string {
	env := []string{"PYTHONDONTWRITEBYTECODE=1"}
	for _, key := range []string{
		"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SystemRoot", "PATHEXT",
		"XDG_CACHE_HOME", "GOCACHE", "GOMODCACHE", "GOPATH", "GOTOOLCHAIN",
	} {
		if value, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+value)
		}
	}
	return env
}

// tail keeps the end of what is written to it.
type tail struct {
	max  int
	data []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.data = append(t.data, b...)
	if over := len(t.data) - t.max; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(string(t.data), "?") }
