// Package host runs a node: it gives its tools a place on a bus.
//
// A node written in Go registers functions. Their contract is derived from
// their types:
//
//	h := host.New(node.Manifest{Name: "greeter", Version: "1.0.0"}, nil)
//	host.Handle(h, "greet", "greets somebody", greet, nil) // func(context.Context, In) (Out, error)
//	err := h.Run(ctx, b)
//
// A node written in anything else is a directory with a node.onex.yaml and a
// contract.yaml (docs/write-a-node.md); [Load] makes a host of it. Its program is
// run once per call (runtime exec: arguments on standard input, result on
// standard output, exit status) or kept running (runtime mcp: MCP over stdio).
//
// [Host.Run] announces the node until a registry accepts it, beats, and serves
// calls. [Host.Call] executes a tool directly, by the same code without a bus.
//
// # What is promised
//
// Contract. Arguments are checked before a tool runs and its result before it is
// handed on, by one validator, on every path.
//
// Answers. A call that reaches the node gets exactly one answer: a result, an
// error, or a rejection. A rejection means that the tool was not run at all, so
// that repeating the call is harmless. A node that is killed answers nothing.
//
// Isolation. A panic, a hanging or a dying program, too much output: each is a
// coded error of the call that it concerns. An mcp program that died is started
// again; while it is down its tools are unavailable.
//
// Bounds. Calls run on a bounded number of workers and wait in a bounded queue;
// beyond it they are rejected. Time, output and log lines of programs are
// limited. A program and all that it starts is killed as a group, at the end of
// a call (exec), on Close (mcp), and, on Linux, when the host dies.
//
// Idempotency keys. A call with a key, of a tool with idempotency key, takes effect
// at most once. On a bus the node asks the registry before it runs such a call,
// and tells it afterwards: the same key and arguments get the same outcome, or are
// attached to the call that still runs, on whatever node; other arguments are a
// conflict; and when the node that ran it is gone without a word, the answer is
// [ErrKeyUnknown]. Without a bus the host itself remembers: the last [KeysKept],
// at most [KeysBytes], for [KeysFor].
//
// Stopping. When Run's context ends the node says goodbye first, so that no call
// is routed to it any more; then running calls finish.
//
// Events. Each has a correlation id: that of the call, or one of the run's own.
// Copies for the audit are published aside; they never delay an answer, and are
// dropped, and counted, when the bus cannot keep up.
//
// # Testing
//
// Test tools with [Host.Call]; test a node on a bus with bus.NewMemory.
package host
