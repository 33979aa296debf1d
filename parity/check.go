package parity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// A checker checks one node.
type checker struct {
	Node
	r   *runner
	dir string // scratch, for this node alone

	manifest node.Manifest
	contract *node.Contract // of the directory; nil when there is none
	running  node.Contract  // of what runs
	broken   bool           // nothing can be run
	results  []Result
	executed int
	binary   string // hash of the program
	accepted []*acceptance
}

// check makes all checks of a node that was read.
func (c *checker) check(ctx context.Context) {
	switch {
	case c.broken:
		return
	case c.r.replay:
		c.replay(ctx)
		return
	case c.Host == nil && c.manifest.Runtime == node.Go:
		c.skip(CheckIntrospection, "a Go node is a program of its own; it cannot be loaded from its directory")
		return
	}
	at, err := c.place(Direct)
	if err != nil {
		c.fail(CheckIntrospection, ErrHost.Wrap(err, "a copy of its directory"))
		return
	}
	if at.inPlace {
		c.skip(CheckEffects, "the node runs where it is, because it cannot be copied: its files are not watched")
	}
	var beside bus.Bus
	if c.Bus && len(c.r.stages) > 0 {
		beside = c.r.stages[0].nodes
	}
	h, err := c.host(ctx, at, beside, nil)
	if err != nil {
		c.fail(CheckIntrospection, ErrHost.Wrap(err, "%s", c.Name))
		return
	}
	trials, direct := c.onItsOwn(ctx, h, at)
	h.Close()
	if len(trials) == 0 || len(direct) < len(trials) {
		return
	}
	c.elsewhere(ctx, trials, direct)
	c.stale()
}

// onItsOwn makes the checks that need no other path: what the node says of
// itself, what it answers, and what it answers when it is asked again.
func (c *checker) onItsOwn(ctx context.Context, h *host.Host, at place) (trials []trial, direct []Observation) {
	c.introspect(h)
	c.hash()
	for _, own := range c.Checks {
		if found, err := own.Run(ctx, h); err != nil {
			c.fail(own.Check, ErrCheck.Wrap(err, "%s", own.Check))
		} else {
			c.pass(own.Check, found)
		}
	}
	for _, t := range h.Contract().Tools {
		t.Examples = slices.Concat(t.Examples, c.Examples[t.Name])
		if len(t.Examples) == 0 {
			c.add(Result{Check: CheckExamples, Tool: t.Name, Verdict: Warn}, ErrNothingRun.With("tool %q", t.Name))
		} else {
			c.add(Result{Check: CheckExamples, Tool: t.Name, Verdict: Pass, Message: fmt.Sprintf("%d examples", len(t.Examples))}, nil)
		}
		for _, trial := range trialsOf(t) {
			if c.r.o.Example == "" || c.r.o.Example == trial.id() {
				trials = append(trials, trial)
			}
		}
	}
	call := c.directly(h, at)
	for _, t := range trials {
		if c.r.halted(ctx) {
			break
		}
		begin := time.Now()
		o := c.timed(ctx, t, call)
		direct = append(direct, o)
		c.judge(t, o, at, time.Since(begin))
		if t.check == CheckExpectation && t.repeatable() && !c.r.halted(ctx) {
			begin = time.Now()
			c.compare(t, CheckRepeat, Direct, "first call", o, "second call", c.timed(ctx, t, call), time.Since(begin))
		}
	}
	return trials, direct
}

// elsewhere makes the same calls on the other paths.
func (c *checker) elsewhere(ctx context.Context, trials []trial, direct []Observation) {
	switch {
	case !c.r.onCommandLine() || c.r.halted(ctx):
	case c.Bus:
		c.add(Result{Check: CheckParity, Path: CLI, Verdict: Skip, Message: "its tools need a bus, and onex run --once has none"}, nil)
	default:
		c.onCommandLine(ctx, trials, direct)
	}
	for _, s := range c.r.stages {
		for _, w := range s.ways {
			c.onBus(ctx, s, w, trials, direct)
		}
	}
}

func (c *checker) onCommandLine(ctx context.Context, trials []trial, direct []Observation) {
	at, err := c.place(CLI)
	if err != nil {
		c.add(Result{Check: CheckParity, Path: CLI, Verdict: Fail}, ErrCommand.Wrap(err, "a copy of its directory"))
		return
	}
	call, err := c.byCommand(at)
	if err != nil {
		c.add(Result{Check: CheckParity, Path: CLI, Verdict: Fail}, ErrCommand.Wrap(err, "a directory for temporary files"))
		return
	}
	for i, t := range trials {
		if c.r.halted(ctx) {
			return
		}
		begin := time.Now()
		c.compare(t, CheckParity, CLI, string(Direct), direct[i], string(CLI), c.timed(ctx, t, call), time.Since(begin))
	}
}

func (c *checker) onBus(ctx context.Context, s *stage, w way, trials []trial, direct []Observation) {
	p := w.Path
	var sent []trial
	var wanted []Observation
	for i, t := range trials {
		if why := w.carries(t, direct[i]); why != "" {
			c.add(Result{Check: CheckParity, Tool: t.tool.Name, Example: t.name, Path: p, Verdict: Skip, Message: why}, nil)
			continue
		}
		sent, wanted = append(sent, t), append(wanted, direct[i])
	}
	if len(sent) == 0 || c.r.halted(ctx) {
		return
	}
	begin := time.Now()
	all, err := c.onStage(ctx, s, w, sent, wanted)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		c.add(Result{Check: CheckParity, Path: p, Verdict: Fail}, err)
		return
	}
	for i, o := range all {
		c.executed++
		c.compare(sent[i], CheckParity, p, string(Direct), wanted[i], string(p), o, time.Since(begin)/time.Duration(len(all)))
	}
}

// timed makes one call within the time limit.
func (c *checker) timed(ctx context.Context, t trial, call func(context.Context, trial) Observation) Observation {
	ctx, cancel := context.WithTimeout(ctx, c.r.o.Timeout)
	defer cancel()
	c.executed++
	return call(ctx, t)
}

// judge holds a direct answer against its example and the contract.
func (c *checker) judge(t trial, o Observation, at place, took time.Duration) {
	want, err := t.expected(o)
	if err != nil {
		c.add(Result{Check: t.check, Tool: t.tool.Name, Example: t.name, Path: Direct, Verdict: Fail}, err)
		return
	}
	c.compare(t, t.check, Direct, "expected", want, "direct", o, took)
	if o.Error != nil && t.check == CheckExpectation {
		r := Result{Check: CheckErrorCodes, Tool: t.tool.Name, Example: t.name, Path: Direct, Verdict: Pass, Message: "the error is declared"}
		if t.declares(o.Error) {
			c.add(r, nil)
		} else {
			r.Verdict = Fail
			c.add(r, ErrUndeclared.With("%s of tool %q: %s", o.Error.Code, t.tool.Name, o.err.Message))
		}
	}
	if t.writes() || at.inPlace {
		return
	}
	r := Result{Check: CheckEffects, Tool: t.tool.Name, Example: t.name, Path: Direct, Verdict: Pass, Message: "no file was changed"}
	if len(o.Files) == 0 {
		c.add(r, nil)
		return
	}
	r.Verdict = Fail
	c.add(r, ErrEffect.With("tool %q: %s", t.tool.Name, strings.Join(o.Files, ", ")))
}

// compare records whether two answers are the same.
func (c *checker) compare(t trial, check Check, p Path, wantName string, want Observation, gotName string, got Observation, took time.Duration) {
	r := Result{Check: check, Tool: t.tool.Name, Example: t.name, Path: p, Verdict: Pass, Message: "as " + wantName, Time: ms(took)}
	r.Differs = differences(want, got)
	if len(r.Differs) == 0 {
		c.add(r, nil)
		return
	}
	r.Diff = unified(wantName, gotName, want.text(), got.text())
	if reason := c.accepts(r); reason != "" {
		r.Verdict, r.Message = Accept, "accepted: "+reason
		c.add(r, nil)
		return
	}
	r.Verdict = Fail
	e := ErrDiffers.With("%s differs from %s in %s", gotName, wantName, join(r.Differs))
	if got.err != nil {
		e = e.Detail("error", got.err.Message)
	}
	c.add(r, e)
}

func join(fields []Field) string {
	var names []string
	for _, f := range fields {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// add records a result; err is why it is not a pass.
func (c *checker) add(r Result, err error) {
	r.Node = c.Name
	if err != nil {
		report := fault.ReportOf(err)
		r.Error, r.Message = &report, report.Message
	}
	if r.Verdict == Fail {
		r.Again = c.again(r)
		if c.r.o.FailFast {
			c.r.stopped.Store(true)
		}
	}
	c.results = append(c.results, r)
}

func (c *checker) pass(check Check, message string) {
	c.add(Result{Check: check, Verdict: Pass, Message: message}, nil)
}

func (c *checker) skip(check Check, why string) {
	c.add(Result{Check: check, Verdict: Skip, Message: why}, nil)
}

func (c *checker) warn(check Check, err error) { c.add(Result{Check: check, Verdict: Warn}, err) }
func (c *checker) fail(check Check, err error) { c.add(Result{Check: check, Verdict: Fail}, err) }

// again returns the command that makes the check of r once more.
func (c *checker) again(r Result) string {
	if r.Check == CheckScenario {
		return "onex scenario run " + quoted(c.Name) + " --only " + quoted(r.Example)
	}
	line := "onex parity " + quoted(c.Name)
	if r.Example != "" {
		line += " --example " + quoted(string(r.Tool)+"/"+r.Example)
	}
	if r.Path != "" && r.Path != Direct {
		line += " --path " + quoted(string(r.Path))
	}
	return line
}

// quoted quotes a word for a POSIX shell, if it needs that.
func quoted(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-@%+=:,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// hash tells which program was checked: all files of its directory, or the program
// that a node in Go is part of.
func (c *checker) hash() {
	switch {
	case c.Host != nil:
		c.binary = c.r.program()
	case c.manifest.Runtime != node.Go && len(c.running.Tools) > 0:
		c.binary, _ = host.ProgramHash(c.Dir, c.manifest, c.running) // what has no hash gets no receipt
	}
}

// subject sums up the node.
func (c *checker) subject() Subject {
	s := Subject{
		Name: c.Name, Node: c.manifest.Name, Version: c.manifest.Version, Runtime: c.manifest.Runtime,
		ContractHash: c.running.Hash(), BinaryHash: c.binary, Checks: len(c.results),
	}
	for _, r := range c.results {
		if r.Verdict == Fail {
			s.Failed++
		}
	}
	return s
}

func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw) + "\n"
	}
	return b.String() + "\n"
}
