package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/golden"
)

const pageHead = `# Configuration

A value comes from the flag, else from the environment, else from ` + "`onex.yaml`" + ` in the root of the project, else it is the
default. The root of a project is the nearest parent directory with ` + "`onex.yaml`, `project.onex.yaml` or `.git`" + `. Unknown
keys in ` + "`onex.yaml`" + ` are errors.

Generated from the source by ` + "`make docs`" + `.

| key in onex.yaml | flag | environment | default | meaning |
|---|---|---|---|---|
`

const pageTail = `
` + "`nodes:`" + ` in ` + "`onex.yaml`" + ` is a list of directories, relative to it, whose nodes ` + "`onex up`" + ` runs. In YAML an address that ends in a
colon is quoted: ` + "`bus: \"embedded:\"`" + `.

The environment of the reference implementation is understood where nothing newer is said:
` + "`ONEX_EVENT_BUS_TYPE` (`inmemory`, `ipc`, `zmq`, `nats`), `ONEX_EVENT_BUS_NATS_URL`, `ONEX_IPC_SOCKET`, `ONEX_ZMQ_SOCKET`" + `.

Where things are kept:

| what | where |
|---|---|
| sockets and locks | ` + "`$XDG_RUNTIME_DIR/onex/<project>`, else `onex-<uid>/<project>`" + ` in the system's temporary directory; mode 0700 |
| what must survive | ` + "`$XDG_STATE_HOME/onex/<project>`, else `~/.local/state/onex/<project>`" + ` |

` + "`<project>`" + ` is derived from the path of the project's root, so that each project has a daemon of its own.
`

// TestConfigurationPageIsCurrent renders docs/configuration.md from the table
// of settings.
func TestConfigurationPageIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, s := range app.Settings() {
		flag := "–"
		if s.Flag != "" {
			flag = "`--" + s.Flag + "`"
		}
		fallback := "–"
		if s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", s.Key, flag, strings.Join(s.Env, "`, `"), fallback, s.Doc)
	}
	b.WriteString(pageTail)
	golden.Check(t, "../../docs/configuration.md", []byte(b.String()))
}
