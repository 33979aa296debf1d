package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/metric"
)

// ErrHTTP is returned when the address for metrics and health cannot be used: it
// is not host:port, or somebody else listens there.
var ErrHTTP = fault.New("ONEX_CORE_048_HTTP_ADDRESS", fault.Invalid, "cannot listen for HTTP").
	Hinted("use a free port, as in --http :9464, which listens on this machine only")

// Limits of those who ask.
const (
	httpHeader = 5 * time.Second
	httpIdle   = time.Minute
	httpWrite  = 10 * time.Second
	maxHeader  = 16 << 10
)

// listenHTTP opens the address of cfg. One without a host is on loopback.
func listenHTTP(addr string, lg *slog.Logger) (net.Listener, error) {
	if !strings.Contains(addr, ":") {
		addr = ":" + addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, ErrHTTP.Wrap(err, "%q", addr)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, ErrHTTP.Wrap(err, "%q", addr)
	}
	if !local(l.Addr()) {
		lg.Warn("metrics and health can be read by everybody who reaches this address", "address", l.Addr().String())
	}
	return l, nil
}

func local(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}

// serveHTTP serves /metrics, /healthz and /readyz on l until stop is called.
func serveHTTP(l net.Listener, v *vitals) (stop func()) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", v.serveMetrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { v.serveHealth(w, r, true) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { v.serveHealth(w, r, v.ready.Load()) })
	var h http.Handler = mux
	if local(l.Addr()) {
		h = ownName(mux)
	}
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: httpHeader, IdleTimeout: httpIdle, WriteTimeout: httpWrite, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(v.log.Handler(), slog.LevelDebug),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			v.log.Error("metrics and health are not served any more", "error", err)
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			s.Close()
		}
		<-done
	}
}

// ownName refuses requests to a local address under a name that is not its own:
// a web page in a browser here may have been given one.
func ownName(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "only under the name localhost, or an address", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (v *vitals) serveMetrics(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", metric.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	_ = metric.Write(w, v.metrics(r.Context())) // who has gone needs no answer
}

// A Vital is what /healthz and /readyz say of one part.
type Vital struct {
	Status string `json:"status"` // ok or fail
	Code   string `json:"code,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// Vitals is the answer of /healthz and /readyz.
type Vitals struct {
	Status string           `json:"status"` // ok, fail, or starting
	Parts  map[string]Vital `json:"parts"`
}

func (v *vitals) serveHealth(w http.ResponseWriter, r *http.Request, ready bool) {
	answer := Vitals{"ok", map[string]Vital{}}
	if !ready {
		answer.Status = "starting"
	}
	found, _ := v.look(r.Context())
	for _, part := range parts() {
		answer.Parts[part] = Vital{Status: "ok"}
		if err := found[part]; err != nil {
			report := fault.ReportOf(err)
			answer.Parts[part] = Vital{"fail", string(report.Code), event.CleanText(report.Message)}
			answer.Status = "fail"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if answer.Status != "ok" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer)
}
