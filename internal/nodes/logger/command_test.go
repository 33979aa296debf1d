package logger_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/logger"
)

func TestLogCommand(t *testing.T) {
	for _, tt := range []struct {
		args      string // separated by |
		out, errs string // parts
		fails     bool
	}{
		{"hi|--tag|a|--context|k=v", `"hi","tags":["a"],"context":{"k":"v"}`, "", false},
		{"hi|--to|stderr|--output-format|text", "", "Message: hi", false},
		{"hi|--file|f.log|--to|both", `"hi"`, "", false},
		{"hi|--file|f.log|--level|error", "", `"hi"`, false},
		{"hi|--level|debug|--min-level|info", "", "", true},
		{"hi|--file|no/such/dir", "", "", true},
		{"hi|--to|file", "", "", true},
		{"hi|--context|k", "", "", true},
		{" ", "", "", true},
		{"a|b", "", "", true},
	} {
		var out, errs bytes.Buffer
		told := 0
		env := &console.Env{Dir: t.TempDir(), Out: &out, Err: &errs, Publish: func(context.Context, event.Payload, event.ID) error { told++; return nil }}
		cmd := logger.Commands(env)[0]
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		cmd.SetArgs(strings.Split(tt.args, "|"))
		err := cmd.ExecuteContext(t.Context())
		if (err != nil) != tt.fails || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.errs) || !tt.fails && told != 1 {
			t.Errorf("%s: %v, told %d times, out %q, err %q", tt.args, err, told, out.String(), errs.String())
		}
		if data, err := os.ReadFile(filepath.Join(env.Dir, "f.log")); !tt.fails && strings.Contains(tt.args, "f.log") && !strings.Contains(string(data), `"hi"`) {
			t.Errorf("%s: the file has %q, %v", tt.args, data, err)
		}
	}
}
