// Command mcp measures calls of one tool by an MCP client over HTTP, through the
// daemon and the registry, and beside it the same function behind a plain server
// of the official Go SDK:
//
//	go run ./bench/mcp -onex ./onex
//
// Daemon, node, plain server and client are processes of their own. It prints a
// table, and fails when any call fails.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// token is what clients of the daemon send.
const token = "only-for-this-measurement"

type in struct {
	Name string `json:"name"`
}

type out struct {
	Greeting string `json:"greeting"`
}

func greet(_ context.Context, i in) (out, error) { return out{"Hello, " + i.Name + "!"}, nil }

func main() {
	onex := flag.String("onex", "./onex", "the binary whose daemon serves")
	calls := flag.Int("calls", 2000, "one after the other")
	many := flag.Int("many", 1000, "at once")
	part := flag.String("part", "", "for the program itself: plain, or the address of a bus")
	flag.Parse()
	var err error
	switch *part {
	case "":
		err = run(*onex, *calls, *many)
	case "plain":
		err = plain()
	default:
		err = serveNode(*part)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mcp:", err)
		os.Exit(1)
	}
}

// plain is the server of the SDK alone.
func plain() error {
	s := mcp.NewServer(&mcp.Implementation{Name: "plain", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "greet_go"}, func(ctx context.Context, _ *mcp.CallToolRequest, i in) (*mcp.CallToolResult, out, error) {
		o, err := greet(ctx, i)
		return nil, o, err
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "ready at http://%s/mcp\n", l.Addr())
	return http.Serve(l, mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, &mcp.StreamableHTTPOptions{Stateless: true}))
}

// serveNode hosts the same function on a bus.
func serveNode(url string) error {
	ctx := context.Background()
	b, err := natsbus.Dial(ctx, natsbus.Options{URL: url})
	if err != nil {
		return err
	}
	h := host.New(node.Manifest{Name: "greeter_go", Version: "1.0.0"}, &host.Options{
		Ready: func(host.Accepted) { fmt.Fprintln(os.Stderr, "ready at "+url) },
	})
	host.Handle(h, "greet_go", "greets", greet, &host.ToolOptions{Idempotency: node.Pure})
	return h.Run(ctx, b)
}

// start starts a program and returns what it says after "at" in a line with the
// given word.
func start(word string, cmd *exec.Cmd) (stop func(), at string, err error) {
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }
	lines := bufio.NewScanner(pipe)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, after, ok := strings.Cut(lines.Text(), word); ok {
			go func() {
				for lines.Scan() {
				}
			}()
			return stop, strings.TrimSpace(after), nil
		}
	}
	stop()
	return nil, "", fmt.Errorf("%s: %s", cmd, strings.Join(said, "; "))
}

func run(onex string, calls, many int) error {
	dir, err := os.MkdirTemp("", "mcp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if onex, err = filepath.Abs(onex); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"onex.yaml": "mcp: {listen: '127.0.0.1:0', token_file: token}\naudit: off\ndurability: memory\n", "token": token} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	up := exec.Command(onex, "up")
	up.Dir = dir
	up.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "s"), "XDG_RUNTIME_DIR="+filepath.Join(dir, "r"))
	stop, url, err := start("MCP is ready at ", up)
	if err != nil {
		return err
	}
	defer stop()
	sockets, err := filepath.Glob(filepath.Join(dir, "r", "onex", "*", "bus.sock"))
	if err != nil || len(sockets) != 1 {
		return fmt.Errorf("sockets %v, %w", sockets, err)
	}
	stopNode, _, err := start("ready at ", exec.Command(self, "-part", "unix://"+sockets[0]))
	if err != nil {
		return err
	}
	defer stopNode()
	stopPlain, plainURL, err := start("ready at ", exec.Command(self, "-part", "plain"))
	if err != nil {
		return err
	}
	defer stopPlain()
	fmt.Printf("| server | p50 | p90 | p99 | %d calls at once took | errors |\n|---|---|---|---|---|---|\n", many)
	for range 2 { // in turn, so that what else the machine does meets both
		if err := measure("plain SDK server", plainURL, calls, many); err != nil {
			return err
		}
		if err := measure("onex up --mcp, registry, bus, node", url, calls, many); err != nil {
			return err
		}
	}
	return nil
}

type bearer struct{ *http.Transport }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	return b.Transport.RoundTrip(r)
}

func measure(name, url string, calls, many int) error {
	ctx := context.Background()
	t := &http.Transport{MaxIdleConnsPerHost: many}
	defer t.CloseIdleConnections()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "bench", Version: "1"}, nil).Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: url, HTTPClient: &http.Client{Transport: bearer{t}},
	}, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	call := func() error {
		r, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "greet_go", Arguments: in{"Ada"}})
		if err == nil && r.IsError {
			err = fmt.Errorf("%+v", r.Content[0])
		}
		return err
	}
	for range 50 { // everything is connected
		if err := call(); err != nil {
			return err
		}
	}
	var took []time.Duration
	for range calls {
		begin := time.Now()
		if err := call(); err != nil {
			return err
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	var failed atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for range many {
		all.Go(func() {
			if call() != nil {
				failed.Add(1)
			}
		})
	}
	all.Wait()
	at := func(part int) time.Duration { return took[len(took)*part/100].Round(10 * time.Microsecond) }
	fmt.Printf("| %s | %s | %s | %s | %s | %d |\n", name, at(50), at(90), at(99), time.Since(begin).Round(time.Millisecond), failed.Load())
	if failed.Load() > 0 {
		return fmt.Errorf("%s: %d of %d calls failed", name, failed.Load(), many)
	}
	return nil
}
