package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/registry"
)

// ErrHeldCommand is returned by "onex ports lease -- COMMAND" when the command
// cannot be started. The port is given back.
var ErrHeldCommand = fault.New("ONEX_CLI_031_COMMAND_NOT_STARTED", fault.Invalid, "the command cannot be started")

// endTime is what a command gets to end after it was asked to.
const endTime = 10 * time.Second

// asChild tells a program which process it is, as systemd does for sockets that
// it passes; only the program itself knows that number before it runs.
const asChild = `LISTEN_PID=$$ exec "$@"`

// holdPort leases a port, runs a command with it, and gives it back.
func (s *session) holdPort(ctx context.Context, c *registry.Client, wish registry.PortWish, listen bool, args []string) error {
	held, socket, err := s.takePort(ctx, c, wish, listen)
	if err != nil {
		return err
	}
	err = s.runWithPort(ctx, held, socket, args)
	if socket != nil {
		_ = socket.Close() // ours; the command had its own
	}
	return errors.Join(err, held.Close())
}

// takePort leases a port and, if it is to be listened on, binds it. The socket is
// a copy that a child can inherit.
func (s *session) takePort(ctx context.Context, c *registry.Client, wish registry.PortWish, listen bool) (*registry.Held, *os.File, error) {
	if !listen {
		l, err := c.Lease(ctx, wish)
		if err != nil {
			return nil, nil, err
		}
		return c.Hold(l), nil, nil
	}
	l, err := c.Listen(ctx, "", wish)
	if err != nil {
		return nil, nil, err
	}
	socket, err := l.Listener.(*net.TCPListener).File()
	if e := l.Listener.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, nil, errors.Join(err, l.Held.Close())
	}
	return l.Held, socket, nil
}

func (s *session) runWithPort(ctx context.Context, held *registry.Held, socket *os.File, args []string) error {
	ctx, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-held.Lost():
			cancel()
		case <-ctx.Done():
		}
	})
	defer watch.Wait()
	defer cancel()
	cmd, err := s.withPort(ctx, held, socket, args)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return ErrHeldCommand.Wrap(err, "%q", args[0])
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case held.Err() != nil:
		return held.Err()
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return console.Exit(exit.ExitCode())
	case err != nil && ctx.Err() == nil:
		return ErrHeldCommand.Wrap(err, "%q", args[0])
	}
	return nil
}

// withPort returns the command that is to run with the port.
func (s *session) withPort(ctx context.Context, held *registry.Held, socket *os.File, args []string) (*exec.Cmd, error) {
	program, err := exec.LookPath(args[0])
	if err != nil {
		return nil, ErrHeldCommand.Wrap(err, "%q", args[0])
	}
	cmd := exec.CommandContext(ctx, program, args[1:]...)
	env := append(os.Environ(), fmt.Sprintf("ONEX_PORT=%d", held.Lease().Port), fmt.Sprintf("ONEX_LEASE_TOKEN=%d", held.Lease().Token))
	if socket != nil {
		cmd = exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", asChild, "sh", program}, args[1:]...)...)
		cmd.ExtraFiles = []*os.File{socket}
		env = append(env, "LISTEN_FDS=1")
	}
	cmd.Env, cmd.Dir = env, s.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.In, s.Out, s.Err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = endTime
	return cmd, nil
}
