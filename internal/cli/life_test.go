package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/examples"
	"github.com/omninode-ai/onex/internal/cli"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/soon"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A terminal is a person in front of one project: every command runs in this
// process, with directories of its own.
type terminal struct {
	t    *testing.T
	dir  string
	vars map[string]string
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	home, err := os.MkdirTemp("", "onex") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	term := &terminal{t: t, dir: filepath.Join(home, "project"), vars: map[string]string{
		"XDG_RUNTIME_DIR": home, "XDG_STATE_HOME": home, "HOME": home, "ONEX_LOG_LEVEL": "error",
	}}
	if err := os.Mkdir(term.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"project.onex.yaml": "author: Ann\nname: sample\nowner: Team\ncopyright: Team\n",
		"notes.md":          "# Notes\n",
	} {
		if err := os.WriteFile(filepath.Join(term.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return term
}

func (term *terminal) env(out, errs *output, in string) *console.Env {
	return &console.Env{
		Dir: term.dir, In: strings.NewReader(in), Out: out, Err: errs,
		Getenv: func(k string) string { return term.vars[k] }, Log: slog.New(slog.DiscardHandler),
	}
}

// run runs a command line to its end.
func (term *terminal) run(args ...string) (status int, out, errs string) {
	var o, e output
	ctx, cancel := context.WithTimeout(term.t.Context(), time.Minute) // one that hangs has a name
	defer cancel()
	status = cli.Main(ctx, args, term.env(&o, &e, `{"level": "from stdin"}`))
	return status, o.String(), e.String()
}

// background runs a command until the test ends, and returns when it is ready.
func (term *terminal) background(args ...string) {
	term.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var o, e output
	ended := make(chan int, 1)
	go func() { ended <- cli.Main(ctx, args, term.env(&o, &e, "")) }()
	term.t.Cleanup(func() {
		stop()
		if status := <-ended; status != 0 {
			term.t.Errorf("%v ends with %d: %s", args, status, e.String())
		}
	})
	soon.True(term.t, strings.Join(args, " ")+" is ready", func() bool {
		return strings.Contains(e.String(), "ready")
	})
}

// An output is what a command prints; commands print from several goroutines.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// A typed is a command line, and what it must print and end with.
type typed struct {
	args   []string
	status int
	out    string // occurs in standard output
	errs   string // occurs in standard error
}

func (term *terminal) types(all []typed) {
	term.t.Helper()
	for _, c := range all {
		status, out, errs := term.run(c.args...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
			term.t.Errorf("onex %s\nends with %d, want %d\nout: %s\nwant %q\nerr: %s\nwant %q",
				strings.Join(c.args, " "), status, c.status, out, c.out, errs, c.errs)
		}
	}
}

func TestADaemonAndItsClients(t *testing.T) {
	term := newTerminal(t)
	shout, err := examples.Write(term.dir, "shout")
	if err != nil {
		t.Fatal(err)
	}
	term.background("up")
	term.background("run", shout)
	term.types([]typed{
		{[]string{"nodes"}, 0, "1.0.0    online  0s     exec", ""},
		{[]string{"nodes", "--live", "-o", "json"}, 0, `"tools": [`, ""},
		{[]string{"nodes", "nobody"}, 1, "", `no such node: "nobody"`},
		{[]string{"describe", "shout"}, 0, "says it louder", ""},
		{[]string{"describe", "stamper"}, 0, "routed       yes", ""},
		{[]string{"describe", "stamper", "--explain", "-o", "yaml"}, 0, "to: online", ""},
		{[]string{"describe", "shout", "--explain"}, 0, "new → online: announced", ""},
		{[]string{"describe", "notes.md"}, 0, "notes.md  unstamped", ""},
		{[]string{"describe", "Nosuch"}, 1, "", "ONEX_CLI_023_NOT_REGISTERED"},
		{[]string{"invoke", "shout", "--version", "x y"}, 64, "", "ONEX_INVOKE_006"},
		{[]string{"invoke", "shout", "--node", "dice", "--args", `{"text": "a"}`}, 1, "", "ONEX_INVOKE_004"},
		{[]string{"describe", "nothing"}, 1, "", "ONEX_CLI_023_NOT_REGISTERED"},
		{[]string{"invoke", "shout", "--args", `{"text": "hello"}`}, 0, `"HELLO!"`, ""},
		{[]string{"invoke", "count", "--args", `{"text": ""}`}, 4, "", ""},
		{[]string{"invoke", "stamp_check"}, 2, `"unstamped"`, ""},
		{[]string{"invoke", "registry_tools", "--args", `{"name": "count"}`, "-o", "json"}, 0, `"providers": 1`, ""},
		{[]string{"invoke", "shout", "--args", "-"}, 1, "", `unknown key "level"`},
		{[]string{"invoke", "shout", "--args", `{"text": "a"} {}`}, 64, "", "ONEX_CLI_004_INVALID_JSON_ARGS"},
		{[]string{"invoke", "shout", "--version", "^2", "--args", `{"text": "a"}`}, 1, "", "ONEX_INVOKE_004"},
		{[]string{"up"}, 1, "", "ONEX_BUS_031_STORE_LOCKED"},
		{[]string{"events", "--count", "2", "--type", "node_heartbeat", "-o", "json"}, 0, `"event_type":"NODE_HEARTBEAT"`, ""},
		{[]string{"events", "--count", "1", "--node", "shout", "--for", "20s"}, 0, "NODE_HEARTBEAT", ""},
		{[]string{"events", "--count", "1", "--type", "node_heartbeat", "-o", "yaml"}, 0, "event_type: NODE_HEARTBEAT", ""},
		{[]string{"events", "-o", "table"}, 64, "", "one by one"},
		{[]string{"events", "--type", "node_hartbeat"}, 64, "", "matches no type"},
		{[]string{"events", "--since", "1h", "--type", "node_start", "-o", "json"}, 0, `"event_type":"NODE_START"`, ""},
		{[]string{"events", "--since", "soon"}, 64, "", "ten minutes ago"},
		{[]string{"events", "--trace", "no-such-id"}, 1, "", "ONEX_CLI_033_TRACE_NOT_FOUND"},
		{[]string{"nodes", "nosuch"}, 1, "", `no such node: "nosuch"`},
		{[]string{"nodes", "nosuch", "-o", "json"}, 1, `"code": "ONEX_NODE_REGISTRY_105_NODE_NOT_FOUND"`, ""},
		{[]string{"bus", "ls"}, 0, "ONEX_EVENTS", ""},
		{[]string{"bus", "health", "-o", "json"}, 0, `"healthy": true`, ""},
		{[]string{"bus", "pub", "NODE_START", "--data", `{"input_state": {}}`, "-o", "yaml"}, 0, "class: durable", ""},
		{[]string{"bus", "pub", "NODE_START"}, 1, "", "ONEX_EVENT_006_MISSING_FIELD"},
		{[]string{"bus", "pub", "NODE_START", "--data", `{"input_state": {}}`, "--class", "ephemeral"}, 1, "", "ONEX_BUS_002_UNSUPPORTED"},
		{[]string{"bus", "pub", "a.b.c.d"}, 1, "", "a.b.c.d"},
		{[]string{"bus", "pub", "NODE_START", "-f", "nowhere"}, 64, "", "nowhere"},
		{[]string{"bus", "sub", "NODE_START", "--from", "1", "--count", "1", "--timeout", "20s"}, 0, `"sequence":`, "subscribed to node_start.>"},
		{[]string{"bus", "sub", "--count", "1", "--timeout", "1ms", "telemetry_*"}, 1, "", "ONEX_CLI_032_TOO_FEW_EVENTS"},
		{[]string{"bus", "sub", "--from", "1", "--count", "1", "--timeout", "20s", "NODE_*"}, 0, `"sequence":`, "subscribed to node_*.>"},
		{[]string{"bus", "replay", "--since", "-5h"}, 64, "", `--since "-5h": want a time`},
		{[]string{"bus", "replay", "--since", "all"}, 64, "", `--since "all": want a time`},
		{[]string{"bus", "replay", "--since", "1h", "--until", "soon"}, 64, "", `--until "soon": want a time`},
		{[]string{"bus", "replay", "--since", "1h", "--filter", "NODE_ST*", "--count", "1"}, 0, `"subject":"node_start.`, ""},
		{[]string{"bus", "sub", "--from", "yesterday"}, 64, "", "yesterday"},
		{[]string{"bus", "sub", "--from", "0"}, 64, "", "a sequence above 0"},
		{[]string{"bus", "sub", "--ack", "perhaps"}, 64, "", "auto, none, nack or term"},
		{[]string{"bus", "sub", "a b"}, 1, "", "a b"},
		{[]string{"bus", "sub", "--class", "retained"}, 1, "", "ONEX_BUS_002_UNSUPPORTED"},
		{[]string{"bus", "replay", "--filter", "node_st*", "--count", "1"}, 0, `"event_type":"NODE_START"`, ""},
		{[]string{"bus", "replay", "--filter", "node_start.shout", "--republish", "--count", "1"}, 0, `"duplicate":true`, ""},
		{[]string{"bus", "replay", "--from", "new"}, 64, "", "onex bus sub"},
		{[]string{"bus", "replay", "--since", "1ms", "--to", "1"}, 0, "", "no kept event matches"},
		{[]string{"bus", "dead", "ls"}, 0, "", "no dead letters"},
		{[]string{"bus", "dead", "show", "7"}, 1, "", "ONEX_BUS_014_NO_DEAD_LETTER"},
		{[]string{"bus", "dead", "redrive", "7", "-o", "json"}, 1, `"outcome": "failed"`, ""},
		{[]string{"bus", "dead", "redrive"}, 64, "", "--all"},
		{[]string{"bus", "dead", "redrive", "x"}, 64, "", `"x"`},
		{[]string{"bus"}, 0, "redrive", ""},
		{[]string{"bus", "dead"}, 0, "redrive", ""},
		{[]string{"bus", "nothing"}, 64, "", `"nothing"`},
		{[]string{"bus", "dead", "nothing"}, 64, "", `"nothing"`},
	})
	term.types(portsAndMeasures)
	term.offers([]offer{
		{args: []string{"invoke", ""}, want: []string{"shout", "stamp_check"}},
		{args: []string{"describe", ""}, want: []string{"shout", "stamper"}},
		{args: []string{"nodes", ""}, want: []string{"shout"}},
		{args: []string{"ports", "release", ""}},
	})
}

// portsAndMeasures is what is typed beside a running daemon about ports, figures and
// batches of calls.
var portsAndMeasures = []typed{
	{[]string{"ports", "lease", "web", "--protocol", "smtp"}, 64, "", `"smtp" is not one of tcp, udp`},
	{[]string{"ports", "lease", "web", "--requester", "me"}, 64, "", `"me" is no UUID`},
	{[]string{"ports", "renew", "1"}, 1, "", "ONEX_NODE_REGISTRY_124_LEASE_NOT_FOUND"},
	{[]string{"ports", "list"}, 0, "", "no port is leased"},
	{[]string{"audit", "ls", "--tool", "shout", "-o", "json"}, 0, `"tool_name": "shout"`, ""},
	{[]string{"audit", "ls", "--tool", "nothing"}, 0, "", "no call is recorded"},
	{[]string{"audit", "verify"}, 0, "lines in 1 files hold together, 1 to ", ""},
	{[]string{"audit", "verify", "--require-signature"}, 1, "", "ONEX_AUDIT_005_NO_HEAD"},
	{[]string{"describe"}, 0, "on the bus", ""},
	{[]string{"describe", "-o", "json"}, 0, `"event_buses": [`, ""},
	{[]string{"bus", "health"}, 0, "embedded:: healthy", ""},
	{[]string{"invoke", "shout", "--batch", "-"}, 1, "ONEX_CLI_004_INVALID_JSON_ARGS", "1 call: 1 error"},
	{[]string{"contract", "show", "shout"}, 0, "count  text", ""},
	{[]string{"contract", "diff", "shout", "shout"}, 0, "no difference", ""},
	{[]string{"contract", "check", "shout"}, 0, "", "sound: 1 contract"},
}

func TestCommandsWithoutADaemon(t *testing.T) {
	term := newTerminal(t)
	shout, err := examples.Write(term.dir, "shout")
	if err != nil {
		t.Fatal(err)
	}
	term.types([]typed{
		{[]string{"run", shout, "--once", "--tool", "count", "--input", `{"text": "four"}`}, 0, `"characters": 4`, ""},
		{[]string{"run", shout, "--once"}, 1, "", "name one with --tool"},
		{[]string{"run", "stamper", "--once", "--tool", "stamp_check", "-o", "json"}, 2, `"tool_name": "stamp_check"`, ""},
		{[]string{"run", "nobody", "--once"}, 1, "", "stamper, template"},
		{[]string{"run", "stamper"}, 1, "", "ONEX_BUS_020_NO_DAEMON"},
		{[]string{"invoke", "greet"}, 1, "", "ONEX_BUS_020_NO_DAEMON"},
		{[]string{"explain", "onex_cli_005"}, 0, "class not_found", ""},
		{[]string{"explain"}, 0, "ONEX_BUS_020_NO_DAEMON", ""},
		{[]string{"up", "--node", "nowhere"}, 1, "", "nowhere"},
		{[]string{"version", "-o", "yaml"}, 0, "go_version: ", ""},
		{[]string{"-C", "..", "stamp"}, 1, "", "ONEX_STAMP_082"},
		{[]string{"stamp", "--write"}, 0, "5 added", ""},
		{[]string{"describe", "Nosuch"}, 1, "", "ONEX_BUS_020_NO_DAEMON"},
		{[]string{"explain", "a", "b"}, 64, "", "accepts at most 1 arg"},
		{[]string{"version", "--log-level", "loud"}, 64, "", "loud"},
		{[]string{"invoke", "x", "--policy", "zz"}, 64, "", `policy "zz"`},
		{[]string{"nodes", "extra", "--nope"}, 64, "", "unknown flag: --nope"},
	})
}

func TestMachineOutputIsOneJSONValue(t *testing.T) {
	term := newTerminal(t)
	for _, args := range [][]string{
		{"version", "-o", "json"}, {"check", "-o", "json"}, {"stamp", "-o", "json"}, {"tree", "-o", "json"},
		{"explain", "-o", "json"}, {"describe", "notes.md", "-o", "json"},
	} {
		if _, out, _ := term.run(args...); !json.Valid([]byte(out)) {
			t.Errorf("%v prints no JSON: %s", args, out)
		}
	}
}
