package otlp

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/trace"
)

// ErrSettings is returned when a variable of the OpenTelemetry environment has a
// value that cannot be used, or asks for what onex does not have, such as the protocol grpc.
// docs/telemetry.md lists the variables.
var ErrSettings = fault.New("ONEX_CORE_047_OTEL_SETTINGS", fault.Invalid, "invalid OpenTelemetry setting").
	Hinted("docs/telemetry.md lists the variables; unset them, or set OTEL_SDK_DISABLED=true, to go without")

// settings are what the environment says.
type settings struct {
	traces, metrics *target // nil: not wanted
	service         string
	resource        []attribute
	sample          func(parent trace.Context, id trace.ID) bool

	queue, batch int           // spans
	delay        time.Duration // until a batch is sent that is not full
	interval     time.Duration // between metrics
}

// A target is where one signal goes.
type target struct {
	url     string
	headers map[string]string
	timeout time.Duration
	gzip    bool

	ca, cert, key string // paths
}

// Defaults of the specification.
const (
	defaultTimeout  = 10 * time.Second
	defaultQueue    = 2048
	defaultBatch    = 512
	defaultDelay    = 5 * time.Second
	defaultInterval = time.Minute
)

// An environment reads variables and remembers the first that is wrong.
type environment struct {
	getenv func(string) string
	err    error
}

// read returns what the environment says; nil when it asks for nothing.
func read(getenv func(string) string) (*settings, error) {
	e := &environment{getenv: getenv}
	if disabled, _ := strconv.ParseBool(getenv("OTEL_SDK_DISABLED")); disabled {
		return nil, nil
	}
	s := &settings{traces: e.target("TRACES", "/v1/traces"), metrics: e.target("METRICS", "/v1/metrics")}
	if s.traces == nil && s.metrics == nil {
		return nil, e.err
	}
	s.queue = e.number("OTEL_BSP_MAX_QUEUE_SIZE", defaultQueue)
	s.batch = min(e.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", defaultBatch), s.queue)
	s.delay = e.millis("OTEL_BSP_SCHEDULE_DELAY", defaultDelay)
	s.interval = e.millis("OTEL_METRIC_EXPORT_INTERVAL", defaultInterval)
	s.sample = e.sampler()
	s.service = "onex"
	for _, pair := range e.pairs("OTEL_RESOURCE_ATTRIBUTES") {
		if pair[0] == "service.name" {
			s.service = pair[1]
			continue
		}
		s.resource = append(s.resource, text(pair[0], pair[1]))
	}
	if name := getenv("OTEL_SERVICE_NAME"); name != "" {
		s.service = name
	}
	return s, e.err
}

func (e *environment) wrong(name, value, why string) {
	if e.err == nil {
		e.err = ErrSettings.With("%s: %q %s", name, value, why)
	}
}

// of returns the value of a variable of one signal, or else of all signals.
func (e *environment) of(signal, rest string) (name, value string) {
	name = "OTEL_EXPORTER_OTLP_" + signal + "_" + rest
	if value = e.getenv(name); value == "" {
		name = "OTEL_EXPORTER_OTLP_" + rest
		value = e.getenv(name)
	}
	return name, value
}

// target returns where a signal goes; nil for nowhere.
func (e *environment) target(signal, path string) *target {
	name := "OTEL_" + signal + "_EXPORTER"
	switch v := e.getenv(name); v {
	case "", "otlp":
	case "none":
		return nil
	default:
		e.wrong(name, v, "is not one of otlp, none")
		return nil
	}
	where := e.getenv("OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT")
	if where == "" {
		if where = e.getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); where == "" {
			return nil
		}
		where = strings.TrimSuffix(where, "/") + path
	}
	if u, err := url.Parse(where); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		e.wrong("OTEL_EXPORTER_OTLP_ENDPOINT", "(its value)", "is not http://host:port or https://host:port")
	}
	t := &target{url: where, headers: map[string]string{}, timeout: defaultTimeout}
	if name, v := e.of(signal, "PROTOCOL"); v != "" && v != "http/json" {
		e.wrong(name, v, "is not http/json, the one that onex speaks; collectors take it where they take http/protobuf")
	}
	switch name, v := e.of(signal, "COMPRESSION"); v {
	case "", "none":
	case "gzip":
		t.gzip = true
	default:
		e.wrong(name, v, "is not one of gzip, none")
	}
	if name, v := e.of(signal, "TIMEOUT"); v != "" {
		t.timeout = e.millis(name, defaultTimeout)
	}
	name, _ = e.of(signal, "HEADERS")
	for _, pair := range e.pairs(name) {
		t.headers[pair[0]] = pair[1]
	}
	_, t.ca = e.of(signal, "CERTIFICATE")
	_, t.cert = e.of(signal, "CLIENT_CERTIFICATE")
	_, t.key = e.of(signal, "CLIENT_KEY")
	return t
}

// pairs reads a=b,c=d with percent-encoded values. Values may be secret and are
// not repeated in errors.
func (e *environment) pairs(name string) (pairs [][2]string) {
	for one := range strings.SplitSeq(e.getenv(name), ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		key, value, ok := strings.Cut(one, "=")
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); !ok || key == "" || err != nil {
			e.wrong(name, "(its value)", "is not a list key=value,key=value")
			continue
		}
		pairs = append(pairs, [2]string{key, plain})
	}
	return pairs
}

func (e *environment) number(name string, otherwise int) int {
	v := e.getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1<<20 {
		e.wrong(name, v, "is not a number from 1 to 1048576")
		return otherwise
	}
	return n
}

func (e *environment) millis(name string, otherwise time.Duration) time.Duration {
	v := e.getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > math.MaxInt32 {
		e.wrong(name, v, "is not a number of milliseconds above 0")
		return otherwise
	}
	return time.Duration(n) * time.Millisecond
}

// sampler returns which traces are exported; the default are those that began here,
// and those whose beginner wants it.
func (e *environment) sampler() func(trace.Context, trace.ID) bool {
	const name = "OTEL_TRACES_SAMPLER"
	v := e.getenv(name)
	ratio := uint64(math.MaxUint64)
	if strings.HasSuffix(v, "traceidratio") {
		ratio = e.ratio()
	}
	root := func(id trace.ID) bool { return below(id, ratio) }
	if v == "always_off" || v == "parentbased_always_off" {
		root = func(trace.ID) bool { return false }
	}
	switch v {
	case "", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio":
		return func(parent trace.Context, id trace.ID) bool {
			if parent.Valid() {
				return parent.Sampled
			}
			return root(id)
		}
	case "always_on", "always_off", "traceidratio":
		return func(_ trace.Context, id trace.ID) bool { return root(id) }
	}
	e.wrong(name, v, "is not one of always_on, always_off, traceidratio, and those with parentbased_ before")
	return nil
}

// ratio returns the bound that random ids are below.
func (e *environment) ratio() uint64 {
	const name = "OTEL_TRACES_SAMPLER_ARG"
	v := e.getenv(name)
	if v == "" {
		return math.MaxUint64
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		e.wrong(name, v, "is not a number from 0 to 1")
		return math.MaxUint64
	}
	if f == 1 {
		return math.MaxUint64
	}
	return uint64(f * (1 << 56))
}

// below compares the last 56 bits of an id, which are random in every standard.
func below(id trace.ID, bound uint64) bool {
	if bound == math.MaxUint64 {
		return true
	}
	var n uint64
	for _, b := range id[9:] {
		n = n<<8 | uint64(b)
	}
	return n < bound
}

// String keeps headers, which hold tokens, out of messages.
func (t *target) String() string { return fmt.Sprintf("%s, %d headers", t.url, len(t.headers)) }
