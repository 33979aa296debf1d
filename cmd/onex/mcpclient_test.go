package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// goClient is the command mcpclient FIRST SECOND: a process with the client of the
// official Go SDK, which starts onex mcp as its server. A node comes with the contract
// FIRST, is killed, and comes again with the contract SECOND.
func goClient() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	if err := useTools(ctx, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A toolUser is a client and what it was told.
type toolUser struct {
	*mcp.ClientSession
	changes chan struct{} // of the list of tools
}

func useTools(ctx context.Context, first, second string) error {
	u := toolUser{changes: make(chan struct{}, 1)}
	client := mcp.NewClient(&mcp.Implementation{Name: "go", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
			select {
			case u.changes <- struct{}{}:
			default:
			}
		},
	})
	var err error
	if u.ClientSession, err = client.Connect(ctx, &mcp.CommandTransport{Command: exec.Command("onex", "mcp")}, nil); err != nil {
		return err
	}
	node, err := u.appear(ctx, first)
	if err != nil {
		return err
	}
	if err := errors.Join(u.call(ctx), u.vanish(ctx, node), u.call(ctx)); err != nil {
		return err
	}
	if node, err = runGreeter(second); err != nil {
		return err
	}
	defer node.Process.Kill()
	if err := errors.Join(u.quarantined(ctx), u.call(ctx), exec.CommandContext(ctx, "onex", "mcp", "accept", "greet").Run(),
		u.await(ctx, true), u.call(ctx)); err != nil {
		return err
	}
	return u.Close()
}

// runGreeter starts the node with a contract.
func runGreeter(contract string) (*exec.Cmd, error) {
	text, err := os.ReadFile(contract)
	if err == nil {
		err = os.WriteFile("greeter/contract.yaml", text, 0o600)
	}
	cmd := exec.Command("onex", "run", "greeter")
	return cmd, errors.Join(err, cmd.Start())
}

func (u toolUser) appear(ctx context.Context, contract string) (*exec.Cmd, error) {
	node, err := runGreeter(contract)
	if err == nil {
		err = u.await(ctx, true)
	}
	fmt.Println("appeared")
	return node, err
}

func (u toolUser) vanish(ctx context.Context, node *exec.Cmd) error {
	err := node.Process.Kill()
	killed := time.Now()
	_ = node.Wait() // it was killed
	err = errors.Join(err, u.await(ctx, false))
	fmt.Println("vanished after", time.Since(killed).Round(time.Millisecond))
	return err
}

// await waits until the tool is there, or is not, and looks when it is told that the
// list has changed.
func (u toolUser) await(ctx context.Context, there bool) error {
	for {
		list, err := u.ListTools(ctx, nil)
		if err != nil {
			return err
		}
		if there == slices.ContainsFunc(list.Tools, func(t *mcp.Tool) bool { return t.Name == "greet" }) {
			return nil
		}
		select {
		case <-u.changes:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// quarantined waits until the server says that it keeps the tool back.
func (u toolUser) quarantined(ctx context.Context) error {
	for ctx.Err() == nil {
		r, err := u.ReadResource(ctx, &mcp.ReadResourceParams{URI: "onex://quarantine"})
		if err != nil {
			return err
		}
		if strings.Contains(r.Contents[0].Text, `"greet"`) {
			return nil
		}
	}
	return ctx.Err()
}

// call calls the tool and prints the greeting or the code of the error.
func (u toolUser) call(ctx context.Context) error {
	r, err := u.CallTool(ctx, &mcp.CallToolParams{Name: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`)})
	if err != nil {
		return err
	}
	var said struct{ Greeting, Code string }
	if err := json.Unmarshal([]byte(r.Content[0].(*mcp.TextContent).Text), &said); err != nil {
		return err
	}
	fmt.Println("call:", said.Greeting+said.Code)
	return nil
}
