package ipcbus_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
)

// roleVariable makes the test binary another program: see TestMain.
const roleVariable = "ONEX_IPCBUS_TEST_ROLE"

// TestMain lets the test binary be started as a hub, a client or a relay, so that
// tests have real processes to kill.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role, os.Args[len(os.Args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

func play(role, path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() { // the parent is gone when its end of the pipe is
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	switch role {
	case "hub":
		return ipcbus.Serve(ctx, ipcbus.Options{Path: path, Log: quiet})
	case "relay":
		return relay(path)
	case "nats":
		return serveNATS()
	case "client":
		b, err := ipcbus.Dial(ctx, ipcbus.Options{Path: path, Name: "child", Log: quiet})
		if err != nil {
			return err
		}
		for _, f := range []event.Filter{"test_note.*", event.FilterTo("child")} {
			if _, err := b.Subscribe(ctx, f, nil); err != nil {
				return err
			}
		}
		fmt.Println("ready")
		<-ctx.Done()
		return b.Close(context.Background())
	}
	return fmt.Errorf("no role %q", role)
}

// A process is the test binary in another role.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
	out *bufio.Reader
}

func start(t testing.TB, role, path string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, path)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t, cmd, bufio.NewReader(out)}
	t.Cleanup(p.kill)
	return p
}

// await waits for the line that the process prints when it is ready.
func (p *process) await() {
	p.t.Helper()
	if line, err := p.out.ReadString('\n'); err != nil {
		p.t.Fatalf("process said %q, %v", line, err)
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill() // it may have ended
		_ = p.cmd.Wait()
	}
}

func socket(t testing.TB) string {
	t.Helper()
	// t.TempDir has the test's name in it, which may be too long for a socket.
	dir, err := os.MkdirTemp("", "ipc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "bus.sock")
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(t testing.TB, o ipcbus.Options) *ipcbus.Bus {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	b, err := ipcbus.Dial(within(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(within(t)) })
	return b
}

// dialHub dials the hub that another process is, or is about to be.
func dialHub(t testing.TB, path string) *ipcbus.Bus {
	t.Helper()
	for ctx := within(t); ; {
		b, err := ipcbus.Dial(ctx, ipcbus.Options{Path: path, NoHub: true, Log: quiet})
		if err == nil {
			t.Cleanup(func() { b.Close(within(t)) })
			return b
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

func TestConformance(t *testing.T) {
	for name, start := range map[string]func(testing.TB) bustest.System{
		"hub in another process": otherProcess,
		"elected hub":            func(t testing.TB) bustest.System { return elected(t, ipcbus.Options{}) },
	} {
		t.Run(name, func(t *testing.T) { bustest.Run(t, bustest.Backend{Name: "ipc", Start: start}) })
	}
	t.Run("compressed", func(t *testing.T) {
		for _, c := range bustest.Cases() {
			if slices.Contains([]string{"order", "intact", "both_classes", "two_connections", "stored", "resume"}, c.Name) {
				t.Run(c.Name, func(t *testing.T) {
					c.Check(t, "ipc", elected(t, ipcbus.Options{CompressAbove: 1}), bus.Retained)
				})
			}
		}
	})
}

// elected is a system whose hub is the bus that comes first.
func elected(t testing.TB, o ipcbus.Options) bustest.System {
	o.Path = socket(t)
	return system(t, o.Path, func() *ipcbus.Bus { return dial(t, o) })
}

// otherProcess is a system whose hub can be killed.
func otherProcess(t testing.TB) bustest.System {
	path := socket(t)
	hub := start(t, "hub", path)
	s := system(t, path, func() *ipcbus.Bus { return dialHub(t, path) })
	s.Restart = func() {
		hub.kill()
		hub = start(t, "hub", path)
	}
	return s
}

func system(t testing.TB, path string, connect func() *ipcbus.Bus) bustest.System {
	b := connect()
	return bustest.System{
		Bus: b, Connect: func() bus.Bus { return connect() }, Cut: b.Cut,
		Inject: func(s event.Subject, wire []byte) {
			c := rawClient(t, path)
			defer c.Close()
			for _, frame := range [][]byte{raw(5, 0, 0, rawEvent(string(s), string(wire))), raw(11, 0, 0, "")} {
				if _, err := c.Write(frame); err != nil {
					t.Fatal(err)
				}
			}
			readFrame(t, c) // BYE: the hub has dealt with what came before
		},
	}
}
