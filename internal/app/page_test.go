package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/golden"
)

const pageHead = `# Configuration

A value comes from the flag, else from ` + "`--set key=value`" + `, else from the environment, else from ` + "`onex.yaml`" + ` in the root of
the project, else it is the default. The root of a project is the nearest parent directory with ` + "`onex.yaml`, `project.onex.yaml` or `.git`" + `. Unknown
keys in ` + "`onex.yaml`" + ` are errors.

A value marked † may also come from a file, whose path is given under the same key with ` + "`_file`" + ` added, or the same variable
with ` + "`_FILE`" + ` (` + "`ONEX_BUS_TOKEN_FILE=/run/secrets/bus`" + `); it is relative to the root of the project. A secret is not taken from the
command line, where everybody on the machine can read it, and is never shown.

Generated from the source by ` + "`make docs`" + `.

` + tableHead

const tableHead = `| key in onex.yaml | flag | environment | default | meaning |
|---|---|---|---|---|
`

const zmqHead = `
## ZeroMQ

For the buses ` + "`zmq+tcp:` and `zmq+ipc:`" + `; [zeromq.md](zeromq.md) says what they mean. User and password (PLAIN) are ` + "`bus_user` and\n`bus_password`" + `. Keys (CURVE) are written in Z85, or are the path of a file by curve_keygen, czmq or pyzmq; one of them is ours, its
public half follows from it.

`

const pageTail = `
` + "`nodes:`" + ` in ` + "`onex.yaml`" + ` is a list of directories, relative to it, whose nodes ` + "`onex up`" + ` runs. In YAML an address that ends in a
colon is quoted: ` + "`bus: \"embedded:\"`" + `. ` + "`access:`" + ` says who may call which tools: [security.md](security.md). ` + "`mcp:`" + ` says what MCP clients see and may do: [mcp.md](mcp.md).

` + "`form:` and `types:`" + ` say how files are stamped: in which form new files get their metadata, by pattern, and which file
types there are besides those of ONEX. [file-types.md](file-types.md) describes both.

The environment of the reference implementation is understood where nothing newer is said:
` + "`ONEX_EVENT_BUS_TYPE` (`inmemory`, `ipc`, `zmq`, `nats`), `ONEX_EVENT_BUS_NATS_URL`, `ONEX_IPC_SOCKET`, `ONEX_ZMQ_SOCKET`, `ONEX_ZMQ_HANDSHAKE_TIMEOUT`" + `.

Where things are kept:

| what | where |
|---|---|
| sockets, locks, the key of calls | ` + "`$XDG_RUNTIME_DIR/onex/<project>`, else `onex-<uid>/<project>`" + ` in the system's temporary directory; mode 0700 |
| what must survive | ` + "`$XDG_STATE_HOME/onex/<project>`, else `~/.local/state/onex/<project>`" + ` |

` + "`<project>`" + ` is derived from the path of the project's root, so that each project has a daemon of its own.
`

// TestConfigurationPageIsCurrent renders docs/configuration.md from the table
// of settings.
func TestConfigurationPageIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString(pageHead)
	section := ""
	for _, s := range app.Settings() {
		if zmq := "zmq_"; section == "" && strings.HasPrefix(s.Key, zmq) {
			section = zmq
			b.WriteString(zmqHead + tableHead)
		}
		flag := "–"
		if s.Flag != "" {
			flag = "`--" + s.Flag + "`"
		}
		fallback := "–"
		if s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		mark := ""
		if s.InFile() {
			mark = " †"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | `%s` | %s | %s |\n", s.Key, mark, flag, strings.Join(s.Env, "`, `"), fallback, s.Doc)
	}
	b.WriteString(pageTail)
	golden.Check(t, "../../docs/configuration.md", []byte(b.String()))
}
