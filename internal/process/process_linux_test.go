package process_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/process"
)

// childVariable makes this test binary a child that waits to be killed.
const childVariable = "ONEX_TEST_PROCESS_CHILD"

// patience bounds waits for what happens within milliseconds.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child starts a process that waits. Killing it and reaping it are separate, so
// that tests see zombies.
func child(t *testing.T) (cmd *exec.Cmd, p event.Process) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(exe)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if p, err = process.Of(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	return cmd, p
}

func watcher(t *testing.T, o *process.Options) *process.Watcher {
	w := process.NewWatcher(o)
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// watch returns a channel that is closed when p is reported gone.
func watch(t *testing.T, w *process.Watcher, p event.Process) (gone chan struct{}, stop func()) {
	t.Helper()
	gone = make(chan struct{})
	stop, err := w.Watch(p, func() { close(gone) })
	if err != nil {
		t.Fatal(err)
	}
	return gone, stop
}

func await(t *testing.T, gone chan struct{}) {
	t.Helper()
	select {
	case <-gone:
	case <-time.After(patience):
		t.Fatal("the end of the process was not noticed")
	}
}

func TestKilledProcessIsNoticedThoughNobodyReapsIt(t *testing.T) {
	w := watcher(t, nil)
	cmd, p := child(t)
	gone, _ := watch(t, w, p)
	again, _ := watch(t, w, p)
	select {
	case <-gone:
		t.Fatal("a live process was reported gone")
	default:
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, gone)
	await(t, again)
}

func TestProcessThatEndedBeforeIsReportedAtOnce(t *testing.T) {
	w := watcher(t, nil)
	cmd, p := child(t)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	gone, stop := watch(t, w, p)
	await(t, gone)
	stop()
	if _, err := process.Of(p.PID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Of(%d) of an ended process: %v, want fs.ErrNotExist", p.PID, err)
	}
}

func TestReusedNumberIsAnotherProcess(t *testing.T) {
	w := watcher(t, nil)
	_, p := child(t)
	p.Started = "1" // an earlier process of the same number
	gone, _ := watch(t, w, p)
	await(t, gone)
}

func TestStoppedWatchIsSilentAndLetsGo(t *testing.T) {
	w := watcher(t, &process.Options{Limit: 1})
	cmd, p := child(t)
	var told atomic.Bool
	stop, err := w.Watch(p, func() { told.Store(true) })
	if err != nil {
		t.Fatal(err)
	}
	stop()
	stop()
	other, q := child(t)
	gone, _ := watch(t, w, q) // there is room again
	_ = cmd.Process.Kill()
	_ = other.Process.Kill()
	await(t, gone)
	_ = w.Close()
	if told.Load() {
		t.Error("a stopped watch was told")
	}
}

func TestLimit(t *testing.T) {
	w := watcher(t, &process.Options{Limit: 1})
	_, p := child(t)
	watch(t, w, p)
	watch(t, w, p) // the same process costs nothing
	_, q := child(t)
	if _, err := w.Watch(q, func() {}); !errors.Is(err, process.ErrTooMany) {
		t.Errorf("second process: %v, want ErrTooMany", err)
	}
}

func TestProcessesElsewhereAreRefused(t *testing.T) {
	w := watcher(t, nil)
	for _, p := range []event.Process{
		{},
		{Host: "another machine", PID: os.Getpid(), Started: process.Self().Started},
		{Host: process.Self().Host, PID: os.Getpid()},
		{Host: process.Self().Host, PID: -1, Started: "1"},
	} {
		if _, err := w.Watch(p, func() { t.Error("told") }); !errors.Is(err, process.ErrElsewhere) {
			t.Errorf("Watch(%+v): %v, want ErrElsewhere", p, err)
		}
	}
}

func TestSelf(t *testing.T) {
	p := process.Self()
	if p.PID != os.Getpid() || p.Host == "" || p.Started == "" {
		t.Fatalf("Self() = %+v", p)
	}
	if _, q := child(t); q.Host != p.Host || q.PID == p.PID {
		t.Errorf("child %+v of %+v", q, p)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	w := process.NewWatcher(nil)
	_, p := child(t)
	var told atomic.Bool
	if _, err := w.Watch(p, func() { told.Store(true) }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if told.Load() {
		t.Error("a live process was reported gone by Close")
	}
	if _, err := w.Watch(p, func() {}); !errors.Is(err, process.ErrClosed) {
		t.Errorf("Watch after Close: %v, want ErrClosed", err)
	}
}
