package stamper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/watch"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// retry is how long a round that another stamper kept from writing waits for the
// next, when nothing changes: a run on a large tree takes about as long.
const retry = 2 * time.Second

// A watcher stamps a tree again whenever something in it changes.
type watcher struct {
	env    *console.Env
	root   *os.Root
	opts   *stamp.Options
	write  bool
	format console.Format

	files   *watch.Watcher
	pending map[string]string // of each file that is not in order, what was said of it
	failed  string            // what kept the last round from being one
}

// watchTree does what stamping does, now and whenever something changed, until ctx
// ends. It fails if it cannot begin, the root goes, or there is too much to watch.
func watchTree(ctx context.Context, env *console.Env, root *os.Root, o *stamp.Options, write bool, format checkFormat) error {
	w := &watcher{env: env, root: root, opts: o, write: write, format: console.Format(format)}
	switch w.format {
	case console.Text, console.JSON, console.YAML, console.Summary:
	default:
		return console.ErrUsage.With("--watch prints text, json, yaml or summary, not %s", format)
	}
	var err error
	if w.files, err = watch.New(root.Name()); err != nil {
		return err
	}
	defer w.files.Close()
	if _, err := w.round(ctx, nil); err != nil {
		return err
	}
	if err := w.again(ctx, nil); err != nil { // what changed before it was watched
		return err
	}
	env.Note("watching %d directories of %s; Ctrl-C ends it", w.files.Watched(), root.Name())
	var took time.Duration
	for {
		changed, err := w.wait(ctx, took)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := w.again(ctx, changed); err != nil {
			return err
		}
		took = time.Since(began) // to rest as long, so that a large tree leaves half the machine
	}
}

// wait returns the names of what changed. After a round that failed it does not
// wait for long.
func (w *watcher) wait(ctx context.Context, quiet time.Duration) ([]string, error) {
	until := ctx
	if w.failed != "" {
		var cancel context.CancelFunc
		until, cancel = context.WithTimeout(ctx, retry+quiet)
		defer cancel()
	}
	b, err := w.files.Wait(until, quiet)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil { // it is time to try again
		return nil, nil
	}
	return b.Names, nil
}

// again runs rounds until one finds no directory that was not watched before. What
// keeps a round from being one is said once, and ends nothing.
func (w *watcher) again(ctx context.Context, changed []string) error {
	for {
		if err := w.present(); err != nil {
			return err
		}
		added, err := w.round(ctx, changed)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, watch.ErrLimit), errors.Is(err, watch.ErrWatch), errors.As(err, new(outputError)):
			return err
		case err != nil:
			return w.complain(err)
		}
		w.failed = ""
		if added == 0 {
			return nil
		}
	}
}

// present fails when the root is no longer the directory that it was.
func (w *watcher) present() error {
	was, err := w.root.Stat(".")
	if err != nil {
		return tree.ErrRoot.Wrap(err, "%s", w.root.Name())
	}
	is, err := os.Stat(w.root.Name())
	if err != nil {
		return tree.ErrRoot.Wrap(err, "%s", w.root.Name())
	}
	if !os.SameFile(was, is) {
		return tree.ErrRoot.With("%s is another directory now", w.root.Name())
	}
	return nil
}

// round stamps the tree once, says what concerns the files that changed, and
// watches the directories that there are then. It returns how many are new.
func (w *watcher) round(ctx context.Context, changed []string) (int, error) {
	plan, err := stamp.Make(ctx, w.root, w.opts)
	if err == nil && w.write {
		_, err = plan.Apply(ctx)
	}
	if err != nil {
		return 0, err
	}
	dirs, err := plan.Dirs(ctx)
	if err != nil {
		return 0, err
	}
	if plan.Items = w.news(plan.Items, changed); len(plan.Items) > 0 {
		if err := w.print(planned{Report: plan.Report(), write: w.write}); err != nil {
			return 0, outputError{err}
		}
	}
	return w.files.Sync(dirs)
}

// news returns of items what was written, and of what is not in order what changed
// or has not been said yet.
func (w *watcher) news(items []stamp.Item, changed []string) []stamp.Item {
	touched := make(map[string]bool, len(changed))
	for _, name := range changed {
		touched[name] = true
	}
	pending := map[string]string{}
	var news []stamp.Item
	for _, i := range notable(items) {
		written := w.write && i.Action != stamp.Fail
		state := strings.Join([]string{string(i.Action), string(i.Code), i.Message}, "\n")
		if !written {
			pending[i.Path] = state
		}
		if written || touched[i.Path] || w.pending[i.Path] != state {
			news = append(news, i)
		}
	}
	w.pending = pending
	return news
}

// An outputError is that of writing the result, which nobody reads any more.
type outputError struct{ error }

func (e outputError) Unwrap() error { return e.error }

// print writes the report of one round.
func (w *watcher) print(view planned) error {
	if w.format == console.JSON || w.format == console.YAML {
		return w.document(view)
	}
	return w.env.Print(w.format, view)
}

// document writes v for programs: a line of JSON, or a document of YAML.
func (w *watcher) document(v any) error {
	if w.format == console.YAML {
		if err := w.env.Line("---"); err != nil {
			return err
		}
		return w.env.Print(console.YAML, v)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return w.env.Line(strings.TrimSuffix(b.String(), "\n"))
}

// complain says what kept a round from being one, unless it has been said. That a
// file changed under the plan is no news: the next round sees to it.
func (w *watcher) complain(err error) error {
	report := fault.ReportOf(err)
	if report.Message == w.failed {
		return nil
	}
	w.failed = report.Message
	if errors.Is(err, stamp.ErrChanged) {
		return nil
	}
	_ = w.env.Fail(err) // its status is for a command that ends
	if w.format == console.JSON || w.format == console.YAML {
		return w.document(report)
	}
	return nil
}
