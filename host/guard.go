package host

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"
)

// guardWait bounds a word to the guard's process: it reads at once, unless it
// was stopped.
const guardWait = time.Second

// guardScript reads which sessions begin (+) and end (-). When it reads no more,
// the host is gone, and it kills what is left of them: first the groups of the
// leaders, then whoever made a group of his own in the same session, twice, for
// those that were born meanwhile. It uses nothing but the shell: no other program
// need be there, and a host of any size costs a megabyte more.
const guardScript = `trap '' HUP INT TERM
live=' '
while read -r what id; do
	case $what in
	+) live="$live$id " ;;
	-) case $live in *" $id "*) live="${live%% $id *} ${live#* $id }" ;; esac ;;
	esac
done
[ "$live" = ' ' ] && exit
for id in $live; do kill -s KILL -- "-$id"; done 2>/dev/null
for round in 1 2; do
	for file in /proc/[0-9]*/stat; do
		read -r stat <"$file" || continue
		set -- ${stat##*) }
		case $live in
		*" $4 "*) file=${file#/proc/}; kill -s KILL "${file%/stat}" ;;
		esac
	done
done 2>/dev/null`

// A guard ends what is left of programs when this process is killed in a way
// that it cannot catch: a process of its own, which outlives this one, is told of
// every program. It is started with the first one. Where there is no /bin/sh
// there is no guard, and the operating system ends the programs themselves only.
type guard struct {
	log *slog.Logger

	mu     sync.Mutex
	live   map[int]struct{} // leaders of sessions
	cmd    *exec.Cmd        // nil when it does not run
	pipe   *os.File         // to its standard input
	absent bool             // it cannot be started, or is not wanted any more
}

func newGuard(log *slog.Logger) *guard { return &guard{log: log, live: map[int]struct{}{}} }

// add has the session of a leader killed when this process is.
func (g *guard) add(pid int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.live[pid] = struct{}{}
	if g.absent || g.cmd != nil && g.tell("+", pid) == nil {
		return
	}
	g.stop()
	if err := g.start(); err != nil {
		g.absent = true
		g.log.Debug("nobody guards what programs start; when this process is killed it may stay", "error", err)
	}
}

// remove says that nothing is left of a session, or nothing that this host ends.
func (g *guard) remove(pid int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.live, pid)
	if g.cmd != nil && g.tell("-", pid) != nil {
		g.stop() // the next program starts another
	}
}

// close ends the guard. Every program has ended before.
func (g *guard) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.absent = true
	g.stop()
}

// start starts the guard's process and tells it of all that live.
func (g *guard) start() error {
	in, pipe, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	cmd := exec.Command("/bin/sh", "-c", guardScript, "onex-guard")
	cmd.Stdin, cmd.Dir, cmd.Env = in, "/", []string{}
	ownSession(cmd)
	if err := cmd.Start(); err != nil {
		pipe.Close()
		return err
	}
	g.cmd, g.pipe = cmd, pipe
	for pid := range g.live {
		if err := g.tell("+", pid); err != nil {
			g.stop()
			return err
		}
	}
	return nil
}

func (g *guard) tell(what string, pid int) error {
	if err := g.pipe.SetWriteDeadline(time.Now().Add(guardWait)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(g.pipe, "%s %d\n", what, pid)
	return err
}

// stop ends the guard's process before it can do anything.
func (g *guard) stop() {
	if g.cmd == nil {
		return
	}
	_ = g.cmd.Process.Kill() // it may have ended
	_ = g.cmd.Wait()         // it was killed
	g.pipe.Close()
	g.cmd, g.pipe = nil, nil
}
