package invoke

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Bounds of a batch.
const (
	DefaultParallel = 8   // calls of a batch at once: a node of programs runs as many
	MaxParallel     = 256 // beyond it, nodes refuse more than they run
)

// Batch makes the calls that next returns until it returns io.EOF, at most parallel
// of them at once (0 means [DefaultParallel]), and gives each reply to done in the order
// of the calls, one at a time. A call that next returns with an error is not made; its
// reply has the error, and the batch goes on.
//
// Batch returns when all calls have their replies; with ctx's error when ctx ended
// before next said io.EOF; or with the first error of done, when those that run have
// ended. What was begun is never cut off but by ctx: repeat a batch whose calls have
// idempotency keys, and what was done is not done again.
func (c *Client) Batch(ctx context.Context, parallel int, next func() (Call, error), done func(Reply, error) error) error {
	switch {
	case parallel == 0:
		parallel = DefaultParallel
	case parallel < 0 || parallel > MaxParallel:
		return ErrCall.With("%d calls at once; 1 to %d are possible", parallel, MaxParallel)
	}
	type ended struct {
		reply Reply
		err   error
	}
	pending := make(chan chan ended, parallel) // in the order of the calls
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var calls sync.WaitGroup
	slots := make(chan struct{}, parallel)
	var unread error
	calls.Go(func() {
		defer close(pending)
		for {
			select {
			case slots <- struct{}{}:
			case <-reading.Done():
				unread = ctx.Err()
				return
			}
			call, err := next()
			if errors.Is(err, io.EOF) {
				return
			}
			one := make(chan ended, 1)
			pending <- one
			calls.Go(func() {
				defer func() { <-slots }()
				if err != nil {
					one <- ended{unmade(call, err), err}
					return
				}
				r, err := c.Invoke(ctx, call)
				one <- ended{r, err}
			})
		}
	})
	var failed error
	for one := range pending {
		e := <-one
		if failed == nil {
			if failed = done(e.reply, e.err); failed != nil {
				stop()
			}
		}
	}
	calls.Wait()
	return errors.Join(failed, unread)
}

// unmade is the reply to a call that was not made.
func unmade(call Call, err error) Reply {
	report := fault.ReportOf(err)
	return Reply{ToolName: call.Tool, Status: node.Failed, Error: &report, Outcome: NotRun}
}
