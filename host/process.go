package host

import (
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// pipeWait bounds the wait for pipes that a process left open in other hands: a
// daemon that left the process group may hold standard output for ever.
const pipeWait = time.Second

// A process is a started program, the leader of a session, and so of a process
// group, of its own.
type process struct {
	pid   int
	guard *guard
	done  chan struct{} // closed when the process ended, its group is killed and its pipes are read

	err error // of exec.Cmd.Wait; valid when done is closed

	mu    sync.Mutex
	whole bool // its session ends with it, not only its group
	ended bool // the leader ended: its number may be given to another process
}

// start starts cmd, told to g, with at most so many bytes of memory, 0 for any. Its
// process group is killed as soon as the leader has ended, and when this process dies.
// What made a group of its own in the session is killed with it when the program was,
// and when it is one that [process.outlivesCalls]: looking for it takes a millisecond or
// more, which a call that ended by itself does not pay.
//
// The operating system sends the signal that says so when the thread dies that
// started the process, so that thread is kept until the process has ended
// (golang.org/issue/27505).
func start(cmd *exec.Cmd, g *guard, memory int64) (*process, error) {
	cmd.WaitDelay = pipeWait
	ownGroup(cmd)
	p := &process{guard: g, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
			g.add(p.pid)
			err = p.limit(cmd, memory)
		}
		started <- err
		if err == nil {
			p.wait(cmd)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// limit limits the memory of a process that has just begun, and ends it when that
// cannot be.
func (p *process) limit(cmd *exec.Cmd, memory int64) error {
	if memory == 0 {
		return nil
	}
	err := limitMemory(p.pid, memory)
	if err != nil {
		p.kill()
		p.wait(cmd)
	}
	return err
}

// wait waits for the end of the process and of its group. Where the system
// allows it the group is killed while the leader is still a zombie, because its
// number cannot be another's then.
func (p *process) wait(cmd *exec.Cmd) {
	defer close(p.done)
	if awaitExit(p.pid) {
		p.end()
		p.err = cmd.Wait()
		return
	}
	p.err = cmd.Wait()
	p.end()
}

func (p *process) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	killGroup(p.pid)
	if p.whole {
		killSession(p.pid)
	}
	p.guard.remove(p.pid)
	p.ended = true
}

// outlivesCalls says that the program is not one for a single call.
func (p *process) outlivesCalls() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole = true
}

// kill kills the process and its group, and what is left of its session when it has
// ended. It is idempotent.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.whole = true
		killGroup(p.pid)
	}
}
