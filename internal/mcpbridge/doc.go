// Package mcpbridge serves the tools of a live registry to clients of the Model
// Context Protocol: any agent can find and call what any node offers.
//
//	s, err := mcpbridge.New(ctx, b, &mcpbridge.Options{Version: "1.0.0"})
//	defer s.Close()
//	err = s.RunStreams(ctx, os.Stdin, os.Stdout)
//
// One [Server] serves any number of clients: over standard streams by [Server.RunStreams],
// over streamable HTTP by [Server.Handler]. It speaks every version of the
// protocol that the official SDK knows, from 2024-11-05 to the stateless
// 2026-07-28.
//
// # What is promised
//
// Live. The list of tools is that of the nodes that may be called now. A tool
// appears when the registry has accepted its node and vanishes when no node is
// left; clients are told. Results may be cached for the shortest lease of a
// node, and never longer than [MaxAge].
//
// Stable. A tool has the name, the schemas and the description of its contract,
// and the list is sorted. Nodes and versions do not show in it; who wants to
// know reads the resources (onex://nodes, onex://tools).
//
// Exact. A message with a key that comes twice is refused, and so are arguments
// that the contract does not allow. The bytes that are checked are the bytes
// that are executed: nothing is decoded and encoded again on the way.
//
// Honest. Whatever goes wrong with a call is a result with isError that holds
// the coded report; a result that is not a plain success says so. A call is sent
// as package invoke promises: at most once.
//
// Bounded. A message has at most 1 MiB, a server runs a limited number of calls
// at once, and refuses more with a coded error.
//
// What a client sees can be narrowed: to names ([Options].Tools), to tools that
// change nothing ([Options].ReadOnly), or to three tools that search and call
// the others ([Options].Search), for when there are too many to list.
//
// All methods may be used from any goroutine.
//
// # Testing
//
// Connect a client of the SDK by mcp.NewInMemoryTransports to a server on
// bus.NewMemory with registry.Serve and a host.Host, as this package's own
// tests do.
package mcpbridge
