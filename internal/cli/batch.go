package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// A BatchCall is one line of the input of "onex invoke --batch". What it leaves out is
// as the flags say.
type BatchCall struct {
	ToolName       node.ToolName   `json:"tool_name,omitempty"`
	Arguments      json.RawMessage `json:"arguments,omitempty"`
	IdempotencyKey string          `json:"idempotency_key,omitempty"`
	Node           string          `json:"node,omitempty"`
	Version        string          `json:"version,omitempty"`
	Policy         string          `json:"policy,omitempty"`
	TimeoutMS      int64           `json:"timeout_ms,omitempty"`
}

// A BatchReply is one line of its output, in the order of the calls.
type BatchReply struct {
	Line           int    `json:"line"`                      // of the input, from 1
	IdempotencyKey string `json:"idempotency_key,omitempty"` // that the call had
	invoke.Reply
}

// batch makes the calls of a file.
func (s *session) batch(ctx context.Context, file string, parallel int, base invoke.Call) error {
	in, err := s.openBatch(file)
	if err != nil {
		return err
	}
	defer in.Close()
	return s.onBus(ctx, func(cfg app.Config, b bus.Bus) error {
		client, err := invoke.NewClient(ctx, b, cfg.Caller(self, s.Log))
		if err != nil {
			return err
		}
		defer client.Close()
		if base.Timeout == 0 {
			base.Timeout = cfg.Timeout
		}
		r := newBatchReader(in, base)
		counts, line := map[node.Result]int{}, 0
		warned := map[string]bool{}
		out := json.NewEncoder(s.Out)
		out.SetEscapeHTML(false)
		err = client.Batch(ctx, parallel, r.next, func(reply invoke.Reply, _ error) error {
			counts[reply.Status]++
			s.warnOnce(warned, reply.Warnings)
			at := r.lines.take()
			line = at.number
			return out.Encode(BatchReply{Line: line, IdempotencyKey: at.key, Reply: reply})
		})
		s.Note("%s", batchSummary(counts))
		if err != nil {
			return fmt.Errorf("after line %d: %w", line, err)
		}
		return batchStatus(counts)
	})
}

// maxWarned bounds the warnings of a batch: its lines may name any number of tools.
const maxWarned = 20

// warnOnce says what was not said of an earlier line.
func (s *session) warnOnce(said map[string]bool, warnings []string) {
	for _, w := range warnings {
		if !said[w] && len(said) < maxWarned {
			said[w] = true
			s.Warn("%s", w)
		}
	}
}

func (s *session) openBatch(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(s.In), nil
	}
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.Dir, file)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, ErrArguments.Wrap(err, "%s", file)
	}
	return f, nil
}

func batchSummary(counts map[node.Result]int) string {
	total, parts := 0, []string{}
	for _, r := range slices.Sorted(maps.Keys(counts)) {
		total += counts[r]
		parts = append(parts, fmt.Sprintf("%d %s", counts[r], r))
	}
	if total == 0 {
		return "no calls"
	}
	return plural(total, "call") + ": " + strings.Join(parts, ", ")
}

// batchStatus is the exit status of the worst reply: an error before everything else.
func batchStatus(counts map[node.Result]int) error {
	for _, r := range []node.Result{node.Failed, node.Partial, node.Warning} {
		if counts[r] > 0 {
			return console.Exit(r.ExitStatus())
		}
	}
	return nil
}

// A batchReader reads calls, one from each line that is not empty.
type batchReader struct {
	scan   *bufio.Scanner
	base   invoke.Call
	number int
	lines  places
}

func newBatchReader(in io.Reader, base invoke.Call) *batchReader {
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, maxArguments+64<<10)
	return &batchReader{scan: scan, base: base, lines: make(places, 2*invoke.MaxParallel)}
}

// next returns the next call, or an error in its place.
func (r *batchReader) next() (invoke.Call, error) {
	for r.scan.Scan() {
		r.number++
		text := bytes.TrimSpace(r.scan.Bytes())
		if len(text) == 0 {
			continue
		}
		call, err := r.read(text)
		r.lines <- place{r.number, call.IdempotencyKey}
		return call, err
	}
	if err := r.scan.Err(); err != nil {
		r.number++
		r.lines <- place{number: r.number}
		err = ErrArguments.Wrap(err, "line %d", r.number)
		r.scan = bufio.NewScanner(strings.NewReader("")) // nothing after it can be read
		return invoke.Call{}, err
	}
	return invoke.Call{}, io.EOF
}

func (r *batchReader) read(text []byte) (invoke.Call, error) {
	call := r.base
	var line BatchCall
	decode := json.NewDecoder(bytes.NewReader(text))
	decode.DisallowUnknownFields()
	err := decode.Decode(&line)
	if err == nil && decode.More() {
		err = errors.New("more than one JSON value")
	}
	if err != nil {
		return call, ErrArguments.Wrap(err, "line %d", r.number).
			Hinted(`a line is {"tool_name": …, "arguments": {…}} and may have idempotency_key, node, version, policy, timeout_ms`)
	}
	if line.ToolName != "" {
		call.Tool = line.ToolName
	}
	if len(line.Arguments) > 0 {
		call.Args = line.Arguments
	}
	call.Node, call.Version = or(line.Node, call.Node), or(line.Version, call.Version)
	switch {
	case line.IdempotencyKey != "":
		call.IdempotencyKey = line.IdempotencyKey
	case call.IdempotencyKey != "": // one for each line, the same when the batch is repeated
		call.IdempotencyKey += fmt.Sprintf("/%d", r.number)
	}
	if line.TimeoutMS != 0 {
		call.Timeout = time.Duration(line.TimeoutMS) * time.Millisecond
	}
	if line.Policy != "" {
		call.Policy = invoke.Policy(line.Policy)
	}
	return call, nil
}

// places are the lines whose replies are to come, in order.
type places chan place

type place struct {
	number int
	key    string
}

func (p places) take() place { return <-p }
