package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/trace"
)

// resultOf is the result that an exit status stands for (design decision 5);
// node.Result.ExitStatus is its inverse.
var resultOf = map[int]node.Result{
	0: node.Success, 1: node.Failed, 2: node.Warning, 3: node.Partial, 4: node.Skipped, 5: node.Fixed, 6: node.Info,
}

// tool returns what runs one tool of an exec program: a process for each call,
// with the arguments on standard input and the result on standard output.
func (p *program) tool(t node.Tool) runner {
	return func(ctx context.Context, args json.RawMessage) (node.Result, json.RawMessage, error) {
		proc, out, lastLine, err := p.exec(ctx, t.Name, args)
		if err != nil {
			return "", nil, err
		}
		status, result, err := outcomeOf(t, proc, out, event.CleanText(lastLine))
		return status, result, p.lackedMemory(err)
	}
}

// exec runs one process to its end, one way or another. lastLine is what it
// wrote last to standard error.
func (p *program) exec(ctx context.Context, name node.ToolName, args json.RawMessage) (proc *process, out []byte, lastLine string, err error) {
	cmd := p.command(callEnvironment(ctx, name)...)
	stderr := &lines{log: p.log.With("tool", string(name), "correlation_id", Correlation(ctx).String())}
	over := make(chan struct{})
	stdout := &capped{limit: p.output, over: func() { close(over) }}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(args), stdout, stderr

	if proc, err = start(cmd, p.guard, p.memory); err != nil {
		return nil, nil, "", notRun{p.notStarted(err)}
	}
	select {
	case <-proc.done:
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-over:
	}
	proc.kill()
	<-proc.done
	stderr.flush()
	if err == nil && stdout.exceeded {
		err = ErrOutputLimit.With("tool %q, limit %d bytes", name, p.output)
	}
	if err != nil || proc.err != nil && !reportsItself(stdout.buf.Bytes()) {
		stderr.failed()
	}
	return proc, stdout.buf.Bytes(), stderr.last, err
}

// callEnvironment is what a program is told of the call beside its arguments.
func callEnvironment(ctx context.Context, name node.ToolName) []string {
	env := []string{envTool + "=" + string(name), envCorrelation + "=" + Correlation(ctx).String()}
	if c := trace.FromContext(ctx); c.Valid() {
		env = append(env, envTrace+"="+c.String())
	} else if above := dialogueOf(ctx).trace; above != "" {
		env = append(env, envTrace+"="+above)
	}
	return env
}

// outcomeOf reads what an ended process meant by its exit status and its output.
func outcomeOf(t node.Tool, p *process, out []byte, lastLine string) (node.Result, json.RawMessage, error) {
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) {
		return "", nil, ErrProgram.Wrap(p.err, "its output cannot be read")
	}
	code := 0
	if exit != nil {
		code = exit.ExitCode()
	}
	out = bytes.TrimSpace(out)
	status, known := resultOf[code]
	if e := declared(t, code); e != nil || !known || status == node.Failed {
		return "", nil, failure(p, e, out, lastLine)
	}
	if len(out) == 0 && status == node.Skipped {
		return status, nil, nil // what was skipped has no result
	}
	if !json.Valid(out) && status != node.Success && len(out) == 0 {
		return "", nil, noResult(p, status, lastLine)
	}
	if !json.Valid(out) {
		return "", nil, ErrOutput.With("%s", excerpt(out))
	}
	return status, out, nil
}

// noResult is the error of a program that ended with a status that wants
// a result, and gave none: interpreters end so when they cannot even begin.
func noResult(p *process, status node.Result, lastLine string) error {
	return ErrProgram.With("%s: %s", ended(p), orElse(lastLine, "nothing on standard output or standard error")).
		Hinted("this exit status means %q and needs a result on standard output; 1 means failure. Run the command in node.onex.yaml by hand to see what it says", status)
}

// declared returns the error that the contract says an exit status stands for,
// or nil.
func declared(t node.Tool, code int) *node.ToolError {
	i := slices.IndexFunc(t.Errors, func(e node.ToolError) bool { return code != 0 && e.ExitStatus == code })
	if i < 0 {
		return nil
	}
	return &t.Errors[i]
}

// failure is the error of a program that failed: its own report, or else that
// which the contract has for its exit status, or else what can be told from
// outside.
func failure(p *process, e *node.ToolError, out []byte, lastLine string) error {
	if err := reported(out); err != nil {
		return err
	}
	if lastLine == "" {
		lastLine = "no report on standard output, nothing on standard error"
	}
	if e == nil {
		return ErrProgram.With("%s: %s", ended(p), lastLine)
	}
	return fault.Report{Code: fault.Code(e.Code), Class: fault.Invalid, Message: orElse(e.Description, lastLine)}.Err()
}

// reportsItself reports whether a program that failed has said why.
func reportsItself(out []byte) bool { return json.Valid(bytes.TrimSpace(out)) }

// codeForm is the form of error codes in a contract.
var codeForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,127}$`)

// reported returns the error that out reports, or nil when out is not a report:
// a JSON object with a message. A report without a class says that the caller
// asked for something wrong; one without a proper code has that of [ErrProgram].
func reported(out []byte) error {
	var r fault.Report
	if json.Unmarshal(out, &r) != nil || r.Message == "" {
		return nil
	}
	if !codeForm.MatchString(string(r.Code)) {
		return ErrProgram.With("%s", r.Message).Detail("code", string(r.Code))
	}
	r.Class = orElse(r.Class, fault.Invalid)
	return r.Err()
}

// excerptLength bounds what a message quotes of a program's output.
const excerptLength = 80

// excerpt quotes the beginning of out.
func excerpt(out []byte) string {
	if len(out) == 0 {
		return "it is empty"
	}
	if len(out) > excerptLength {
		return fmt.Sprintf("%q…", out[:excerptLength])
	}
	return fmt.Sprintf("%q", out)
}

func orElse[T ~string](v, otherwise T) T {
	if v == "" {
		return otherwise
	}
	return v
}
