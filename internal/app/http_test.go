package app_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/telemetry"
)

// get returns the status and the text of an answer.
func get(t *testing.T, url, host string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	a, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(text), a.Header
}

// TestMetricsAndHealth holds what a daemon tells by HTTP: every metric of the
// table and none beside it, as Prometheus reads it, and that it is well.
func TestMetricsAndHealth(t *testing.T) {
	r, stop := up(t, configured(t, "ONEX_HTTP", "127.0.0.1:0"))
	ended := sync.OnceValue(stop)
	defer ended()
	base := "http://" + r.HTTP
	status, text, header := get(t, base+"/metrics", "")
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %v", status, header)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	rare := []string{"onex_call_duration_seconds", "onex_bus_events_dropped_total", "onex_calls_in_flight"} // only when there were any
	for _, d := range telemetry.Descriptions() {
		f := families[d.Name]
		if f == nil {
			if !slices.Contains(rare, d.Name) {
				t.Errorf("%s is in the table and not told", d.Name)
			}
			continue
		}
		delete(families, d.Name)
		if strings.ToLower(f.GetType().String()) != string(d.Type) || strings.HasSuffix(d.Name, "_total") != (d.Type == "counter") {
			t.Errorf("%s is a %s", d.Name, f.GetType())
		}
		for _, l := range f.GetMetric()[0].GetLabel() {
			if !strings.Contains(d.Labels, l.GetName()) {
				t.Errorf("%s has a label %s, the table says %q", d.Name, l.GetName(), d.Labels)
			}
		}
	}
	for name := range families {
		t.Errorf("%s is told and not in the table", name)
	}
	for _, want := range []string{"onex_ready 1\n", `onex_nodes{status="online"} `, `onex_healthy{part="store"} 1`, `onex_bus_connected{backend="nats"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		status, text, _ := get(t, base+path, "")
		var v app.Vitals
		if err := json.Unmarshal([]byte(text), &v); err != nil || status != 200 || v.Status != "ok" || len(v.Parts) != 3 {
			t.Errorf("%s: %d %s (%v)", path, status, text, err)
		}
	}
	if status, _, _ := get(t, base+"/metrics", "evil.example"); status != http.StatusForbidden {
		t.Errorf("under a foreign name: %d", status)
	}
	if status, _, _ := get(t, base+"/metrics", "localhost:1"); status != 200 {
		t.Errorf("under the name localhost: %d", status)
	}
	if status, _, _ := get(t, base+"/debug", ""); status != http.StatusNotFound {
		t.Errorf("another path: %d", status)
	}
	if err := ended(); err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", r.HTTP); err == nil {
		c.Close()
		t.Error("the port is still open")
	}
}

// TestHTTPAddresses holds who is let in.
func TestHTTPAddresses(t *testing.T) {
	for addr, want := range map[string]string{":0": "127.0.0.1", "0": "127.0.0.1", "localhost:0": "127.0.0.1", "[::1]:0": "::1"} {
		l, err := app.ListenHTTP(addr, quiet)
		if err != nil {
			if addr == "[::1]:0" { // a machine without IPv6
				continue
			}
			t.Errorf("%s: %v", addr, err)
			continue
		}
		if got := l.Addr().(*net.TCPAddr).IP.String(); got != want && got != "::1" {
			t.Errorf("%s listens on %s", addr, got)
		}
		l.Close()
	}
	for _, addr := range []string{"host:port", "127.0.0.1:99999", "a:b:c"} {
		if _, err := app.ListenHTTP(addr, quiet); fault.ReportOf(err).Code != app.ErrHTTP.Code {
			t.Errorf("%s: %v", addr, err)
		}
	}
	var out strings.Builder
	l, err := app.ListenHTTP("0.0.0.0:0", slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if !strings.Contains(out.String(), "everybody who reaches") {
		t.Errorf("nothing is said: %q", out.String())
	}
}

// TestMetricsPageIsCurrent writes the table of docs/telemetry.md.
func TestMetricsPageIsCurrent(t *testing.T) {
	const page, begin, end = "../../docs/telemetry.md", "<!-- metrics: generated -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", page)
	}
	var b strings.Builder
	b.WriteString(before + begin + "| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, d := range telemetry.Descriptions() {
		b.WriteString("| `" + d.Name + "` | " + string(d.Type) + " | " + d.Labels + " | " + d.Help + " |\n")
	}
	golden.Check(t, page, []byte(b.String()+end+after))
}
