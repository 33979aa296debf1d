package otlp

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/metric"
	"github.com/omninode-ai/onex/trace"
)

// The messages of OTLP 1.x in their JSON mapping: lowerCamelCase names, 64-bit
// numbers as text, ids in hexadecimal, enums as numbers.
type (
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		Text *string     `json:"stringValue,omitempty"`
		Int  *string     `json:"intValue,omitempty"`
		List *arrayValue `json:"arrayValue,omitempty"`
	}
	arrayValue struct {
		Values []value `json:"values"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scope struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}

	traceRequest struct {
		Resources []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource resource     `json:"resource"`
		Scopes   []scopeSpans `json:"scopeSpans"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	span struct {
		TraceID    string      `json:"traceId"`
		SpanID     string      `json:"spanId"`
		Parent     string      `json:"parentSpanId,omitempty"`
		Flags      uint32      `json:"flags,omitempty"`
		Name       string      `json:"name"`
		Kind       int         `json:"kind"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes,omitempty"`
		Status     *status     `json:"status,omitempty"`
	}
	status struct {
		Message string `json:"message,omitempty"`
		Code    int    `json:"code"`
	}

	metricRequest struct {
		Resources []resourceMetrics `json:"resourceMetrics"`
	}
	resourceMetrics struct {
		Resource resource       `json:"resource"`
		Scopes   []scopeMetrics `json:"scopeMetrics"`
	}
	scopeMetrics struct {
		Scope   scope        `json:"scope"`
		Metrics []metricData `json:"metrics"`
	}
	metricData struct {
		Name        string     `json:"name"`
		Description string     `json:"description,omitempty"`
		Unit        string     `json:"unit,omitempty"`
		Gauge       *points    `json:"gauge,omitempty"`
		Sum         *sum       `json:"sum,omitempty"`
		Histogram   *histogram `json:"histogram,omitempty"`
	}
	points struct {
		Points []point `json:"dataPoints"`
	}
	sum struct {
		Points      []point `json:"dataPoints"`
		Temporality int     `json:"aggregationTemporality"`
		Monotonic   bool    `json:"isMonotonic"`
	}
	point struct {
		Attributes []attribute `json:"attributes,omitempty"`
		Start      string      `json:"startTimeUnixNano,omitempty"`
		Time       string      `json:"timeUnixNano"`
		Value      float64     `json:"asDouble"`
	}
	histogram struct {
		Points      []histogramPoint `json:"dataPoints"`
		Temporality int              `json:"aggregationTemporality"`
	}
	histogramPoint struct {
		Attributes []attribute `json:"attributes,omitempty"`
		Start      string      `json:"startTimeUnixNano"`
		Time       string      `json:"timeUnixNano"`
		Count      string      `json:"count"`
		Sum        float64     `json:"sum"`
		Counts     []string    `json:"bucketCounts"`
		Bounds     []float64   `json:"explicitBounds"`
	}
)

// Numbers of enums.
const (
	kindInternal = 1
	kindServer   = 2
	kindClient   = 3

	statusError = 2

	cumulative = 2
)

func text(key, v string) attribute { return attribute{key, value{Text: &v}} }

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// spanOf is s as it is sent, redacted.
func spanOf(s trace.Span) span {
	out := span{
		TraceID: s.Trace.String(), SpanID: s.Span.String(), Name: s.Name(), Flags: 1,
		Kind: kindInternal, Start: nanos(s.Began), End: nanos(s.Ended),
	}
	if s.Parent != (trace.SpanID{}) {
		out.Parent = s.Parent.String()
	}
	switch s.Kind {
	case trace.Client:
		out.Kind = kindClient
	case trace.Server:
		out.Kind = kindServer
	}
	for _, a := range [][2]string{
		{"onex.operation", s.Operation}, {"onex.function", s.Function}, {"onex.node", s.Node}, {"onex.node_id", s.NodeID},
		{"onex.status", s.Status},
	} {
		if a[1] != "" {
			out.Attributes = append(out.Attributes, text(a[0], event.CleanText(a[1])))
		}
	}
	if s.Correlation != (trace.ID{}) {
		out.Attributes = append(out.Attributes, text("onex.correlation_id", event.ID(s.Correlation).String()))
	}
	if len(s.Arguments) > 0 {
		list := &arrayValue{}
		for _, name := range s.Arguments {
			list.Values = append(list.Values, text("", name).Value)
		}
		out.Attributes = append(out.Attributes, attribute{"onex.arguments", value{List: list}})
	}
	if s.Error != nil {
		out.Status = &status{event.CleanText(s.Error.Message), statusError}
		out.Attributes = append(out.Attributes, text("error.type", string(s.Error.Class)), text("onex.code", string(s.Error.Code)))
	}
	return out
}

// metricOf is a family as it is sent.
func metricOf(f metric.Family, began, now time.Time) metricData {
	m := metricData{Name: f.Name, Description: f.Help}
	switch f.Type {
	case metric.Histogram:
		m.Histogram = &histogram{Temporality: cumulative}
		for _, s := range f.Samples {
			p := histogramPoint{
				Attributes: labels(s), Start: nanos(began), Time: nanos(now),
				Count: strconv.FormatUint(s.Count, 10), Sum: s.Value, Bounds: f.Bounds,
			}
			for _, n := range s.Buckets {
				p.Counts = append(p.Counts, strconv.FormatUint(n, 10))
			}
			m.Histogram.Points = append(m.Histogram.Points, p)
		}
	case metric.Counter:
		m.Sum = &sum{Points: pointsOf(f, nanos(began), now), Temporality: cumulative, Monotonic: true}
	default:
		m.Gauge = &points{pointsOf(f, "", now)}
	}
	return m
}

func pointsOf(f metric.Family, began string, now time.Time) []point {
	out := []point{}
	for _, s := range f.Samples {
		out = append(out, point{Attributes: labels(s), Start: began, Time: nanos(now), Value: s.Value})
	}
	return out
}

func labels(s metric.Sample) []attribute {
	var out []attribute
	for _, l := range s.Labels {
		out = append(out, text(l.Name, l.Value))
	}
	return out
}

// encodeSpans returns the request that carries spans.
func (e *Exporter) encodeSpans(all []trace.Span) ([]byte, error) {
	out := scopeSpans{Scope: e.scope}
	for _, s := range all {
		out.Spans = append(out.Spans, spanOf(s))
	}
	return json.Marshal(traceRequest{[]resourceSpans{{e.resource, []scopeSpans{out}}}})
}

// encodeMetrics returns the request that carries metrics.
func (e *Exporter) encodeMetrics(all []metric.Family, now time.Time) ([]byte, error) {
	out := scopeMetrics{Scope: e.scope}
	for _, f := range all {
		if len(f.Samples) > 0 {
			out.Metrics = append(out.Metrics, metricOf(f, e.began, now))
		}
	}
	return json.Marshal(metricRequest{[]resourceMetrics{{e.resource, []scopeMetrics{out}}}})
}
