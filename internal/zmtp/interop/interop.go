// Package interop lets a socket of package zmtp and one of libzmq, in a process
// of its own, exchange messages in every combination that users have.
//
//	peers, err := interop.Find(ctx, dir)
//	for _, m := range interop.Matrix() {
//		result, err := m.Run(ctx, peers, 1_000_000)
//	}
//
// A message that does not arrive is an error, by way of the context. For tests
// and benchmarks only.
package interop

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

//go:embed peers/peer.py
var pythonSource string

//go:embed peers/peer.c
var czmqSource []byte

// The libraries through which libzmq is used.
const (
	Pyzmq = "pyzmq"
	Czmq  = "czmq"
)

// A Meeting is one cell of the matrix.
type Meeting struct {
	Peer      string // Pyzmq or Czmq
	Transport string // "tcp" or "ipc"
	Mechanism string // "null", "plain" or "curve"
	WeBind    bool
	WePublish bool // who publishes is also the server of the mechanism, whoever binds
	Heartbeat bool // of libzmq, five times a second
}

// String names the cell.
func (m Meeting) String() string {
	side, role, heartbeat := "connect", "sub", "silent"
	if m.WeBind {
		side = "bind"
	}
	if m.WePublish {
		role = "pub"
	}
	if m.Heartbeat {
		heartbeat = "heartbeat"
	}
	return fmt.Sprintf("%s/%s/%s/%s/%s/%s", m.Peer, m.Transport, m.Mechanism, side, role, heartbeat)
}

// Matrix returns all cells.
func Matrix() []Meeting {
	var all []Meeting
	both := []bool{true, false}
	for _, mechanism := range []string{"null", "plain", "curve"} {
		for _, transport := range []string{"tcp", "ipc"} {
			for _, peer := range []string{Pyzmq, Czmq} {
				for _, weBind := range both {
					for _, wePublish := range both {
						for _, heartbeat := range both {
							all = append(all, Meeting{peer, transport, mechanism, weBind, wePublish, heartbeat})
						}
					}
				}
			}
		}
	}
	return all
}

// Peers are the commands of the other side, by Pyzmq and Czmq.
type Peers map[string][]string

// Python is the interpreter that Debian's python3-zmq belongs to.
const Python = "/usr/bin/python3"

// Find makes the peers ready: it looks for pyzmq, and compiles a program with
// czmq in dir. Its error says what is missing.
func Find(ctx context.Context, dir string) (Peers, error) {
	if out, err := exec.CommandContext(ctx, Python, "-c", "import zmq").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("python3-zmq is missing: %w\n%s", err, out)
	}
	source, program := filepath.Join(dir, "peer.c"), filepath.Join(dir, "peer")
	if err := os.WriteFile(source, czmqSource, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "cc", "-O2", source, "-o", program, "-lczmq").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cc or libczmq-dev is missing: %w\n%s", err, out)
	}
	return Peers{Pyzmq: {Python, "-c", pythonSource}, Czmq: {program}}, nil
}

// A Result is what came of a meeting in which every message arrived.
type Result struct {
	Count               int
	Disordered, Damaged int
	Took                time.Duration // from the first message to the last
}
