package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// ErrArguments is returned when the arguments of a call are not one JSON value:
// not valid JSON, more than one value, a file that cannot be read, or more than
// the limit. Quote them for the shell: '{"name": "Ada"}'.
var ErrArguments = fault.New("ONEX_CLI_004_INVALID_JSON_ARGS", fault.Invalid, "invalid arguments").
	Hinted("give a JSON object in quotes, as in '{\"name\": \"Ada\"}', or @file, or - for standard input")

// maxArguments bounds the arguments of a call: they travel inside one event,
// and an event has at most 1 MiB.
const maxArguments = 1 << 20

// reply is the answer to an invocation as a person wants to see it.
type reply struct{ invoke.Reply }

// Text prints the result alone; an error goes to standard error.
func (r reply) Text(_ *console.Env, w io.Writer) {
	if len(r.Result) == 0 || string(r.Result) == "null" {
		return
	}
	var s string
	if json.Unmarshal(r.Result, &s) == nil {
		fmt.Fprintln(w, s)
		return
	}
	fmt.Fprintln(w, indented(r.Result))
}

func indented(raw json.RawMessage) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if enc.Encode(raw) != nil {
		return string(raw)
	}
	return strings.TrimSpace(b.String())
}

func newInvoke(s *session) *cobra.Command {
	var call invoke.Call
	var args string
	var policy, batch string
	var parallel int
	var async, verbose bool
	cmd := &cobra.Command{
		Use:     "invoke TOOL",
		Aliases: []string{"proxy-invoke"},
		Short:   "call a tool by name, through the registry",
		Long: `invoke asks the registry who offers TOOL, checks the arguments against the
tool's contract, calls one of the nodes, checks the result, and prints it.

The exit status is that of the result: success 0, error 1, warning 2, partial 3,
skipped 4, fixed 5, info 6. With -o json, "outcome" says whether the tool took
effect: completed, not_run (call again, nothing happened) or unknown.

--verbose tells on standard error, with the time, which node was chosen and why, and
the events of the call: the request, what the tool tells meanwhile, the answer.

--idempotency-key makes a call that may be repeated: a tool with "idempotency: key" takes
effect at most once for each key, whatever is killed meanwhile, and repetitions get the
first result. A pure tool runs again, and a warning says so; all others refuse keys.

--batch makes the calls of a file, a JSON object on each line: {"tool_name": …,
"arguments": {…}}, also with idempotency_key, node, version, policy, timeout_ms. What
a line leaves out is as TOOL and the flags say; empty lines are skipped. The replies are lines of JSON in the
same order; the exit status is 1 when one is an error, else 3 or 2 when one is
partial or a warning. With --idempotency-key KEY line 7 has the key KEY/7: repeat the
command to go on where it ended.

--async leaves the call on the bus, which must keep events, and prints its correlation id
at once. The daemon makes it when a node is there; "onex events --trace ID" shows what
came of it. A call that fails, or cannot be made in nine minutes, becomes a dead letter
(onex bus dead).`,
		Example: `  onex invoke greet --args '{"name": "Ada"}'
  onex invoke greet --args @request.json -o json
  jq '{name: .user}' data.json | onex invoke greet --args -
  onex invoke pay --args '{"amount": 5}' --idempotency-key order-1
  jq -c '{arguments: {name: .user}}' users.json | onex invoke greet --batch -`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: s.completeTools,
	}
	format := formatFlag(cmd, console.Text)
	flags := cmd.Flags()
	flags.StringVar(&args, "args", "{}", "arguments: a JSON object, @`file`, or - for standard input")
	flags.StringVar(&policy, "policy", string(invoke.First), "which node, when several offer the tool: "+policyNames())
	flags.StringVar(&call.Version, "version", "", "accept only nodes of a semver `range`, as ^1.2")
	flags.DurationVar(&call.Timeout, "timeout", 0, "how long to wait for the result (default: timeout_ms of the settings or of the contract, else 5s)")
	flags.BoolVar(&call.TrustedOnly, "trusted-only", false, "accept only nodes whose manifest an allowed signer has signed")
	flags.StringVar(&call.Node, "node", "", "call this node: its `name` or id")
	flags.StringVar(&call.IdempotencyKey, "idempotency-key", "", "repeat a call with the same `key` without a second effect")
	flags.BoolVar(&call.DryRun, "dry-run", false, "validate and show where the call would go")
	flags.StringVar(&batch, "batch", "", "make the calls of this `file`, one on each line; - for standard input")
	flags.IntVar(&parallel, "parallel", invoke.DefaultParallel, "with --batch: how many calls run at once")
	flags.BoolVar(&async, "async", false, "leave the call on the bus and do not wait for it")
	flags.BoolVar(&verbose, "verbose", false, "tell on standard error what happens while the call runs")
	cmd.MarkFlagsMutuallyExclusive("batch", "async", "verbose")
	cmd.MarkFlagsMutuallyExclusive("batch", "args")
	cmd.MarkFlagsMutuallyExclusive("batch", "async", "dry-run")
	cmd.MarkFlagsMutuallyExclusive("async", "node")
	cmd.RunE = func(cmd *cobra.Command, positional []string) error {
		var err error
		if err := exactly(1)(cmd, positional); err != nil && (batch == "" || len(positional) > 1) {
			return err
		}
		if len(positional) == 1 {
			call.Tool = node.ToolName(positional[0])
		}
		if call.Policy, err = invoke.ParsePolicy(policy); err != nil {
			return err
		}
		s.inherit(&call)
		if batch != "" {
			return s.batch(cmd.Context(), batch, parallel, call)
		}
		if call.Args, err = s.readArguments(args); err != nil {
			return err
		}
		if async {
			return s.send(cmd, call, *format)
		}
		return s.invoke(cmd, call, *format, verbose)
	}
	return cmd
}

// sent is a call that waits, as a person wants to see it.
type sent struct{ invoke.Sent }

// Text says under which id to look for what comes of it.
func (t sent) Text(_ *console.Env, w io.Writer) { fmt.Fprintln(w, t.CorrelationID) }

// send leaves a call on the bus.
func (s *session) send(cmd *cobra.Command, call invoke.Call, format console.Format) error {
	return s.onBus(cmd.Context(), func(cfg app.Config, b bus.Bus) error {
		client, err := invoke.NewClient(cmd.Context(), b, cfg.Caller(self, s.Log))
		if err != nil {
			return err
		}
		defer client.Close()
		r, err := client.Send(cmd.Context(), call)
		if err != nil {
			return err
		}
		for _, w := range r.Warnings {
			s.Warn("%s", w)
		}
		s.Note("the call is kept; `onex events --trace %s` shows what came of it", r.CorrelationID)
		return s.Print(format, sent{r})
	})
}

// inherit has a call that a tool's program makes belong to the call that it serves.
func (s *session) inherit(call *invoke.Call) {
	call.TraceParent = s.Getenv("TRACEPARENT")
	text := s.Getenv("ONEX_CORRELATION_ID")
	if text == "" {
		return
	}
	id, err := event.ParseID(text)
	if err != nil {
		s.Warn("ONEX_CORRELATION_ID is no id and is left out: %q", text)
		return
	}
	call.Correlation = id
}

func policyNames() string {
	var names []string
	for _, p := range invoke.Policies() {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

func (s *session) invoke(cmd *cobra.Command, call invoke.Call, format console.Format, verbose bool) error {
	return s.onBus(cmd.Context(), func(cfg app.Config, b bus.Bus) error {
		w := cfg.Watch(app.WatchOptions{Log: s.Log, From: self})
		defer w.Close()
		o := cfg.Caller(self, s.Log)
		o.Trace = w.Recorder()
		client, err := invoke.NewClient(cmd.Context(), b, o)
		if err != nil {
			return err
		}
		defer client.Close()
		if call.Timeout == 0 {
			call.Timeout = cfg.Timeout
		}
		call.Correlation, call.TraceParent = s.correlation(), s.Getenv("TRACEPARENT")
		if verbose {
			told, err := s.narrate(cmd.Context(), b, &call)
			if err != nil {
				return err
			}
			defer told()
		}
		r, err := client.Invoke(cmd.Context(), call)
		if errors.Is(err, invoke.ErrCall) {
			return err // nothing was asked of anybody
		}
		return s.answer(format, r, err)
	})
}

// answer prints a reply. Programs get it whole on standard output; a person
// gets the result there and the error, with its hint, on standard error.
func (s *session) answer(format console.Format, r invoke.Reply, err error) error {
	for _, w := range r.Warnings {
		s.Warn("%s", w)
	}
	if printErr := s.Print(format, reply{r}); printErr != nil {
		return printErr
	}
	if err == nil && r.Error != nil {
		err = r.Error.Err()
	}
	if err != nil && format == console.Text {
		s.Fail(err)
	}
	return console.Exit(r.Status.ExitStatus())
}

// readArguments returns the JSON value that arg holds or points to.
func (s *session) readArguments(arg string) (json.RawMessage, error) {
	data := []byte(arg)
	var err error
	switch {
	case arg == "-":
		data, err = io.ReadAll(io.LimitReader(s.In, maxArguments+1))
	case strings.HasPrefix(arg, "@"):
		data, err = readLimited(filepath.Join(s.Dir, arg[1:]), arg[1:])
	}
	if err != nil {
		return nil, ErrArguments.Wrap(err, "%s", arg)
	}
	if len(data) > maxArguments {
		return nil, ErrArguments.With("more than %d bytes", maxArguments).
			Hinted("a call travels in one event; put large data into a file or at an address, and give the tool its name")
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, ErrArguments.Wrap(err, "not one JSON value")
	}
	return raw, nil
}

// readLimited reads a file up to one byte past the limit. An absolute name is
// taken as it is.
func readLimited(joined, name string) ([]byte, error) {
	if filepath.IsAbs(name) {
		joined = name
	}
	f, err := os.Open(joined)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxArguments+1))
}
