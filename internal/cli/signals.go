package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// A told is why a context ends that a signal ended.
type told struct{ signal syscall.Signal }

func (t told) Error() string { return "told to stop by " + t.signal.String() }

// Is makes it a cancellation like any other.
func (told) Is(target error) bool { return target == context.Canceled }

// Signals returns a context that ends with the first SIGINT or SIGTERM. A second
// one ends the process at once. The function it returns stops listening.
func Signals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			if number, ok := s.(syscall.Signal); ok {
				cancel(told{number})
			}
			cancel(nil)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// signaled returns the exit status of a command that a signal ended, as shells
// count: 128 and the number of the signal.
func signaled(ctx context.Context) (int, bool) {
	var t told
	if ctx.Err() == nil || !errors.As(context.Cause(ctx), &t) {
		return 0, false
	}
	return 128 + int(t.signal), true
}
