package event

import (
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/fault"
)

// A Connection names the bus that a diagnostic speaks of.
type Connection struct {
	Backend  string // required; memory, ipc, zmq, nats
	Endpoint string // its address, without secrets
}

func (p *Connection) fields(c *codec) {
	text(c, "backend", &p.Backend, required)
	text(c, "endpoint", &p.Endpoint, optional)
}

// BusBound says that a process carries a bus for others: its hub, forwarder or
// server listens.
type BusBound struct{ Connection }

func (p BusBound) visit(c *codec) Payload {
	p.Connection.fields(c)
	return keep(c, p)
}

// BusConnected says that a process has come to a bus.
type BusConnected struct{ Connection }

func (p BusConnected) visit(c *codec) Payload {
	p.Connection.fields(c)
	return keep(c, p)
}

// BusDisconnected says that a process had lost its bus. It is told when the bus
// is back.
type BusDisconnected struct {
	Connection
	Since time.Time // when it was lost
	Error fault.Report
}

func (p BusDisconnected) visit(c *codec) Payload {
	p.Connection.fields(c)
	c.time("since", &p.Since, optional)
	c.report("error", &p.Error, optional)
	return keep(c, p)
}

// BusReconnected says that a process has found its bus again, and that its
// subscriptions are live.
type BusReconnected struct {
	Connection
	Outage     time.Duration // how long it was away; 0 when not known
	Reconnects uint64        // in the life of the process
}

func (p BusReconnected) visit(c *codec) Payload {
	p.Connection.fields(c)
	c.duration("outage_ms", &p.Outage, optional)
	unsigned(c, "reconnects", &p.Reconnects, always)
	return keep(c, p)
}

// BusError says that something failed on a bus.
type BusError struct {
	Connection
	Operation string       // required; call, send, receive, handle
	Error     fault.Report // required; the last one
	Count     uint64       // since the last such diagnostic
}

func (p BusError) visit(c *codec) Payload {
	p.Connection.fields(c)
	text(c, "operation", &p.Operation, required)
	c.report("error", &p.Error, required)
	unsigned(c, "count", &p.Count, always)
	return keep(c, p)
}

// BusPing asks every process on a bus how it is, and, with a subject, who of
// them listens there.
type BusPing struct{ Subject Subject }

func (p BusPing) visit(c *codec) Payload {
	text(c, "subject", &p.Subject, optional)
	return keep(c, p)
}

// BusPong answers a [BusPing].
type BusPong struct {
	Connection
	Name          string          // of the program, for people
	Host          string          // boot id or host id
	PID           int             //
	Subscribers   int             // live subscriptions that want the subject asked for
	Health        json.RawMessage // of this process's connection, as "onex bus health -o json" prints it
	Subscriptions json.RawMessage // of this process: filter by filter
}

func (p BusPong) visit(c *codec) Payload {
	p.Connection.fields(c)
	text(c, "name", &p.Name, optional)
	text(c, "host", &p.Host, optional)
	integer(c, "pid", &p.PID, optional)
	integer(c, "subscribers", &p.Subscribers, always)
	c.object("health", &p.Health, optional)
	c.object("subscriptions", &p.Subscriptions, optional)
	return keep(c, p)
}

// EventUnheard says that an event was published that nobody subscribed to and
// no store keeps. It is told once for each subject.
type EventUnheard struct{ Reference }

func (p EventUnheard) visit(c *codec) Payload {
	p.Reference.fields(c)
	return keep(c, p)
}

func (BusBound) Kind() Kind        { return KindBusBound }
func (BusConnected) Kind() Kind    { return KindBusConnected }
func (BusDisconnected) Kind() Kind { return KindBusDisconnected }
func (BusReconnected) Kind() Kind  { return KindBusReconnected }
func (BusError) Kind() Kind        { return KindBusError }
func (BusPing) Kind() Kind         { return KindBusPing }
func (BusPong) Kind() Kind         { return KindBusPong }
func (EventUnheard) Kind() Kind    { return KindEventUnheard }

func (BusBound) payload()        {}
func (BusConnected) payload()    {}
func (BusDisconnected) payload() {}
func (BusReconnected) payload()  {}
func (BusError) payload()        {}
func (BusPing) payload()         {}
func (BusPong) payload()         {}
func (EventUnheard) payload()    {}
