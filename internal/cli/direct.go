package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// dialTime bounds the connection to a daemon that may be ending: nobody waits
// for the bus to do work that needs none.
const dialTime = 400 * time.Millisecond

// A direct run is a node's work in this process, without a bus. When a daemon is
// up it is told on its bus (NODE_START, NODE_SUCCESS, NODE_FAILURE), in the
// background; it is announced to nobody (docs/design/direct-runs.md).
type direct struct {
	s     *session
	watch *app.Watch
	line  *line // nil when there is no daemon
	name  node.Name
	id    string
	story event.ID
	input json.RawMessage
	began time.Time
	span  *trace.Running
}

// direct begins a direct run of a node.
func (s *session) direct(ctx context.Context, cfg app.Config, name node.Name, function string, input json.RawMessage) (context.Context, *direct) {
	d := &direct{s: s, name: name, id: event.NewID().String(), story: s.correlation(), input: input, began: time.Now()}
	o := app.WatchOptions{Log: s.Log, From: name, Nodes: true}
	if cfg.HasDaemon() {
		d.line = s.dial(cfg)
		o.Bus = d.line
	}
	d.watch = cfg.Watch(o)
	ctx = host.WithCorrelation(trace.Below(ctx, s.Getenv("TRACEPARENT")), d.story)
	if d.line != nil {
		d.watch.Tell(name, event.New(d.id, event.NodeStart{InputState: input, Operation: function}, d.story))
	}
	ctx, d.span = trace.Begin(ctx, d.watch.Recorder(), trace.Span{
		Operation: "run", Function: function, Node: string(name), NodeID: d.id, Correlation: trace.ID(d.story),
	})
	return ctx, d
}

// correlation returns the id that the caller of this process gave it, or a new one.
func (s *session) correlation() event.ID {
	if id, err := event.ParseID(s.Getenv("ONEX_CORRELATION_ID")); err == nil && !id.IsZero() {
		return id
	}
	return event.NewID()
}

// end ends the run. Work that ended with an exit status has been done.
func (d *direct) end(status node.Result, output json.RawMessage, err error) {
	var report *fault.Report
	if err != nil {
		r := fault.ReportOf(err)
		report, status = &r, node.Failed
	}
	d.span.Status(string(status))
	d.span.Fail(report)
	if d.line != nil {
		d.watch.Tell(d.name, event.New(d.id, d.outcome(status, output, report), d.story))
	}
	d.watch.Close()
	if d.line != nil {
		d.line.close()
	}
}

func (d *direct) outcome(status node.Result, output json.RawMessage, report *fault.Report) event.Payload {
	ms := float64(time.Since(d.began).Microseconds()) / 1000
	if report == nil {
		return event.NodeSuccess{InputState: d.input, OutputState: output, Status: status, ExecutionTimeMS: ms}
	}
	return event.NodeFailure{
		InputState: d.input, Error: report.Message, ErrorType: string(report.Class), ErrorCode: string(report.Code),
		Recoverable: report.Class.Retryable(), ExecutionTimeMS: ms,
	}
}

// object returns raw if it is a JSON object, as states are; else an empty one.
func object(raw json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return json.RawMessage("{}")
	}
	return raw
}

// told makes the commands of a built-in node tell of their runs.
func (s *session) told(name node.Name, commands []*cobra.Command) []*cobra.Command {
	for _, c := range commands {
		s.told(name, c.Commands())
		run := c.RunE
		if run == nil {
			continue
		}
		c.RunE = func(cmd *cobra.Command, args []string) error {
			cfg, err := s.config()
			if err != nil {
				return run(cmd, args) // it says so, if it needs one
			}
			ctx, d := s.direct(cmd.Context(), cfg, name, cmd.CommandPath()[len("onex "):], inputOf(cmd, args))
			cmd.SetContext(ctx)
			err = run(cmd, args)
			var quiet *console.Status
			if errors.As(err, &quiet) {
				d.end(node.Warning, fmt.Appendf(nil, `{"exit_status":%d}`, quiet.Code), nil)
				return err
			}
			d.end(node.Success, json.RawMessage(`{"exit_status":0}`), err)
			return err
		}
	}
	return commands
}

// inputOf is a command line as a state, in which names say what is secret.
func inputOf(cmd *cobra.Command, args []string) json.RawMessage {
	in := struct {
		Arguments []string          `json:"arguments"`
		Flags     map[string]string `json:"flags,omitempty"`
	}{append([]string{}, args...), map[string]string{}}
	cmd.Flags().Visit(func(f *pflag.Flag) { in.Flags[f.Name] = f.Value.String() })
	raw, _ := json.Marshal(in) // texts
	return raw
}

// A line is a bus to a daemon that is being dialed.
type line struct {
	ready chan struct{} // closed when bus or err is set
	bus   bus.Bus
	err   error
	tasks sync.WaitGroup
}

func (s *session) dial(cfg app.Config) *line {
	l := &line{ready: make(chan struct{})}
	l.tasks.Go(func() {
		defer close(l.ready)
		ctx, cancel := context.WithTimeout(context.Background(), dialTime)
		defer cancel()
		if l.bus, l.err = app.OpenBus(ctx, cfg, string(self), s.Log); l.err != nil {
			s.Log.Debug("the run is not told to the daemon", "error", l.err)
		}
	})
	return l
}

// Publish publishes when there is a bus.
func (l *line) Publish(ctx context.Context, to event.Subject, e event.Event) (bus.Receipt, error) {
	select {
	case <-l.ready:
	case <-ctx.Done():
		return bus.Receipt{}, ctx.Err()
	}
	if l.err != nil {
		return bus.Receipt{}, l.err
	}
	return l.bus.Publish(ctx, to, e)
}

func (l *line) close() {
	l.tasks.Wait()
	if l.err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		_ = l.bus.Close(ctx) // everything was said that could be
	}
}
