package parity

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/invoke"
)

// Bounds of a process of the command line.
const (
	maxCommandOutput = 4 << 20 // bytes; a reply is an event's worth, indented
	commandGrace     = time.Second
)

// strange returns the environment of this process in another time zone and
// locale, with another directory for temporary files: whatever a tool takes from
// there without saying so shows as a difference. The zone is 5:45 east, so that
// hours and minutes change; it needs no database.
func strange(environ []string, temp string) []string {
	locale := "C"
	if slices.Contains(environ, "LANG=C") {
		locale = "C.UTF-8"
	}
	kept := slices.DeleteFunc(slices.Clone(environ), func(s string) bool { return strings.HasPrefix(s, "LC_ALL=") })
	return append(kept, "TZ=ONEX-05:45", "LANG="+locale, "TMPDIR="+temp)
}

// byCommand returns a function that makes a process for each call.
func (c *checker) byCommand(at place) (func(context.Context, trial) Observation, error) {
	temp := filepath.Join(c.dir, "tmp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, err
	}
	target := cmp.Or(c.Run, c.Name)
	if c.Host == nil {
		target = at.root
	}
	argv := slices.Concat(c.r.o.CLI, []string{"run", target, "--once", "--input", "-", "-o", "json"})
	return func(ctx context.Context, t trial) Observation {
		before := look(at)
		o := runCommand(ctx, t, append(argv, "--tool", string(t.tool.Name)), at.root, strange(os.Environ(), temp))
		before.effects(t, &o)
		return o
	}, nil
}

func runCommand(ctx context.Context, t trial, argv []string, dir string, env []string) Observation {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	out, diagnostics := &capped{limit: maxCommandOutput}, &capped{limit: maxCommandOutput}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(t.want.Input), out, diagnostics
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, commandGrace
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return defect(ErrCommand.Wrap(err, "%s", argv[0]))
	}
	reply, err := readReply(out)
	if err != nil {
		return defect(ErrCommand.Wrap(err, "%s, standard error %q", cmd.ProcessState, excerpt(diagnostics.kept.String())))
	}
	if reply.ToolName != t.tool.Name {
		return defect(ErrCommand.With("it answers for tool %q", reply.ToolName))
	}
	o := observe(t, reply.Status, reply.Result, reply.Error)
	o.Exit = cmd.ProcessState.ExitCode()
	return o
}

// readReply reads the one document that standard output should be.
func readReply(out *capped) (r invoke.Reply, err error) {
	if out.exceeded {
		return r, fmt.Errorf("standard output has more than %d bytes", maxCommandOutput)
	}
	d := json.NewDecoder(&out.kept)
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("standard output is not the JSON of a reply: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("something follows the reply on standard output")
	}
	return r, nil
}

// excerpt returns the last part of what a process said.
func excerpt(s string) string {
	const most = 300
	s = strings.TrimSpace(s)
	if len(s) > most {
		return "…" + strings.ToValidUTF8(s[len(s)-most:], "")
	}
	return s
}

// A capped buffer forgets what is beyond its limit, and remembers that. The buffer is
// no part of its method set: io.Copy would fill it past the limit by ReadFrom.
type capped struct {
	kept     bytes.Buffer
	limit    int
	exceeded bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := min(len(p), c.limit-c.kept.Len())
	c.exceeded = c.exceeded || room < len(p)
	c.kept.Write(p[:room])
	return len(p), nil
}
