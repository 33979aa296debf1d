package host_test

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
)

// TestMemoryLimit runs programs that get no more memory than their manifest says.
func TestMemoryLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		body, limit string
		code        fault.Code
	}{
		"is set":              {`ulimit -v | grep -qx 65536 && echo '{}'`, "max_memory_mb: 64\n", ""},
		"is that of children": {`sh -c 'ulimit -v' | grep -qx 65536 && echo '{}'`, "max_memory_mb: 64\n", ""},
		"cannot be raised":    {`ulimit -v 131072 2>&- || echo '{}'`, "max_memory_mb: 64\n", ""},
		"by default":          {`ulimit -v | grep -qx unlimited && echo '{}'`, "", ""},
		"is hit":              {`head -c 200m </dev/zero | tail -c 199m >/dev/null || exit 1; echo '{}'`, "max_memory_mb: 64\n", host.ErrMemoryLimit.Code},
		"is not at fault":     {`echo 'no luck' >&2; exit 1`, "max_memory_mb: 64\n", host.ErrProgram.Code},
		"is none":             {`echo 'out of memory' >&2; exit 1`, "", host.ErrProgram.Code},
	} {
		t.Run(name, func(t *testing.T) {
			wait := "" // the limit is set when the program runs already
			if tt.limit != "" {
				wait = "until ulimit -v | grep -qx 65536; do :; done; "
			}
			o := load(t, script(t, wait+tt.body, tt.limit)).Call(t.Context(), "work", nil)
			if code(o) != tt.code {
				t.Errorf("got %s %+v, want %q", o.Result, o.Error, tt.code)
			}
			if tt.code == host.ErrMemoryLimit.Code && !strings.Contains(o.Error.Message, "64 MiB") {
				t.Errorf("the message does not name the limit: %s", o.Error.Message)
			}
		})
	}
}
