package demo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A stage is where the demo plays: its directory and its processes.
type stage struct {
	*Options
	dir     string
	tree    string // copy of the source, root of the demo's project
	began   time.Time
	players []*player
	nodes   []program
}

// A player is a process in the background.
type player struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// onex returns a command of the binary under demonstration, in the demo's
// project and with directories of its own.
func (s *stage) onex(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.Exe, args...)
	cmd.Dir = s.tree
	settings := func(variable string) bool { return strings.HasPrefix(variable, "ONEX_") }
	cmd.Env = append(slices.DeleteFunc(os.Environ(), settings),
		"XDG_RUNTIME_DIR="+filepath.Join(s.dir, "run"),
		"XDG_STATE_HOME="+filepath.Join(s.dir, "state"),
		"ONEX_BUS=embedded:", "NO_COLOR=1")
	return cmd
}

// show prints a command as a person would type it, runs it, and returns its
// exit status and what it printed.
func (s *stage) show(ctx context.Context, args ...string) (status int, output string, err error) {
	s.say("$ onex %s", shellWords(args))
	var out bytes.Buffer
	cmd := s.onex(ctx, args...)
	cmd.Stdout = io.MultiWriter(s.Out, &out)
	cmd.Stderr = cmd.Stdout
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), out.String(), nil
	}
	return 0, out.String(), err
}

// expect is show for a command whose exit status is known, and whose output
// holds certain words.
func (s *stage) expect(ctx context.Context, want int, words []string, args ...string) error {
	status, out, err := s.show(ctx, args...)
	if err != nil {
		return err
	}
	if status != want {
		return fmt.Errorf("onex %s ends with status %d, not %d", args[0], status, want)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			return fmt.Errorf("onex %s does not mention %q", args[0], w)
		}
	}
	return nil
}

// A player has stopGrace to end after SIGTERM, and its output outputGrace to be
// closed; both are far longer than onex takes on a loaded machine.
const (
	stopGrace   = 10 * time.Second
	outputGrace = 5 * time.Second
)

// start runs a command in the background and waits until a line of its
// standard error holds ready.
func (s *stage) start(ctx context.Context, name, ready string, args ...string) (*player, error) {
	s.say("$ onex %s &", shellWords(args))
	cmd := s.onex(ctx, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = outputGrace
	lines, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &player{name: name, cmd: cmd, done: make(chan struct{})}
	s.players = append(s.players, p)
	up := make(chan bool, 1)
	go p.watch(lines, ready, s.Out, up)
	if !<-up {
		return nil, fmt.Errorf("onex %s ended before it said %q", args[0], ready)
	}
	return p, nil
}

// watch shows what the process says until it is ready, then only reads on, and
// waits for its end.
func (p *player) watch(lines io.Reader, ready string, out io.Writer, up chan<- bool) {
	defer close(p.done)
	isUp := false
	scan := bufio.NewScanner(lines)
	for scan.Scan() {
		if !isUp {
			fmt.Fprintln(out, scan.Text())
			if isUp = strings.Contains(scan.Text(), ready); isUp {
				up <- true
			}
		}
	}
	p.cmd.Wait() // its status is judged by whoever stops it
	if !isUp {
		up <- false
	}
}

// stop asks the process to end and waits for it.
func (p *player) stop() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopGrace):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s had to be killed", p.name)
	}
}

// clear stops every process, the last started first, and removes the directory.
func (s *stage) clear() error {
	var errs []error
	for i := len(s.players) - 1; i >= 0; i-- {
		errs = append(errs, s.players[i].stop())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

func (s *stage) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// shellWords joins args so that they can be pasted into a shell.
func shellWords(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a
		if strings.ContainsAny(a, " {}[]\"'$&*") || a == "" {
			words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
