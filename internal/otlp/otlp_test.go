package otlp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/internal/otlp"
	"github.com/omninode-ai/onex/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A collector is what a program sends to. It answers with its statuses, then 200.
type collector struct {
	*httptest.Server

	mu       sync.Mutex
	statuses []int
	requests []received
}

type received struct {
	path   string
	header http.Header
	body   []byte
}

func newCollector(t *testing.T, statuses ...int) *collector {
	c := &collector{statuses: statuses}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(r.Body)
	}
	text, _ := io.ReadAll(body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, received{r.URL.Path, r.Header, text})
	if len(c.statuses) > 0 {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(c.statuses[0])
		c.statuses = c.statuses[1:]
	}
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// record makes n spans below another and closes the exporter.
func record(t *testing.T, e *otlp.Exporter, n int, fail *fault.Report) {
	t.Helper()
	ctx, outer := trace.Begin(t.Context(), e, trace.Span{Operation: "invoke", Function: "greet", Kind: trace.Client, Correlation: trace.ID{1: 7}})
	for range n {
		_, inner := trace.Begin(ctx, e, trace.Span{Operation: "tool", Function: "greet", Kind: trace.Server, Node: "greeter", Arguments: []string{"name"}})
		inner.Status("error")
		inner.Fail(fail)
	}
	outer.End(nil)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	e.Close(ctx)
	e.Close(ctx)
}

// TestSpansAreOTLP holds that the protocol's own definition reads what is sent.
func TestSpansAreOTLP(t *testing.T) {
	c := newCollector(t)
	e, err := otlp.New(env("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL+"/", "OTEL_EXPORTER_OTLP_HEADERS", "x-token=a%20b,y=2",
		"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "OTEL_SERVICE_NAME", "mine", "OTEL_RESOURCE_ATTRIBUTES", "team=blue,service.name=other"),
		&otlp.Options{Version: "1.2.3", Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	record(t, e, 1, &fault.Report{Code: "ONEX_X", Class: fault.Conflict, Message: "no password=hunter2"})
	if len(c.requests) != 1 || c.requests[0].path != "/v1/traces" || c.requests[0].header.Get("X-Token") != "a b" {
		t.Fatalf("%+v", c.requests)
	}
	if h := c.requests[0].header; h.Get("Content-Type") != "application/json" || h.Get("Y") != "2" {
		t.Errorf("headers %v", h)
	}
	if bytes.Contains(c.requests[0].body, []byte("hunter2")) {
		t.Errorf("a secret is sent: %s", c.requests[0].body)
	}
	var data tracepb.TracesData
	if err := protojson.Unmarshal(c.requests[0].body, &data); err != nil {
		t.Fatalf("%v\n%s", err, c.requests[0].body)
	}
	about := map[string]string{}
	for _, a := range data.ResourceSpans[0].Resource.Attributes {
		about[a.Key] = a.Value.GetStringValue()
	}
	if about["service.name"] != "mine" || about["service.version"] != "1.2.3" || about["team"] != "blue" || about["service.instance.id"] != "n1" {
		t.Errorf("resource %v", about)
	}
	spans := data.ResourceSpans[0].ScopeSpans[0].Spans
	inner, outer := spans[0], spans[1]
	if inner.Name != "tool greet" || inner.Kind != tracepb.Span_SPAN_KIND_SERVER || outer.Kind != tracepb.Span_SPAN_KIND_CLIENT {
		t.Errorf("spans %v and %v", inner, outer)
	}
	// Ids are hexadecimal in OTLP, where the definition says bytes (base64).
	if id := base64.StdEncoding.EncodeToString(inner.TraceId); id != "00070000000000000000000000000000" || len(inner.ParentSpanId) == 0 || string(inner.ParentSpanId) != string(outer.SpanId) {
		t.Errorf("trace %s, parent %x of %x", id, inner.ParentSpanId, outer.SpanId)
	}
	if inner.Status.Code != tracepb.Status_STATUS_CODE_ERROR || inner.EndTimeUnixNano < inner.StartTimeUnixNano || inner.StartTimeUnixNano == 0 {
		t.Errorf("status %v, times %d to %d", inner.Status, inner.StartTimeUnixNano, inner.EndTimeUnixNano)
	}
}

// TestMetricsAreOTLP is the same for numbers, which are sent at the end, too.
func TestMetricsAreOTLP(t *testing.T) {
	c := newCollector(t)
	h := metric.Vector{Family: metric.Family{Name: "onex_h", Bounds: []float64{1}}, Labels: []string{"tool"}}
	h.Observe(0.5, "a")
	h.Observe(2, "a")
	e, err := otlp.New(env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", c.URL+"/own"), &otlp.Options{Metrics: func(context.Context) []metric.Family {
		return []metric.Family{
			{Name: "onex_c", Type: metric.Counter, Samples: []metric.Sample{{Value: 2}}},
			{Name: "onex_g", Type: metric.Gauge, Samples: []metric.Sample{{Value: 1.5}}},
			{Name: "onex_none", Type: metric.Gauge},
			h.Collect(),
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	record(t, e, 1, nil)
	if len(c.requests) != 1 || c.requests[0].path != "/own" {
		t.Fatalf("%+v", c.requests)
	}
	var data v1.MetricsData
	if err := protojson.Unmarshal(c.requests[0].body, &data); err != nil {
		t.Fatalf("%v\n%s", err, c.requests[0].body)
	}
	all := data.ResourceMetrics[0].ScopeMetrics[0].Metrics
	if len(all) != 3 || !all[0].GetSum().IsMonotonic || all[0].GetSum().AggregationTemporality != v1.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE {
		t.Fatalf("%v", all)
	}
	p := all[2].GetHistogram().DataPoints[0]
	if p.Count != 2 || p.GetSum() != 2.5 || len(p.BucketCounts) != 2 || p.BucketCounts[1] != 1 || all[1].GetGauge().DataPoints[0].GetAsDouble() != 1.5 {
		t.Errorf("%v", p)
	}
}

// TestNothingIsSent where nobody asked for it, or somebody asked not to.
func TestNothingIsSent(t *testing.T) {
	for _, vars := range [][]string{
		nil,
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1", "OTEL_SDK_DISABLED", "true"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1", "OTEL_TRACES_EXPORTER", "none", "OTEL_METRICS_EXPORTER", "none"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, // without an endpoint it concerns others
	} {
		if e, err := otlp.New(env(vars...), nil); e != nil || err != nil {
			t.Errorf("%q: %v, %v", vars, e, err)
		}
	}
}

// TestSettingsThatCannotBe are named, and their values only where they are no
// secrets.
func TestSettingsThatCannotBe(t *testing.T) {
	const end = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, tt := range []struct{ name, value, want string }{
		{end, "localhost:4318", "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", `"grpc" is not http/json`},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf", "TRACES_PROTOCOL"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "s3cr3t", "HEADERS"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zip", `"zip" is not one of gzip, none`},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "-1", "milliseconds"},
		{"OTEL_TRACES_EXPORTER", "zipkin", `"zipkin" is not one of otlp, none`},
		{"OTEL_TRACES_SAMPLER", "often", `"often"`},
		{"OTEL_BSP_MAX_QUEUE_SIZE", "0", "OTEL_BSP_MAX_QUEUE_SIZE"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", "nowhere.pem", "nowhere.pem"},
		{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "nowhere.pem", "CLIENT_CERTIFICATE"},
	} {
		e, err := otlp.New(env(tt.name, tt.value, end, "http://localhost:1"), nil)
		if e != nil || fault.ReportOf(err).Code != otlp.ErrSettings.Code || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s=%s: %v, %v", tt.name, tt.value, e, err)
		}
	}
}

// TestSamplers holds which traces are exported.
func TestSamplers(t *testing.T) {
	yes, no := trace.Context{Trace: trace.ID{1}, Span: trace.SpanID{1}, Sampled: true}, trace.Context{Trace: trace.ID{1}, Span: trace.SpanID{1}}
	low, high := trace.ID{0: 1}, trace.ID{9: 0xff}
	for _, tt := range []struct {
		sampler, arg                 string
		rootLow, rootHigh, off, sets bool // for a root with each id, below a parent that says no, and yes
	}{
		{"", "", true, true, false, true},
		{"always_on", "", true, true, true, true},
		{"always_off", "", false, false, false, false},
		{"traceidratio", "0.5", true, false, true, true},
		{"parentbased_traceidratio", "0.5", true, false, false, true},
		{"parentbased_traceidratio", "0", false, false, false, true},
		{"parentbased_traceidratio", "1", true, true, false, true},
		{"parentbased_always_off", "", false, false, false, true},
	} {
		e, err := otlp.New(env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1", "OTEL_TRACES_SAMPLER", tt.sampler, "OTEL_TRACES_SAMPLER_ARG", tt.arg), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := []bool{e.Sample(trace.Context{}, low), e.Sample(trace.Context{}, high), e.Sample(no, low), e.Sample(yes, low)}
		e.Close(t.Context())
		for i, want := range []bool{tt.rootLow, tt.rootHigh, tt.off, tt.sets} {
			if got[i] != want {
				t.Errorf("%s %s: decision %d is %t", tt.sampler, tt.arg, i, got[i])
			}
		}
	}
}

// TestWhatIsRefusedIsSentAgain, and in the end dropped, counted and said once.
func TestWhatIsRefusedIsSentAgain(t *testing.T) {
	for _, tt := range []struct {
		statuses []int
		requests int
		lost     uint64
	}{
		{[]int{503}, 2, 0},
		{[]int{429}, 2, 0},
		{[]int{503, 503, 503, 503}, 2, 3}, // a process that ends has no time for more
		{[]int{400}, 1, 3},
	} {
		c := newCollector(t, tt.statuses...)
		var out bytes.Buffer
		e, err := otlp.New(env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.URL), &otlp.Options{Log: slog.New(slog.NewTextHandler(&out, nil))})
		if err != nil {
			t.Fatal(err)
		}
		record(t, e, 2, nil)
		if len(c.requests) != tt.requests || e.Lost() != tt.lost || strings.Count(out.String(), "\n") != int(min(tt.lost, 1)) {
			t.Errorf("%v: %d requests, %d lost, log %q", tt.statuses, len(c.requests), e.Lost(), out.String())
		}
	}
}

// TestTheQueueIsBounded holds that a collector which is away costs no memory
// without end, and no time.
func TestTheQueueIsBounded(t *testing.T) {
	e, err := otlp.New(env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_BSP_MAX_QUEUE_SIZE", "10"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		_, s := trace.Begin(t.Context(), e, trace.Span{Operation: "tool"})
		s.End(nil)
	}
	if e.Lost() < 900 {
		t.Errorf("%d of 1000 spans are lost", e.Lost())
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	e.Close(ended)
	if e.Lost() != 1000 {
		t.Errorf("%d of 1000 spans are counted", e.Lost())
	}
}

// TestTLS holds that a collector's certificate is checked.
func TestTLS(t *testing.T) {
	c := &collector{}
	c.Server = httptest.NewTLSServer(c)
	c.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	defer c.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, lost := range map[string]uint64{ca: 0, "": 2} {
		e, err := otlp.New(env("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL, "OTEL_EXPORTER_OTLP_CERTIFICATE", path), nil)
		if err != nil {
			t.Fatal(err)
		}
		record(t, e, 1, nil)
		if e.Lost() != lost {
			t.Errorf("with the authority %q %d spans are lost", path, e.Lost())
		}
	}
}
