// Package clients holds programs in other languages that speak to the bus
// themselves: clients that list and call tools, and programs that are nodes. They need
// no ONEX, only NATS: python/ the standard library, javascript/ @nats-io/transport-node.
//
//	onex up &                                     # says where its bus is: ONEX_BUS=unix:///…
//	ONEX_BUS=unix:///… examples/clients/python/client.py
//
// They are as small as they can be, to be read and copied; docs/clients.md explains
// what they do. For a tool that is to be run with limits, restarts and checks of
// its contract, let a host run it instead: see docs/write-a-node.md.
package clients
