package natsbus

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
)

const (
	// serviceQueue is the queue group of endpoints, as it is usual: of the
	// instances of a service one gets each request.
	serviceQueue = "q"

	// withdrawTime bounds the wait for requests that are on their way to a service
	// that ends.
	withdrawTime = 2 * time.Second
)

// A service answers the services protocol of NATS ($SRV.PING, INFO and STATS)
// for one node, and calls its endpoints. The library's own implementation runs
// one request at a time and gives itself an id.
type service struct {
	bus       *Bus
	about     micro.Info
	started   time.Time
	endpoints []*endpoint
	subs      []*nats.Subscription
	ctx       context.Context // of requests; ends with the service or the bus
	cancel    context.CancelFunc

	mu     sync.Mutex
	closed bool // no call is begun any more
	calls  sync.WaitGroup
}

// An endpoint is a subject and what is counted of it.
type endpoint struct {
	bus.Endpoint
	info micro.EndpointInfo

	mu    sync.Mutex
	stats micro.EndpointStats
}

// Offer implements [bus.Services]. Endpoints are at <prefix>_call.<node>.<tool>; a
// result is the answer's text, an error is in its header as the protocol has it, and
// as JSON in its text.
func (b *Bus) Offer(ctx context.Context, s bus.Service) (withdraw func(), err error) {
	o := &service{bus: b, started: time.Now().UTC(), about: micro.Info{
		ServiceIdentity: micro.ServiceIdentity{Name: s.Name, ID: s.ID, Version: s.Version, Metadata: metadata(s.Metadata)},
		Type:            micro.InfoResponseType, Description: s.Description,
	}}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	b.mu.Lock()
	closed := b.closed
	b.services[o] = struct{}{}
	b.mu.Unlock()
	if closed {
		return nil, bus.ErrClosed
	}
	if err := o.listen(ctx, s.Endpoints); err != nil {
		o.withdraw()
		return nil, coded(err, "offering %s", s.Name)
	}
	return sync.OnceFunc(o.withdraw), nil
}

func metadata(m map[string]string) map[string]string {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]string{} // the protocol has an object there, always
	}
	return m
}

func (o *service) listen(ctx context.Context, endpoints []bus.Endpoint) error {
	for _, one := range endpoints {
		e := &endpoint{Endpoint: one, info: micro.EndpointInfo{
			Name: one.Name, Subject: o.bus.prefix + "_call." + o.about.Name + "." + one.Name,
			QueueGroup: serviceQueue, Metadata: metadata(one.Metadata),
		}}
		e.stats = micro.EndpointStats{Name: e.info.Name, Subject: e.info.Subject, QueueGroup: serviceQueue}
		o.endpoints = append(o.endpoints, e)
		o.about.Endpoints = append(o.about.Endpoints, e.info)
		s, err := o.bus.nc.QueueSubscribe(e.info.Subject, serviceQueue, func(m *nats.Msg) { o.serve(e, m) })
		if err != nil {
			return err
		}
		o.subs = append(o.subs, s)
	}
	for verb, answer := range map[micro.Verb]func() ([]byte, error){
		micro.PingVerb: func() ([]byte, error) {
			return json.Marshal(micro.Ping{ServiceIdentity: o.about.ServiceIdentity, Type: micro.PingResponseType})
		},
		micro.InfoVerb:  func() ([]byte, error) { return json.Marshal(o.about) },
		micro.StatsVerb: func() ([]byte, error) { return json.Marshal(o.stats()) },
	} {
		if err := o.control(verb, answer); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return o.bus.nc.FlushWithContext(ctx)
}

// control answers a verb: asked of all, of those of our name, and of ourselves.
func (o *service) control(verb micro.Verb, answer func() ([]byte, error)) error {
	for _, who := range [][2]string{{"", ""}, {o.about.Name, ""}, {o.about.Name, o.about.ID}} {
		subject, err := micro.ControlSubject(verb, who[0], who[1])
		if err != nil {
			return err
		}
		s, err := o.bus.nc.Subscribe(subject, func(m *nats.Msg) {
			text, err := answer()
			if err == nil {
				err = m.Respond(text)
			}
			o.bus.meter.Failed(err)
		})
		if err != nil {
			return err
		}
		o.subs = append(o.subs, s)
	}
	return nil
}

func (o *service) stats() micro.Stats {
	s := micro.Stats{ServiceIdentity: o.about.ServiceIdentity, Type: micro.StatsResponseType, Started: o.started}
	for _, e := range o.endpoints {
		e.mu.Lock()
		one := e.stats
		e.mu.Unlock()
		s.Endpoints = append(s.Endpoints, &one)
	}
	return s
}

// serve answers a request without keeping the next one waiting.
func (o *service) serve(e *endpoint, m *nats.Msg) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.bus.meter.Failed(m.RespondMsg(refusalOf(bus.ErrClosed.With("%s", o.about.Name))))
		return
	}
	o.calls.Go(func() {
		began := time.Now()
		result, err := e.Call(o.ctx, m.Data)
		e.count(time.Since(began), err)
		reply := &nats.Msg{Data: result}
		if err != nil {
			reply = refusalOf(err)
		}
		o.bus.meter.Failed(m.RespondMsg(reply))
	})
}

// refusalOf returns the answer that says err.
func refusalOf(err error) *nats.Msg {
	r := fault.ReportOf(err)
	text, _ := json.Marshal(r) // it holds nothing that JSON cannot
	header := nats.Header{}
	header.Set(micro.ErrorHeader, strings.Map(printable, r.Message))
	header.Set(micro.ErrorCodeHeader, string(r.Code))
	return &nats.Msg{Header: header, Data: text}
}

func (e *endpoint) count(took time.Duration, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.NumRequests++
	e.stats.ProcessingTime += took
	e.stats.AverageProcessingTime = e.stats.ProcessingTime / time.Duration(e.stats.NumRequests)
	if err != nil {
		e.stats.NumErrors++
		e.stats.LastError = err.Error()
	}
}

// withdraw takes no further requests, answers those that are here, and returns.
func (o *service) withdraw() {
	end := time.Now().Add(withdrawTime)
	for _, s := range o.subs {
		_ = s.Drain() // fails with the connection, which ends the subscription
	}
	for _, s := range o.subs {
		for s.IsValid() && time.Now().Before(end) {
			pauseFor(o.ctx, time.Millisecond)
		}
		_ = s.Unsubscribe() // it is gone, as a rule
	}
	o.finish()
	o.cancel()
	o.bus.mu.Lock()
	defer o.bus.mu.Unlock()
	delete(o.bus.services, o)
}

// finish begins no further call and waits for those under way.
func (o *service) finish() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.calls.Wait()
}

// close ends the service with the bus: calls under way are told to end.
func (o *service) close() {
	o.cancel()
	o.finish()
}
