package stamper

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

func TestTheAuditLogIsBounded(t *testing.T) {
	canaries, err := stamp.Canary(filetype.Standard(), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "state")
	now := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	name := filepath.Join(dir, auditFile)
	for runs := 1; ; runs++ {
		if err := audit(dir, "/shop", now, canaries); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(name + ".1"); err == nil {
			break // the log was full
		}
		if runs > 2*maxAudit/len(canaries) {
			t.Fatalf("after %d runs the log is still one file", runs)
		}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if len(lines) != len(canaries) {
		t.Errorf("the new log has %d lines, want those of one run: %d", len(lines), len(canaries))
	}
	var first rehearsed
	if err := json.Unmarshal(lines[0], &first); err != nil || !first.OK || first.Time != "2026-01-02T03:04:05Z" || len(first.SHA256) != 64 {
		t.Errorf("%s: %v", lines[0], err)
	}
	if old, err := os.Stat(name + ".1"); err != nil || old.Size() > 2*maxAudit || old.Mode().Perm() != 0o600 {
		t.Errorf("the old log: %v, %v", old, err)
	}
}
