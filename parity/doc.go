// Package parity runs contracts. Every example of every tool is executed on
// every path on which the tool can be reached, and the answers are compared:
//
//	report, err := parity.Run(ctx, nodes, &parity.Options{CLI: []string{"onex"}, Buses: buses})
//	if err == nil && !report.OK() { … }
//
// # Paths
//
// The first path is direct: [host.Host.Call] in this process. For a Go node that
// is the function itself; for a program it is stdio, because that is how a host
// calls it (one process per call, or MCP). Its answer must be what the example
// expects. Then the same calls are made by the command line (onex run --once, a
// process for each), and on each bus twice: by TOOL_PROXY_INVOKE directed to the
// node, and through a registry by [invoke.Client], which is the proxy; and through
// each [Gateway], as the one to MCP. Each of
// these answers must be that of the direct call. Tools that promise to be
// repeatable (idempotency pure) and write no files are also called a second time.
//
// # What is compared
//
// Status, result, error code and class, exit status, files changed and what is
// in them, and the events of the call. Results are compared in canonical form (RFC 8785): the
// order of keys and the spelling of a number are no difference, 0.30 is 0.3, but
// 0.30000000000000004 is not. What a contract declares volatile is removed
// before, and nothing else is.
//
// Every path has a fresh copy of the node's directory and a host of its own, so
// that state does not leak from one into the other; within a path the calls are
// made in the order of the contract. The command line runs in another time zone
// and locale, with another directory for temporary files. A node whose directory
// is too large, or whose program lies outside of it, runs where it is; then its
// files are not watched, and the report says so.
//
// # What counts
//
// A [Report] that is [Report.OK] has checked something and found no failure. A
// tool without examples was not run: that is a warning, which is counted. A node
// without a contract fails. A filter that matches nothing is [ErrNoMatch].
//
// Nothing is normalised behind the user's back: what differs is a failure whose
// diff shows both canonical answers.
//
// # Limits
//
// Messages and details of errors are for people and not compared.
// A node in Go that is a program of its own cannot be loaded from its directory,
// so only its files are checked.
//
// # Testing
//
// testdata/mutants holds nodes that are wrong in one way each; the package's
// tests hold that every one is found, by name, and that good nodes raise no
// alarm.
package parity
