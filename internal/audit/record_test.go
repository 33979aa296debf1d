package audit_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/audit"
	"github.com/omninode-ai/onex/internal/sshsig"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// record runs Record until the function it returns is called.
func record(t *testing.T, b bus.Bus, w *audit.Writer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- audit.Record(ctx, b, w, quiet) }()
	synctest.Wait()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func publish(t *testing.T, b bus.Bus, s event.Subject, e event.Event) {
	t.Helper()
	if _, err := b.Publish(t.Context(), s, e); err != nil {
		t.Fatal(err)
	}
}

func TestRecordKeepsEveryCallOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, dir := bus.NewMemory(nil), t.TempDir()
		defer b.Close(context.Background())
		w := open(t, dir, nil)
		stop := record(t, b, w)
		request := event.New("caller", event.ToolProxyInvoke{ToolName: "greet", Arguments: json.RawMessage(`{"password":"hunter2"}`)}, event.ID{})
		answer := event.Reply(request, "greeter-1", event.ToolProxyResult{ToolName: "greet", NodeID: "greeter-1", Status: "success", Result: json.RawMessage(`{}`), ResponseTime: time.Now()})
		publish(t, b, event.NewSubject(request.Kind(), "caller").To("greeter-1"), request)
		copied := event.NewSubject(answer.Kind(), "greeter")
		publish(t, b, copied, answer)
		publish(t, b, copied, answer) // delivered twice
		synctest.Wait()
		stop()
		r, err := audit.Verify(dir)
		if err != nil || r.Lines != 2 {
			t.Errorf("got %+v, %v", r, err)
		}
		data, _ := os.ReadFile(filepath.Join(dir, "000001.ndjson"))
		if strings.Contains(string(data), "hunter2") || !strings.Contains(string(data), request.Correlation.String()) {
			t.Errorf("recorded: %s", data)
		}
	})
}

func TestRecordTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, dir := bus.NewMemory(nil), t.TempDir()
		defer b.Close(context.Background())
		w := open(t, dir, nil)
		stop := record(t, b, w)
		// The place of the first file is taken, for a while.
		blocked := filepath.Join(dir, "000001.ndjson")
		if err := os.Mkdir(blocked, 0o700); err != nil {
			t.Fatal(err)
		}
		publish(t, b, event.NewSubject(event.KindToolProxyRejected, "greeter"), event.New("greeter-1", event.ToolProxyRejected{
			ToolName: "greet", Error: fault.ReportOf(errors.New("no"))}, event.ID{}))
		synctest.Wait()
		if err := os.Remove(blocked); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		stop()
		if r, err := audit.Verify(dir); err != nil || r.Lines != 1 {
			t.Errorf("got %+v, %v", r, err)
		}
	})
}

func TestSignedHead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 3, nil)
	signer, allowed := keys(t)
	if _, _, err := audit.CheckHead(dir, allowed); !errors.Is(err, audit.ErrNoHead) || audit.HasHead(dir) {
		t.Errorf("without a head: %v", err)
	}
	signed, err := audit.Sign(t.Context(), dir, signer, time.Now())
	if err != nil || signed.Seq != 3 {
		t.Fatal(signed, err)
	}
	write(t, dir, 2, nil)
	h, who, err := audit.CheckHead(dir, allowed)
	if err != nil || h != signed || who.String() != "ada" {
		t.Errorf("got %+v by %s, %v", h, who, err)
	}
	// A new chain is whole in itself, and gives itself away by the head.
	if err := os.Remove(filepath.Join(dir, "000001.ndjson")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.CheckHead(dir, allowed); !errors.Is(err, audit.ErrHead) {
		t.Errorf("everything removed: %v", err)
	}
	write(t, dir, 5, nil)
	if _, err := audit.Verify(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.CheckHead(dir, allowed); !errors.Is(err, audit.ErrHead) {
		t.Errorf("written anew: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "head.json"), []byte(`{"seq":5}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.CheckHead(dir, allowed); !errors.Is(err, sshsig.ErrMismatch) {
		t.Errorf("another head: %v", err)
	}
}

func keys(t *testing.T) (*sshsig.Signer, *sshsig.AllowedSigners) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := sshsig.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := sshsig.ParseAllowedSigners([]byte(signer.AllowedLine("ada")))
	if err != nil {
		t.Fatal(err)
	}
	return signer, allowed
}
