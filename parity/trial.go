package parity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// A trial is one call that is made on every path.
type trial struct {
	tool  node.Tool
	name  string // of the example; unique in the tool
	check Check  // of the direct answer
	want  node.Scenario
}

// id names a trial as people select it.
func (t trial) id() string { return string(t.tool.Name) + "/" + t.name }

// refusal names the trial that every tool has: arguments that break its contract
// must be refused, and so the tool is not run.
const refusal = "refusal"

// trialsOf returns the trials of a tool: its examples and the refusal.
func trialsOf(t node.Tool) []trial {
	var all []trial
	for i, s := range t.Examples {
		name := s.Name
		if name == "" {
			name = fmt.Sprint(i + 1)
		}
		all = append(all, trial{t, name, CheckExpectation, s})
	}
	if bad := breaking(t.Input); bad != nil {
		all = append(all, trial{t, refusal, CheckRefusal, node.Scenario{
			Input: bad, Error: string(schema.ErrViolated.Code), Status: node.Failed,
		}})
	}
	return all
}

// breaking returns an object that a schema does not allow, or nil when it seems
// to allow all.
func breaking(input json.RawMessage) json.RawMessage {
	v, err := schema.Compile(input)
	if err != nil {
		return nil
	}
	for _, candidate := range []string{`{"onex parity":null}`, `{}`} {
		if v.Validate([]byte(candidate)) != nil {
			return json.RawMessage(candidate)
		}
	}
	return nil
}

// object reports whether the arguments can travel on a bus at all.
func (t trial) object() bool { return bytes.HasPrefix(bytes.TrimSpace(t.want.Input), []byte("{")) }

// expected returns got as the example wants it. What the example does not speak of
// stays as it is.
func (t trial) expected(got Observation) (Observation, error) {
	e := got
	e.Status = t.want.Status
	switch {
	case e.Status == "" && t.want.Error != "":
		e.Status = node.Failed
	case e.Status == "":
		e.Status = node.Success
	}
	e.Exit = e.Status.ExitStatus()
	switch {
	case t.want.Error != "":
		e.Result, e.Error = nil, &Code{Code: fault.Code(t.want.Error)}
		if got.Error != nil {
			e.Error.Class = got.Error.Class
		}
	case e.Status == node.Failed:
		e.Result = nil // and any error
	case t.want.Output != nil:
		canonical, err := canonicalWithout(t.want.Output, t.tool.Volatile)
		if err != nil {
			return e, ErrCanonical.Wrap(err, "the output of example %s", t.id())
		}
		e.Error, e.Result = nil, canonical
	default:
		e.Error = nil
	}
	if string(e.Result) == "null" {
		e.Result = nil
	}
	return e, nil
}

// own are the components whose errors every tool may answer with: the host's, and
// those of whoever checks its contract.
var own = []string{"ONEX_CONTRACT_", "ONEX_HOST_"}

// declares reports whether an answer's error code is one that the contract tells
// of.
func (t trial) declares(c *Code) bool {
	return c == nil ||
		slices.ContainsFunc(own, func(prefix string) bool { return strings.HasPrefix(string(c.Code), prefix) }) ||
		slices.ContainsFunc(t.tool.Errors, func(e node.ToolError) bool { return e.Code == string(c.Code) })
}

// unsteady reports whether the contents of a file may differ from call to call.
func (t trial) unsteady(name string) bool {
	return slices.ContainsFunc(t.tool.VolatileFiles, func(pattern string) bool {
		subject := name
		if !strings.Contains(pattern, "/") {
			subject = path.Base(name)
		}
		match, err := path.Match(pattern, subject)
		return match && err == nil
	})
}

// writes reports whether the tool declares that it changes files.
func (t trial) writes() bool { return slices.Contains(t.tool.Effects, node.WritesFiles) }

// repeatable reports whether a second call must answer the same. A tool that
// writes may be pure, too, and still tell that there was nothing left to do.
func (t trial) repeatable() bool { return t.tool.Idempotency == node.Pure && !t.writes() }
