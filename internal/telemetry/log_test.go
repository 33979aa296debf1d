package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds waits on a loaded machine.
const patience = 30 * time.Second

// logs is a bus with a subscription to the log events on it.
func logs(t *testing.T) (*bus.Memory, func() event.StructuredLog) {
	t.Helper()
	b := bus.NewMemory(nil)
	t.Cleanup(func() { b.Close(context.Background()) })
	sub, err := b.Subscribe(t.Context(), event.FilterKind(event.KindStructuredLog), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b, func() event.StructuredLog {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		d, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return d.Event.Payload.(event.StructuredLog)
	}
}

// TestALineIsAnEvent holds what becomes of a line: level, context, attributes,
// correlation; and that lines from before the bus are made up for.
func TestALineIsAnEvent(t *testing.T) {
	b, next := logs(t)
	var out bytes.Buffer
	lg := telemetry.NewLogger(&out, &telemetry.LogOptions{Level: slog.LevelWarn, Format: telemetry.LogJSON})
	lg.Info("early")
	detach := telemetry.Attach(lg, b, "tester", "0199b3c1-8f2e-7abc-8def-001122334455")
	defer detach()
	if p := next(); p.Message != "early" {
		t.Errorf("the first line is %q", p.Message)
	}

	id := event.NewID()
	ctx := host.WithCorrelation(t.Context(), id)
	lg.With("node_id", "n1", "code", "ONEX_X").WarnContext(ctx, "it is slow", "took", 3*time.Second, "why", errors.New("disk"))
	p := next()
	if p.Level != event.LevelWarning || p.Message != "it is slow" || p.Code != "ONEX_X" {
		t.Errorf("the line became %+v", p)
	}
	at := p.Context
	if !strings.HasSuffix(at.Module, "internal/telemetry_test") || at.Function != "TestALineIsAnEvent" || at.Line == 0 || at.NodeID != "n1" || at.Correlation != id {
		t.Errorf("its context became %+v", at)
	}
	if want := `"why":"disk"`; !strings.Contains(string(p.Attributes), want) {
		t.Errorf("attributes %s, want %s in them", p.Attributes, want)
	}

	var line map[string]json.RawMessage
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	for _, key := range []string{"level", "msg", "why", "node_id", "correlation_id", "calling_module", "calling_function", "calling_line"} {
		if line[key] == nil {
			t.Errorf("no %s in %s", key, out.Bytes())
		}
	}
}

// TestLevels holds that the two ways have a level of their own each.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		at        slog.Level
		published string
	}{
		{slog.LevelDebug - 4, "trace"}, {slog.LevelDebug, "debug"}, {slog.LevelInfo, "info"}, {slog.LevelWarn, "warning"}, {slog.LevelError, "error"}, {slog.LevelError + 4, "critical"},
	} {
		b, next := logs(t)
		var out bytes.Buffer
		lg := telemetry.NewLogger(&out, &telemetry.LogOptions{Level: slog.LevelError, Events: tt.at})
		detach := telemetry.Attach(lg, b, "tester", "id")
		lg.Log(t.Context(), tt.at-1, "below")
		lg.Log(t.Context(), tt.at, "at")
		if p := next(); p.Message != "at" || string(p.Level) != tt.published {
			t.Errorf("level %v became %+v", tt.at, p)
		}
		detach()
		if written := out.Len() > 0; written != (tt.at >= slog.LevelError) {
			t.Errorf("level %v on standard error: %q", tt.at, out.String())
		}
	}
}

// TestNothingIsPublished where it is off, where a logger is local, and after
// the end.
func TestNothingIsPublished(t *testing.T) {
	b, _ := logs(t)
	var out bytes.Buffer
	off := telemetry.NewLogger(&out, &telemetry.LogOptions{Events: telemetry.LevelOff})
	telemetry.Attach(off, b, "tester", "id")()
	lg := telemetry.NewLogger(&out, nil)
	detach := telemetry.Attach(lg, b, "tester", "id")
	telemetry.Local(lg).With("a", 1).WithGroup("g").Error("local")
	off.Error("off")
	detach()
	detach()
	lg.Error("after")
	if n := b.Health(t.Context()).Events; n != 0 {
		t.Errorf("%d events were published", n)
	}
	if n := strings.Count(out.String(), "\n"); n != 3 {
		t.Errorf("%d lines were written, want 3:\n%s", n, out.String())
	}
	foreign := slog.New(slog.DiscardHandler)
	telemetry.Attach(foreign, b, "tester", "id")()
	if telemetry.Local(foreign) != foreign {
		t.Error("a foreign logger was changed")
	}
}

// chatty logs each publication, as a careless bus might.
type chatty struct {
	bus.Bus
	log *slog.Logger
}

func (c chatty) Publish(ctx context.Context, s event.Subject, e event.Event) (bus.Receipt, error) {
	c.log.Error("published", "subject", string(s))
	return c.Bus.Publish(ctx, s, e)
}

// TestABusThatLogsDoesNotRecurse holds that a bus's own lines never make events.
func TestABusThatLogsDoesNotRecurse(t *testing.T) {
	b, next := logs(t)
	var out bytes.Buffer
	lg := telemetry.NewLogger(&out, nil)
	detach := telemetry.Attach(lg, chatty{b, telemetry.Local(lg)}, "tester", "id")
	lg.Info("one")
	next()
	detach()
	if n := b.Health(t.Context()).Events; n != 1 {
		t.Errorf("one line became %d events", n)
	}
}

// TestAFloodIsBounded holds that a loop which logs costs the bus little, and that
// what was dropped is told.
func TestAFloodIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a flood takes no time, on no machine
		b := bus.NewMemory(nil)
		defer b.Close(context.Background())
		sub, err := b.Subscribe(t.Context(), event.AllEvents, &bus.Options{Queue: 5000})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		lg := telemetry.NewLogger(&out, nil)
		detach := telemetry.Attach(lg, b, "tester", "id")
		const n = 100_000
		for i := range n {
			lg.Info("again", "i", i)
		}
		detach()
		sub.Close()
		var published, dropped uint64
		for {
			d, err := sub.Next(t.Context())
			if err != nil {
				break
			}
			var a struct{ Dropped uint64 }
			p := d.Event.Payload.(event.StructuredLog)
			if p.Level == event.LevelWarning {
				if err := json.Unmarshal(p.Attributes, &a); err != nil {
					t.Fatal(err)
				}
				dropped = a.Dropped // in all
				continue
			}
			published++
		}
		if published > 2*500 || published == 0 { // of the second that began and the one that ends it
			t.Errorf("%d events in an instant", published)
		}
		if published+dropped != n {
			t.Errorf("%d published and %d dropped of %d", published, dropped, n)
		}
	})
}

type secretive struct{ Password string }

func (s secretive) Error() string { return "login with password=" + s.Password }

// TestNoSecretIsLogged holds that neither way shows one, wherever it is.
func TestNoSecretIsLogged(t *testing.T) {
	const secret = "s3cr3t-0f-4da"
	b, next := logs(t)
	for _, format := range []telemetry.LogFormat{telemetry.LogText, telemetry.LogJSON} {
		var out bytes.Buffer
		lg := telemetry.NewLogger(&out, &telemetry.LogOptions{Level: slog.LevelDebug, Format: format})
		detach := telemetry.Attach(lg, b, "tester", "id")
		lg.With("token", secret).WithGroup("g").Info("connect to nats://"+secret+"@host",
			"password", secret,
			"error", secretive{secret},
			"wrapped", fmt.Errorf("call: %w", secretive{secret}),
			"url", "https://ada:"+secret+"@host/",
			"raw", json.RawMessage(`{"api_key":"`+secret+`"}`),
			"bytes", []byte("Authorization: Bearer "+secret),
			"struct", struct{ Token string }{secret},
			slog.Group("in", "client_secret", secret),
		)
		p := next()
		detach()
		if text := out.String(); strings.Contains(text, secret) || !strings.Contains(text, "REDACTED") {
			t.Errorf("%s shows the secret: %s", format, text)
		}
		if raw, err := event.Encode(event.New("id", p, event.ID{})); err != nil || strings.Contains(string(raw), secret) {
			t.Errorf("the event shows the secret (%v): %s", err, raw)
		}
	}
}

// named is a text with a type of its own, as codes of errors are.
type named string

func TestATypedTextIsAText(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, &telemetry.LogOptions{Level: slog.LevelWarn})
	log.Warn("lost", "code", named("ONEX_BUS_003"))
	if !strings.Contains(out.String(), "code=ONEX_BUS_003") {
		t.Errorf("the line is %q", out.String())
	}
}

func TestQuieterCountsOneLevelLess(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Quieter(telemetry.NewLogger(&out, &telemetry.LogOptions{Level: slog.LevelWarn})).With("a", 1).WithGroup("g")
	log.Warn("quiet")
	log.Error("heard", "b", 2)
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, `level=WARN msg=heard a=1 g.b=2`) {
		t.Errorf("the lines are %q", got)
	}
}
