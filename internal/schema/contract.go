package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// Canonical returns the RFC 8785 form of a JSON value; see [node.Canonical].
func Canonical(raw json.RawMessage) ([]byte, error) { return node.Canonical(raw) }

// CheckContract checks what a contract's structure does not show: that every
// schema compiles and every input is an object, that the examples keep them,
// and that the errors they expect are declared. An example may also expect
// ONEX_CONTRACT_041_VIOLATED; then its input must violate the schema. It
// returns one [ErrUnsound] that lists all problems by JSON Pointer.
func CheckContract(c node.Contract) error {
	if err := c.Validate(); err != nil {
		return err
	}
	var k check
	for _, t := range c.Tools {
		k.tool("/tools/"+string(t.Name), t)
	}
	if len(k.lines) == 0 {
		return nil
	}
	e := ErrUnsound.With("%s", k.text())
	for i, line := range k.lines {
		e = e.Detail(fmt.Sprintf("problem_%02d", i+1), line)
	}
	return e
}

type check struct {
	lines []string
}

func (k *check) fail(at, format string, args ...any) {
	if len(k.lines) < maxViolations {
		k.lines = append(k.lines, at+": "+fmt.Sprintf(format, args...))
	}
}

func (k *check) text() string {
	if len(k.lines) == 1 {
		return k.lines[0]
	}
	return fmt.Sprintf("%d problems\n  %s", len(k.lines), strings.Join(k.lines, "\n  "))
}

func (k *check) tool(at string, t node.Tool) {
	input := k.compile(at+"/input", t.Input)
	output := k.compile(at+"/output", t.Output)
	if input != nil && !objectSchema(t.Input) {
		k.fail(at+"/input", "must be the schema of an object: write type: object")
	}
	for i, s := range t.Examples {
		k.example(fmt.Sprintf("%s/examples/%d", at, i), t, s, input, output)
	}
}

func (k *check) compile(at string, raw json.RawMessage) *Validator {
	v, err := Compile(raw)
	if err != nil {
		k.fail(at, "%s", err)
	}
	return v
}

// objectSchema reports whether a schema's type is object and nothing else, which
// is what a tool's arguments are on every path (and what MCP demands).
func objectSchema(raw json.RawMessage) bool {
	var s struct {
		Type json.RawMessage `json:"type"`
	}
	return json.Unmarshal(raw, &s) == nil && string(s.Type) == `"object"`
}

func (k *check) example(at string, t node.Tool, s node.Scenario, input, output *Validator) {
	violates := s.Error == string(ErrViolated.Code)
	if input != nil {
		err := input.Validate(s.Input)
		switch {
		case violates && err == nil:
			k.fail(at+"/input", "keeps the schema, but the example expects %s", s.Error)
		case violates && !errors.Is(err, ErrViolated), !violates && err != nil:
			k.fail(at+"/input", "%s", err)
		}
	}
	if s.Output != nil && output != nil {
		if err := output.Validate(s.Output); err != nil {
			k.fail(at+"/output", "%s", err)
		}
	}
	if s.Error != "" && !violates && !declares(t, s.Error) {
		k.fail(at+"/error", "%s is not among the errors of %s", s.Error, t.Name)
	}
}

func declares(t node.Tool, code string) bool {
	for _, e := range t.Errors {
		if e.Code == code {
			return true
		}
	}
	return false
}
