package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// calls returns what gives n calls of "work" with the texts 0, 1, …, and an error
// instead of every seventh.
func calls(n int) func() (invoke.Call, error) {
	i := -1
	return func() (invoke.Call, error) {
		switch i++; {
		case i == n:
			return invoke.Call{}, io.EOF
		case i%7 == 6:
			return invoke.Call{Tool: "work"}, errWork
		}
		args, err := json.Marshal(in{fmt.Sprint(i)})
		return invoke.Call{Tool: "work", Args: args}, err
	}
}

func TestBatchKeepsOrder(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	w.start("bob", "1.0.0", node.None)
	for _, parallel := range []int{0, 1, 3, invoke.MaxParallel} {
		i := 0
		err := w.client.Batch(t.Context(), parallel, calls(100), func(r invoke.Reply, err error) error {
			var o out
			switch _ = json.Unmarshal(r.Result, &o); {
			case i%7 == 6 && (!errors.Is(err, errWork) || r.Outcome != invoke.NotRun || r.Status != node.Failed):
				t.Errorf("%d: %+v, %v", i, r, err)
			case i%7 != 6 && (err != nil || o.Text != fmt.Sprint(i)):
				t.Errorf("%d: %+v, %v", i, r, err)
			}
			i++
			return nil
		})
		if err != nil || i != 100 {
			t.Errorf("%d at once: %d replies, %v", parallel, i, err)
		}
	}
	if err := w.client.Batch(t.Context(), -1, nil, nil); !errors.Is(err, invoke.ErrCall) {
		t.Errorf("got %v", err)
	}
}

func TestBatchEndsWhenNobodyTakesReplies(t *testing.T) {
	w := newWorld(t, nil)
	x := w.start("alice", "1.0.0", node.None)
	full := errors.New("disk full")
	n := 0
	err := w.client.Batch(t.Context(), 2, calls(1<<30), func(invoke.Reply, error) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 3 || x.runs.Load() > 100 {
		t.Errorf("%d replies, %d runs, %v", n, x.runs.Load(), err)
	}
}

func TestBatchEndsWithItsContext(t *testing.T) {
	w := newWorld(t, nil)
	w.start("alice", "1.0.0", node.None)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := w.client.Batch(ctx, 2, calls(1<<30), func(invoke.Reply, error) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%d replies, %v", n, err)
	}
}
