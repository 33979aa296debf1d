package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// A lab is a project with its own runtime directories.
type lab struct {
	dir, onex, url string
	env            []string
}

func newLab(onex string) (*lab, error) {
	dir, err := os.MkdirTemp("", "live") // short, for sockets
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, onex: onex}
	l.env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "ONEX_AUDIT=off", "ONEX_BUS=")
	err = errors.Join(os.Chmod(dir, 0o700), os.WriteFile(filepath.Join(dir, "onex.yaml"), nil, 0o600))
	return l, err
}

func (l *lab) close() { _ = os.RemoveAll(l.dir) }

// A proc is a process of the lab.
type proc struct {
	cmd   *exec.Cmd
	lines chan string // on standard error
}

// start starts a command; on reads what it says on standard error.
func (l *lab) start(name string, args ...string) (*proc, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = l.dir, l.env
	if l.url != "" {
		cmd.Env = append(cmd.Env, "ONEX_BUS="+l.url)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	p := &proc{cmd, make(chan string, 1000)}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			select {
			case p.lines <- s.Text():
			default:
			}
		}
		close(p.lines)
	}()
	return p, nil
}

// await returns the first line with the word in it.
func (p *proc) await(word string) (string, error) {
	late := time.After(patience)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				return "", fmt.Errorf("%v ended before it said %q", p.cmd.Args, word)
			}
			if strings.Contains(line, word) {
				return line, nil
			}
		case <-late:
			return "", fmt.Errorf("%v did not say %q", p.cmd.Args, word)
		}
	}
}

func (p *proc) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // it may have ended

func (p *proc) end(s syscall.Signal) {
	p.signal(s)
	_ = p.cmd.Wait()
}

// up starts a daemon and returns when it is ready, with the address of its bus.
func (l *lab) up() (*proc, string, error) {
	d, err := l.start(l.onex, "up")
	if err != nil {
		return nil, "", err
	}
	line, err := d.await("is ready")
	_, url, _ := strings.Cut(line, "bus ")
	url, _, _ = strings.Cut(url, ",")
	return d, url, err
}

// dial connects this process to a bus.
func dial(ctx context.Context, url string) (bus.Bus, error) {
	quiet := slog.New(slog.DiscardHandler)
	if path, ok := strings.CutPrefix(url, "ipc://"); ok {
		return ipcbus.Dial(ctx, ipcbus.Options{Path: path, NoHub: true, Log: quiet})
	}
	return natsbus.Dial(ctx, natsbus.Options{URL: url, Log: quiet})
}

// until asks again and again until ok.
func until(ctx context.Context, what string, ok func() bool) error {
	for late := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(late) || ctx.Err() != nil {
			return fmt.Errorf("waited in vain for %s", what)
		}
	}
	return nil
}

// offers returns how many nodes offer a tool now.
func offers(ctx context.Context, c *registry.Client, tool node.ToolName) int {
	tools, err := c.Tools(ctx, tool)
	if err != nil {
		return -1
	}
	n := 0
	for _, t := range tools {
		n += len(t.Providers)
	}
	return n
}

// play is this program in another role: an mcp program, a host of nodes, a server.
func play(ctx context.Context, args []string) error {
	switch args[0] {
	case "spin":
		for ctx.Err() == nil { // this is what it is for
		}
		return nil
	case "mcp":
		return speak()
	case "nodes":
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return serveNodes(ctx, args[1], n)
	case "nats":
		s, err := natsd.Start(ctx, natsd.Options{Dir: args[1], Listen: args[2], Profile: natsd.ProfileFile, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "is ready")
		<-ctx.Done()
		return s.Close(context.WithoutCancel(ctx))
	}
	return fmt.Errorf("no role %q", args[0])
}

// speak is the smallest mcp program: it has one tool, and says its process id.
func speak() error {
	fmt.Fprintln(os.Stderr, "pid", os.Getpid())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		if json.Unmarshal(in.Bytes(), &m) != nil || m.ID == nil {
			continue
		}
		result := `{}`
		if m.Method == "tools/list" {
			result = `{"tools":[{"name":"say","inputSchema":{"type":"object"}}]}`
		}
		fmt.Printf(`{"jsonrpc":"2.0","id":%s,"result":%s}`+"\n", m.ID, result)
	}
	return nil
}

// serveNodes hosts n nodes with one tool, work, and is ready when all are accepted.
func serveNodes(ctx context.Context, url string, n int) error {
	b, err := dial(ctx, url)
	if err != nil {
		return err
	}
	accepted, ended := make(chan struct{}, n), make(chan error, n)
	for i := range n {
		h := host.New(node.Manifest{Name: node.Name(fmt.Sprintf("node_%d", i)), Version: "1.0.0"}, &host.Options{
			Log: slog.New(slog.DiscardHandler), Process: process.Self(), Ready: func(host.Accepted) { accepted <- struct{}{} },
		})
		host.Handle(h, "work", "waits", func(ctx context.Context, in wait) (wait, error) {
			select {
			case <-time.After(time.Duration(in.MS) * time.Millisecond):
				return in, nil
			case <-ctx.Done():
				return in, context.Cause(ctx)
			}
		}, nil)
		go func() { ended <- h.Run(ctx, b) }()
	}
	for range n {
		<-accepted
	}
	fmt.Fprintln(os.Stderr, "is ready")
	for range n {
		err = errors.Join(err, <-ended)
	}
	return errors.Join(err, b.Close(context.WithoutCancel(ctx)))
}

type wait struct {
	MS int `json:"ms"`
}

// changes returns what is told of nodes.
func changes(ctx context.Context, b bus.Bus, kinds ...event.Kind) (<-chan event.Payload, error) {
	out := make(chan event.Payload, 10_000)
	for _, k := range kinds {
		sub, err := b.Subscribe(ctx, event.FilterKind(k), &bus.Options{Queue: bus.MaxQueue})
		if err != nil {
			return nil, err
		}
		go func() {
			for {
				d, err := sub.Next(ctx)
				if err != nil {
					return
				}
				out <- d.Event.Payload
			}
		}()
	}
	return out, nil
}
