package logger_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes/logger"
	"github.com/omninode-ai/onex/node"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hostile is an entry with everything that a format might stumble over, and secrets.
func hostile() logger.Entry {
	return logger.Entry{
		Time: time.Date(2026, 11, 22, 19, 0, 0, 123000, time.FixedZone("x", 3600)), Level: event.LevelError,
		Message: "a \"b\", c\n## not a heading\n---\nTime: no\x1b[2J `x` password=s3cretA",
		Tags:    []string{"t;1", "two, three", "Bearer abcdefs3cretB1234567890"},
		Context: map[string]string{"k=1": "v;`", "token": "s3cretC", "url": "http://u:s3cretD@h/", "n": "no: yes\n- x"},
	}
}

func TestEveryFormatKeepsItsShapeAndNoSecret(t *testing.T) {
	for _, f := range logger.Formats() {
		text, err := hostile().Format(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "s3cret") {
			t.Errorf("%s tells a secret:\n%s", f, text)
		}
		if !bytes.Contains(text, []byte("2026-11-22T18:00:00.000123Z")) {
			t.Errorf("%s has not the time in UTC:\n%s", f, text)
		}
		two := append(bytes.Clone(text), text...)
		if n := count(t, f, two); n != 2 {
			t.Errorf("%s: two entries read as %d:\n%s", f, n, two)
		}
		if f != logger.CSV && bytes.ContainsRune(text, '\x1b') { // in CSV only a reader's program sees it
			t.Errorf("%s has a control character: %q", f, text)
		}
	}
	if _, err := hostile().Format("xml"); !errors.Is(err, logger.ErrParameter) {
		t.Errorf("xml: %v", err)
	}
}

// count reads entries as the programs for a format do.
func count(t *testing.T, f logger.Format, text []byte) (n int) {
	t.Helper()
	switch f {
	case logger.JSON:
		for d := json.NewDecoder(bytes.NewReader(text)); ; n++ {
			var v map[string]json.RawMessage
			if d.Decode(&v) != nil {
				return n
			}
		}
	case logger.YAML:
		for d := yaml.NewDecoder(bytes.NewReader(text)); ; n++ {
			var v map[string]yaml.Node
			if err := d.Decode(&v); errors.Is(err, io.EOF) {
				return n
			} else if err != nil {
				t.Fatal(err)
			}
		}
	case logger.CSV:
		all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(all[0]) != 6 {
			t.Fatal(all, err)
		}
		return len(all)
	}
	start := map[logger.Format]string{logger.Markdown: "## ", logger.Text: "Time: "}[f]
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte(start)) {
			n++
		}
	}
	return n
}

func FuzzFormat(f *testing.F) {
	f.Add("message", "tag", "key", "value")
	f.Add("a\nb", "`", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, message, tag, key, value string) {
		e := logger.Entry{Time: time.Unix(0, 0), Level: event.LevelInfo, Message: message, Tags: []string{tag}, Context: map[string]string{key: value}}
		for _, format := range logger.Formats() {
			text, err := e.Format(format)
			if err == nil && count(t, format, append(bytes.Clone(text), text...)) != 2 {
				t.Errorf("%s: two of %q read otherwise", format, text)
			}
		}
	})
}

func TestWhatIsNoEntryIsRefused(t *testing.T) {
	many := make([]string, 101)
	for name, tt := range map[string]struct {
		in   logger.Log
		want error
	}{
		"blank":           {logger.Log{Message: "\n"}, logger.ErrMessage},
		"long":            {logger.Log{Message: strings.Repeat("é", 10001)}, logger.ErrMessage},
		"many tags":       {logger.Log{Message: "x", Tags: many}, logger.ErrParameter},
		"file, no target": {logger.Log{Message: "x", File: "f"}, logger.ErrParameter},
		"target, no file": {logger.Log{Message: "x", Target: logger.File}, logger.ErrParameter},
		"no time":         {logger.Log{Message: "x", Timestamp: "yesterday"}, logger.ErrParameter},
		"no UUID":         {logger.Log{Message: "x", Correlation: "1"}, logger.ErrParameter},
	} {
		if _, err := tt.in.Entry(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// hosted is the node for a project, with what it logs.
func hosted(t *testing.T, root string, b bus.Bus) (*host.Host, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	h, err := logger.New(root, b, slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 4})), &host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h, &out
}

func call(t *testing.T, h *host.Host, in logger.Log) host.Outcome {
	t.Helper()
	args, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return h.Call(t.Context(), "log_entry", args)
}

func TestTheBusIsTold(t *testing.T) {
	b := bus.NewMemory(nil)
	defer b.Close(context.Background())
	sub, err := b.Subscribe(t.Context(), event.FilterKind(event.KindStructuredLog), nil)
	if err != nil {
		t.Fatal(err)
	}
	h, out := hosted(t, t.TempDir(), b)
	id := event.NewID()
	call(t, h, logger.Log{Message: "below", Level: "debug", MinLevel: "info"})
	call(t, h, logger.Log{
		Message: "it happened, password=s3cret", Level: "critical", Tags: []string{"a"}, Context: map[string]string{"token": "s3cret", "n": "1"},
		Correlation: id.String(), Target: logger.Stderr,
	})
	d, err := sub.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := d.Event.Payload.(event.StructuredLog)
	if p.Level != event.LevelCritical || p.Message != "it happened, password=[PASSWORD_REDACTED]" || d.Event.Correlation != id || d.Event.NodeID != string(h.ID()) {
		t.Errorf("the event is %+v of %s", p, d.Event.NodeID)
	}
	if got, want := string(p.Attributes), `{"tags":["a"],"context":{"n":"1","token":"[MASKED]"}}`; got != want {
		t.Errorf("attributes %s, want %s", got, want)
	}
	if !strings.Contains(out.String(), "it happened") || !strings.Contains(out.String(), "level=ERROR+4") || strings.Contains(out.String(), "below") {
		t.Errorf("the log of the process: %s", out)
	}
}

// TestWritersDoNotMix lets many write to one file.
func TestWritersDoNotMix(t *testing.T) {
	root := t.TempDir()
	h, _ := hosted(t, root, nil)
	const writers, each = 8, 20
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				out := call(t, h, logger.Log{Message: fmt.Sprint(w, i, strings.Repeat("x", 5000)), Target: logger.File, File: "a b/log.json"})
				if out.Status != node.Success {
					t.Error(out.Error)
				}
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(filepath.Join(root, "a b", "log.json"))
	if err != nil || count(t, logger.JSON, text) != writers*each {
		t.Errorf("%d entries, want %d, %v", count(t, logger.JSON, text), writers*each, err)
	}
}

func TestFilesStayInTheProject(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(root, "link")); err != nil {
		t.Skip(err)
	}
	h, _ := hosted(t, root, nil)
	for _, file := range []string{"../x", filepath.Join(outside, "x"), "link/x", "."} {
		out := call(t, h, logger.Log{Message: "x", Target: logger.File, File: file})
		if out.Error == nil || out.Error.Code != logger.ErrOutput.Code {
			t.Errorf("%s: %s %+v", file, out.Status, out.Error)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}
