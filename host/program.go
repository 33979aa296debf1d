package host

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/node"
)

// Limits of programs. A manifest may ask for less or more, up to the maximum.
const (
	DefaultTimeout = 30 * time.Second // longest call when the manifest says nothing
	MaxTimeout     = time.Hour        // longest call that a manifest may ask for
	DefaultOutput  = 512 << 10        // bytes of standard output of a call; the result must fit into a 1 MiB event
	MaxOutput      = 960 << 10        // the most that a manifest may ask for; leaves the envelope room in the event
)

// environment is what every program sees of the host's environment. Everything
// else must be named in the manifest, so that no secret is passed on by chance.
var environment = []string{"PATH", "HOME", "LANG", "TZ", "TMPDIR"}

// The variables that a program is given beside those.
const (
	envTool        = "ONEX_TOOL"           // the tool to run, for a program with several (exec)
	envCorrelation = "ONEX_CORRELATION_ID" // of the call (exec)
	envTrace       = "TRACEPARENT"         // W3C trace context of the call, when it is traced (exec)
)

// A program is how a node's program is started, resolved against its directory
// and the host's limits.
type program struct {
	argv    []string
	dir     string
	env     []string
	path    string        // put before PATH; empty for nothing
	timeout time.Duration // an mcp program that owes an answer and is silent for so long is hung
	output  int64
	memory  int64 // bytes; 0 for no limit
	log     *slog.Logger
	guard   *guard

	protocol string           // newest version of MCP to speak; empty for the newest there is
	updated  func(uri string) // called when a resource of an mcp program has changed
}

// resolve makes p ready to start. dir is the manifest's directory.
func resolve(dir string, p node.Program, path string, relay []string, log *slog.Logger) (*program, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if p.URL != "" {
		if len(relay) == 0 {
			return nil, ErrNoProgram.With("the manifest in %s has a url, which onex run and onex up can use", dir)
		}
		p.Command = append(slices.Clone(relay), p.URL)
		if p.Token != "" {
			p.Env = append(slices.Clone(p.Env), p.Token)
			p.Command = append(p.Command, "--token-env", p.Token)
		}
	}
	if len(p.Command) == 0 {
		return nil, ErrNoProgram.With("the manifest in %s has no command", dir)
	}
	argv := slices.Clone(p.Command)
	if strings.ContainsAny(argv[0], `/\`) && !filepath.IsAbs(argv[0]) {
		argv[0] = filepath.Join(dir, argv[0])
	}
	if argv[0], err = exec.LookPath(argv[0]); err != nil {
		return nil, ErrNoProgram.Wrap(err, "%q of the manifest in %s", p.Command[0], dir)
	}
	return &program{
		argv:    argv,
		dir:     filepath.Join(dir, p.Dir),
		env:     slices.Concat(environment, p.Env),
		path:    path,
		timeout: orDefault(p.Timeout, DefaultTimeout, MaxTimeout),
		output:  orDefault(p.Output, DefaultOutput, MaxOutput),
		memory:  p.Memory << 20,
		log:     log,
		guard:   newGuard(log),

		protocol: p.Protocol,
		updated:  func(string) {},
	}, nil
}

// command returns the command that runs p, with more environment of the form
// key=value.
func (p *program) command(more ...string) *exec.Cmd {
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Dir = p.dir
	cmd.Env = append([]string{}, more...) // never nil: that would pass on everything
	for _, name := range p.env {
		if v, ok := os.LookupEnv(name); ok {
			if name == "PATH" && p.path != "" {
				v = p.path + string(os.PathListSeparator) + v
			}
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	return cmd
}

// notStarted is the error of a program that could not be started.
func (p *program) notStarted(err error) error {
	if errors.Is(err, ErrNoMemoryLimit) {
		return err
	}
	return ErrProgram.Wrap(err, "%s cannot be started", p.argv[0])
}

// noMemory is what programs say that get no memory: C, C++, Python, Java, Node.js, Go.
var noMemory = regexp.MustCompile(`(?i)out ?of ?memory|allocate memory|memory exhausted|MemoryError|bad_alloc`)

// lackedMemory makes a program's failure that of its limit of memory, when it has
// one and says so.
func (p *program) lackedMemory(err error) error {
	if p.memory == 0 || !errors.Is(err, ErrProgram) || !noMemory.MatchString(err.Error()) {
		return err
	}
	return ErrMemoryLimit.Wrap(err, "limit %d MiB", p.memory>>20)
}

// ended describes how a process ended, for a message.
func ended(p *process) string {
	if p.err == nil {
		return "exit status 0"
	}
	return fmt.Sprint(p.err)
}

func orDefault[T int | int64 | time.Duration](v, def, most T) T {
	if v <= 0 {
		return def
	}
	return min(v, most)
}
