package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/trace"
)

// How what was not accepted is sent again.
const (
	attempts   = 4
	firstPause = 250 * time.Millisecond // doubles
	maxPause   = 10 * time.Second       // that a collector may ask for
	maxAnswer  = 64 << 10               // bytes of an answer that are read
)

// Options say who sends. The zero value is good enough.
type Options struct {
	Version string // of the service
	Node    string // service.instance.id; default none
	Log     *slog.Logger

	// Metrics returns what is to be sent regularly; nil sends none.
	Metrics func(context.Context) []metric.Family
}

// An Exporter sends spans, and metrics, until Close. It is a trace.Recorder.
type Exporter struct {
	o        Options
	s        *settings
	scope    scope
	resource resource
	began    time.Time
	traces   *http.Client
	metrics  *http.Client

	queue chan trace.Span
	full  chan struct{} // a token: a batch is there
	stop  chan struct{}
	tasks sync.WaitGroup
	once  sync.Once
	final context.Context // bounds what Close sends
	abort context.CancelFunc

	lost   atomic.Uint64
	failed atomic.Bool // the last request, and it was said
}

// New returns an exporter as the environment says, or nil when it asks for
// nothing. It fails with [ErrSettings].
func New(getenv func(string) string, o *Options) (*Exporter, error) {
	s, err := read(getenv)
	if s == nil || err != nil {
		return nil, err
	}
	e := &Exporter{s: s, began: time.Now(), queue: make(chan trace.Span, s.queue), full: make(chan struct{}, 1), stop: make(chan struct{})}
	if o != nil {
		e.o = *o
	}
	if e.o.Log == nil {
		e.o.Log = slog.New(slog.DiscardHandler)
	}
	e.scope = scope{"github.com/omninode-ai/onex", e.o.Version}
	e.resource.Attributes = append([]attribute{text("service.name", s.service)}, s.resource...)
	for _, a := range [][2]string{{"service.version", e.o.Version}, {"service.instance.id", e.o.Node}} {
		if a[1] != "" {
			e.resource.Attributes = append(e.resource.Attributes, text(a[0], a[1]))
		}
	}
	pid := strconv.Itoa(os.Getpid())
	e.resource.Attributes = append(e.resource.Attributes, attribute{"process.pid", value{Int: &pid}})
	if e.traces, err = clientOf(s.traces); err != nil {
		return nil, err
	}
	if e.metrics, err = clientOf(s.metrics); err != nil {
		return nil, err
	}
	e.final, e.abort = context.WithCancel(context.Background())
	if s.traces != nil {
		e.tasks.Go(e.sendSpans)
	}
	if s.metrics != nil && e.o.Metrics != nil {
		e.tasks.Go(e.sendMetrics)
	}
	return e, nil
}

// clientOf returns a client for a target, with its certificates.
func clientOf(t *target) (*http.Client, error) {
	if t == nil {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.ca != "" {
		pem, err := os.ReadFile(t.ca)
		if err != nil {
			return nil, ErrSettings.Wrap(err, "OTEL_EXPORTER_OTLP_CERTIFICATE")
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, ErrSettings.With("OTEL_EXPORTER_OTLP_CERTIFICATE: no certificate in %s", t.ca)
		}
	}
	if t.cert != "" || t.key != "" {
		pair, err := tls.LoadX509KeyPair(t.cert, t.key)
		if err != nil {
			return nil, ErrSettings.Wrap(err, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _CLIENT_KEY")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
	}}, nil
}

// Sample implements trace.Recorder.
func (e *Exporter) Sample(parent trace.Context, id trace.ID) bool {
	return e.s.traces != nil && e.s.sample(parent, id)
}

// Began implements trace.Recorder.
func (e *Exporter) Began(trace.Span) {}

// Ended implements trace.Recorder. It never waits.
func (e *Exporter) Ended(s trace.Span) {
	if !s.Sampled || e.s.traces == nil {
		return
	}
	select {
	case e.queue <- s:
	default:
		e.lost.Add(1)
		return
	}
	if len(e.queue) >= e.s.batch {
		select {
		case e.full <- struct{}{}:
		default:
		}
	}
}

// Lost returns how many spans were dropped.
func (e *Exporter) Lost() uint64 { return e.lost.Load() }

// Close sends what waits, until ctx ends, and ends the exporter. It is idempotent.
func (e *Exporter) Close(ctx context.Context) {
	e.once.Do(func() {
		defer context.AfterFunc(ctx, e.abort)()
		close(e.stop)
		e.tasks.Wait()
		e.abort()
		for _, c := range []*http.Client{e.traces, e.metrics} {
			if c != nil {
				c.CloseIdleConnections()
			}
		}
	})
}

// sendSpans sends batches: full ones at once, others after a delay.
func (e *Exporter) sendSpans() {
	tick := time.NewTicker(e.s.delay)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-tick.C:
		case <-e.full:
		case <-e.stop:
			ended = true
		}
		for all := e.take(); len(all) > 0; all = e.take() {
			if !e.send(e.s.traces, e.traces, ended, func() ([]byte, error) { return e.encodeSpans(all) }) {
				e.lost.Add(uint64(len(all)))
			}
		}
	}
}

func (e *Exporter) take() (all []trace.Span) {
	for len(all) < e.s.batch {
		select {
		case s := <-e.queue:
			all = append(all, s)
		default:
			return all
		}
	}
	return all
}

func (e *Exporter) sendMetrics() {
	tick := time.NewTicker(e.s.interval)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-tick.C:
		case <-e.stop:
			ended = true
		}
		families := e.o.Metrics(e.final)
		e.send(e.s.metrics, e.metrics, ended, func() ([]byte, error) { return e.encodeMetrics(families, time.Now()) })
	}
}

// send sends one request, several times if need be, and reports whether it was
// accepted. The first failure after a success is logged.
func (e *Exporter) send(t *target, c *http.Client, last bool, encode func() ([]byte, error)) bool {
	body, err := encode()
	for n := 0; err == nil; n++ {
		var again time.Duration
		if again, err = e.post(t, c, body, n); err == nil {
			e.failed.Store(false)
			return true
		}
		if again == 0 || n+1 >= attempts || last && n > 0 || !e.pause(again) {
			break
		}
		err = nil
	}
	if !e.failed.Swap(true) {
		e.o.Log.Warn("telemetry cannot be sent", "to", event.CleanText(t.url), "error", err)
	}
	return false
}

func (e *Exporter) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.final.Done():
		return false
	}
}

// post makes one attempt. When it fails it returns after which pause another one makes
// sense; 0 for never.
func (e *Exporter) post(t *target, c *http.Client, body []byte, n int) (again time.Duration, err error) {
	ctx, cancel := context.WithTimeout(e.final, t.timeout)
	defer cancel()
	r, err := request(ctx, t, body)
	if err != nil {
		return 0, err
	}
	answer, err := c.Do(r)
	if err != nil {
		return firstPause << n, err
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch answer.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return 0, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = firstPause << n
		if s, bad := strconv.Atoi(answer.Header.Get("Retry-After")); bad == nil {
			again = min(max(time.Millisecond, time.Duration(s)*time.Second), maxPause)
		}
	}
	return again, fmt.Errorf("%s: %.200s", answer.Status, said)
}

func request(ctx context.Context, t *target, body []byte) (*http.Request, error) {
	if t.gzip {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(body) // into memory
		w.Close()
		body = b.Bytes()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "onex-otlp")
	if t.gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	for name, v := range t.headers {
		r.Header.Set(name, v)
	}
	return r, nil
}
