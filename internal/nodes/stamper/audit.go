package stamper

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/stamp"
)

const (
	// auditFile, in the data directory of a project, has a line of JSON for each
	// canary of each run that was to write.
	auditFile = "canaries.ndjson"

	// maxAudit is when it becomes auditFile.1, in place of the one before: a
	// hundred runs and more, of 50 lines of 200 bytes.
	maxAudit = 1 << 20
)

// rehearsed is a line of the log.
type rehearsed struct {
	Time    string `json:"time"`
	Project string `json:"project"`
	OK      bool   `json:"ok"`
	stamp.Rehearsal
}

// auditor logs the canaries of a run. That a log cannot be written is said, and stops
// nobody from stamping: a home that is read-only is no reason.
func auditor(env *console.Env, root *os.Root) func([]stamp.Rehearsal) {
	return func(canaries []stamp.Rehearsal) {
		dir, err := env.Data()
		if err == nil {
			err = audit(dir, root.Name(), time.Now(), canaries)
		}
		if err != nil {
			env.Warn("the audit log of the canaries cannot be written: %v", err)
		}
	}
}

// audit appends what became of the canaries to the log in dir.
func audit(dir, project string, now time.Time, canaries []stamp.Rehearsal) error {
	var out bytes.Buffer
	for _, r := range canaries {
		line, err := json.Marshal(rehearsed{now.UTC().Format(time.RFC3339), project, r.Err() == nil, r})
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(dir, auditFile)
	if info, err := os.Stat(name); err == nil && info.Size() > maxAudit {
		if err := os.Rename(name, name+".1"); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(out.Bytes()) // at once, so that lines of two runs do not mix
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
