// Package demo shows the main job of ONEX on real input: separate processes of
// the same binary, real signals, and a copy of a real tree. Each step prints
// the command that a person would type, runs it, and holds the outcome against
// what was promised; the first broken promise ends the demo with an error.
//
//	err := demo.Run(ctx, &demo.Options{Exe: exe, Source: dir, Out: os.Stdout})
//
// Everything happens in a directory of its own, which is removed at the end
// together with every process that was started.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/omninode-ai/onex/fault"
)

// ErrDemo is returned when a step of the demo did not show what it promises.
// The message names the step; the output above it shows what happened instead.
var ErrDemo = fault.New("ONEX_CLI_045_DEMO_FAILED", fault.Internal, "the demo did not show what it promises").
	Hinted("please report the output above")

// limit bounds the whole demo, so that it ends by itself whatever happens.
const limit = 55 * time.Second

// Options say what to demonstrate. All fields are required.
type Options struct {
	Exe    string              // the onex binary
	Source string              // tree to copy and stamp
	Out    io.Writer           // what is shown
	Title  func(string) string // how a heading looks
}

// Run runs the demo and returns the first promise that was broken. It ends early, and
// as orderly, when nobody reads its output any more.
func Run(ctx context.Context, o *Options) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	// By default a pipe without a reader ends the program at once, and leaves its
	// processes behind. Whoever is notified gets an error of writing instead.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	return run(ctx, &Options{Exe: o.Exe, Source: o.Source, Out: audience{o.Out, leave}, Title: o.Title})
}

// An audience is told what happens. The demo is over when it has left.
type audience struct {
	io.Writer
	left context.CancelCauseFunc
}

func (a audience) Write(p []byte) (int, error) {
	n, err := a.Writer.Write(p)
	if err != nil {
		a.left(err)
	}
	return n, err
}

func run(ctx context.Context, o *Options) (err error) {
	stage, err := newStage(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.clear()) }()
	for _, act := range acts() {
		fmt.Fprintf(o.Out, "\n%s\n", o.Title("# "+act.title))
		if err := act.play(ctx, stage); err != nil {
			return ErrDemo.Wrap(err, "%s", act.title)
		}
	}
	fmt.Fprintf(o.Out, "\n%s\n", o.Title(fmt.Sprintf("# all of it held, in %.1f s", time.Since(stage.began).Seconds())))
	return nil
}

// An act is one step: what it shows, and how.
type act struct {
	title string
	play  func(context.Context, *stage) error
}

// newStage makes the directory that everything happens in.
func newStage(o *Options) (*stage, error) {
	// The name is short because a Unix socket's path is.
	dir, err := os.MkdirTemp("", "onex-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{Options: o, dir: dir, tree: filepath.Join(dir, "tree"), began: time.Now()}
	for _, sub := range []string{"run", "state", "tree", "nodes"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	return s, nil
}
