package natsd

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"
)

const (
	// lockFile is the file in the data directory that is locked. It holds the id of
	// the process that has the lock, and leaving once that is about to end.
	lockFile = "onex.lock"
	leaving  = " leaving\n"
	maxNote  = 40 // bytes of it

	// overlap is how long a process may not have noticed yet that it was told to end,
	// by somebody who starts the next at once.
	overlap = 250 * time.Millisecond

	// succession bounds the wait for one that is about to end: for its nodes to
	// finish their calls, and the store to close.
	succession = 30 * time.Second

	lockStep = 20 * time.Millisecond // between two looks at the lock
)

// lockDir locks dir until the file is closed or the process ends. It waits for a holder
// that is about to end.
func lockDir(ctx context.Context, dir string, log *slog.Logger) (*os.File, error) {
	told := false
	for begin := time.Now(); ; {
		f, holder, err := tryLock(dir)
		if err != nil {
			return nil, err
		}
		if f != nil {
			if err = note(f, "\n"); err != nil {
				f.Close()
			}
			return f, err
		}
		patience := overlap
		pid, leaves := strings.CutSuffix(holder, leaving)
		if leaves {
			patience = succession
		}
		if leaves && !told {
			told = true
			log.Warn("waiting for the process that is about to end", "pid", pid, "dir", dir)
		}
		if time.Since(begin) >= patience {
			return nil, held(dir, strings.TrimSpace(pid))
		}
		select {
		case <-time.After(lockStep):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// held is the error of a directory that another process has. Not every system tells
// which one.
func held(dir, pid string) error {
	if pid == "" {
		return ErrLocked.With("%s", dir)
	}
	return ErrLocked.With("%s, process %s", dir, pid)
}

// note writes who has the lock, for others. There is always something to read: who
// waits for one that is leaving must not see it forgotten.
func note(f *os.File, state string) error {
	text := fmt.Append(nil, os.Getpid(), state)
	_, err := f.WriteAt(text, 0)
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	if err != nil {
		return ErrStart.Wrap(err, "data directory")
	}
	return nil
}

// Leaving says that the server is about to be closed: another one that is started on the
// same data directory from now on waits until it is.
func (s *Server) Leaving() {
	if s.lock != nil {
		_ = note(s.lock, leaving) // without it the other is refused
	}
}
