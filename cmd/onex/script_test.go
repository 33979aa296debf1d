package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/omninode-ai/onex/internal/natsd"
)

// TestMain lets the test binary be the command, so that every script runs real
// processes of it.
func TestMain(m *testing.M) {
	testscript.Main(hearing{m}, map[string]func(){"onex": main, "natsd": serveNATS, "mcpclient": goClient})
}

// hearing runs the tests so that their programs can be interrupted. A shell that starts
// the tests in the background makes them deaf to SIGINT, and what they start with them.
type hearing struct{ *testing.M }

func (h hearing) Run() int {
	if signal.Ignored(os.Interrupt) {
		signal.Notify(make(chan os.Signal, 1), os.Interrupt) // a signal with a handler has the default effect in children
	}
	return h.M.Run()
}

// serveNATS is the command natsd DIR PORT: a NATS server with JetStream that knows
// nothing of ONEX, until SIGINT.
func serveNATS() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s, err := natsd.Start(ctx, natsd.Options{Dir: os.Args[1], Listen: "127.0.0.1:" + os.Args[2], Profile: natsd.ProfileFile})
	if err == nil {
		<-ctx.Done()
		err = s.Close(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestScripts runs the scripts of testdata/script, each in a project and with
// runtime directories of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			// Not below WorkDir: the path of a Unix socket must be short.
			run, err := os.MkdirTemp("", "onex")
			if err != nil {
				return err
			}
			env.Defer(func() { os.RemoveAll(run) })
			env.Setenv("XDG_RUNTIME_DIR", run)
			env.Setenv("XDG_STATE_HOME", filepath.Join(run, "state"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			if npm, err := filepath.Abs("../../.build/npm/node_modules"); err == nil {
				env.Setenv("NPM", npm)
			}
			env.Setenv("GOCACHE", goCache())           // HOME is another, and an empty cache costs a minute
			l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free a moment later
			if err != nil {
				return err
			}
			env.Setenv("PORT", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
			return l.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually,
			"signal":     send,
			"grow":       grow,
			"block":      block,
		},
		Condition:          installed,
		RequireUniqueNames: true,
	})
}

// goCache returns where the go command keeps what it has compiled.
func goCache() string {
	if dir := os.Getenv("GOCACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "" // the go command says it better
	}
	return filepath.Join(dir, "go-build")
}

// installed is the condition [peer:NAME]: a program that a script needs is there. In
// CI, where make deps installs every peer, a missing one is a failure.
func installed(condition string) (bool, error) {
	name, ok := strings.CutPrefix(condition, "peer:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", condition)
	}
	_, err := exec.LookPath(name)
	if err != nil && os.Getenv("ONEX_REQUIRE_PEERS") != "" {
		return false, fmt.Errorf("%s is required here and not installed", name)
	}
	return err == nil, nil
}

// docs is the directory of the pages, from the package's.
const docs = "../../docs"

// patience bounds what a script waits for. It is generous: a loaded machine is
// slow, and nothing is measured here.
const patience = 30 * time.Second

// eventually 'regexp' command… runs the command until its output matches.
// With ! it waits until the output does not match any more.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] eventually regexp command [args…]")
	}
	want := regexp.MustCompile("(?m)" + args[0])
	deadline := time.Now().Add(patience)
	for {
		err := ts.Exec(args[1], args[2:]...)
		out := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		if want.MatchString(out) != neg {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%q %v after %s; last output (%v):\n%s", args[0], map[bool]string{false: "does not appear", true: "is still there"}[neg], patience, err, out)
		}
	}
}

// send is signal NAME PID: it sends a signal to a process.
func send(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: signal KILL|TERM|STOP|CONT pid")
	}
	pid, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(kill(pid, args[0]))
}

// block page name writes the code block of a page of docs that begins with the
// comment "# name" to the file of that name: what the page shows is what runs.
func block(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: block page name")
	}
	page, err := os.ReadFile(filepath.Join(docs, args[0]))
	ts.Check(err)
	_, code, ok := strings.Cut(string(page), "\n# "+args[1]+"\n")
	code, _, ended := strings.Cut(code, "```")
	if !ok || !ended {
		ts.Fatalf("docs/%s has no block %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(code), 0o600))
}

// grow file size makes a file of so many bytes.
func grow(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	path := ts.MkAbs(args[0])
	f, err := os.Create(path)
	ts.Check(err)
	ts.Check(f.Truncate(size))
	ts.Check(f.Close())
}
