package node

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// ParseContract reads a contract.yaml. It reports every problem of the file in
// one [ErrContract], each as "contract.yaml:line:column: what is wrong". Schemas
// and examples become JSON with the same digits; keys of schemas are not
// checked here (the schema package does, when it compiles them).
func ParseContract(data []byte) (Contract, error) {
	var d decoder
	v, problems := fromYAML(data)
	d.problems = problems
	var c Contract
	if len(problems) == 0 {
		c = d.contract(v)
	}
	if err := d.err(ErrContract, ContractFile); err != nil {
		return Contract{}, err
	}
	return c, nil
}

// PrintContract writes c as a file that [ParseContract] reads back as c. Equal
// contracts print alike. It fails like [Contract.Validate].
func PrintContract(c Contract) ([]byte, error) {
	v, err := c.valid()
	if err != nil {
		return nil, err
	}
	return appendYAML(nil, v, 0), nil
}

// MarshalJSON writes c with the keys of the file.
func (c Contract) MarshalJSON() ([]byte, error) {
	v, err := c.valid()
	if err != nil {
		return nil, err
	}
	return appendJSON(nil, v), nil
}

// UnmarshalJSON reads what [Contract.MarshalJSON] writes, as strictly as
// [ParseContract] reads a file; problems are named by JSON Pointer.
func (c *Contract) UnmarshalJSON(data []byte) error {
	v, err := fromJSON(data)
	if err != nil {
		return ErrContract.Wrap(err, "json")
	}
	var d decoder
	read := d.contract(v)
	if err := d.err(ErrContract, ""); err != nil {
		return err
	}
	*c = read
	return nil
}

// Validate checks c as if it had been read from a file, for contracts that are
// built in Go. Problems are named by JSON Pointer. Whether the schemas are
// schemas, and the examples keep them, is checked where schemas are compiled.
func (c Contract) Validate() error {
	_, err := c.valid()
	return err
}

// Hash returns the lower-case hex SHA-256 of c's canonical JSON: what a parity
// receipt is about. It does not depend on the order of keys, on the way numbers
// are written, or on whether defaults are spelled out. The hash of an invalid
// contract is empty.
func (c Contract) Hash() string {
	v, err := c.valid()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(appendCanonical(nil, v))
	return hex.EncodeToString(sum[:])
}

func (c Contract) valid() (*value, error) {
	v, err := c.value()
	if err != nil {
		return nil, err
	}
	var d decoder
	d.contract(v)
	return v, d.err(ErrContract, "")
}

func (c Contract) value() (*value, error) {
	v := &value{kind: object}
	v.putText("contract_version", orElse(c.ContractVersion, ContractVersion))
	v.put("node_name", textOf(c.Node))
	v.putText("node_version", c.Version)
	v.putText("description", c.Description)
	tools := &value{kind: object}
	for _, t := range sortedTools(c.Tools) {
		tool, err := t.value()
		if err != nil {
			return nil, err
		}
		tools.put(string(t.Name), tool)
	}
	v.put("tools", tools)
	v.locate()
	return v, nil
}

// MarshalJSON writes t as in a contract, with its name as one more key.
func (t Tool) MarshalJSON() ([]byte, error) {
	v, err := t.value()
	if err != nil {
		return nil, err
	}
	v.members = append([]member{{key: "name", value: textOf(t.Name)}}, v.members...)
	v.locate()
	var d decoder
	if d.namedTool(v); len(d.problems) > 0 {
		return nil, d.err(ErrContract, "")
	}
	return appendJSON(nil, v), nil
}

// UnmarshalJSON reads what [Tool.MarshalJSON] writes, strictly.
func (t *Tool) UnmarshalJSON(data []byte) error {
	v, err := fromJSON(data)
	if err != nil {
		return ErrContract.Wrap(err, "json")
	}
	var d decoder
	read := d.namedTool(v)
	if err := d.err(ErrContract, ""); err != nil {
		return err
	}
	*t = read
	return nil
}

func (t Tool) value() (*value, error) {
	v := &value{kind: object}
	v.putText("description", t.Description)
	if err := v.putRaw("input", t.Input); err != nil {
		return nil, err
	}
	if err := v.putRaw("output", t.Output); err != nil {
		return nil, err
	}
	v.putList("errors", valuesOf(t.Errors, ToolError.value))
	if len(t.Effects) > 0 {
		v.put("effects", textsOf(t.Effects))
	}
	if t.Idempotency != None {
		v.putText("idempotency", string(t.Idempotency))
	}
	v.putTexts("volatile", t.Volatile)
	v.putTexts("volatile_files", t.VolatileFiles)
	v.putInt("timeout_ms", t.TimeoutMS)
	var examples []*value
	for _, s := range t.Examples {
		e, err := s.value()
		if err != nil {
			return nil, err
		}
		examples = append(examples, e)
	}
	v.putList("examples", examples)
	return v, nil
}

func (e ToolError) value() *value {
	v := &value{kind: object}
	v.putText("code", e.Code)
	v.putText("description", e.Description)
	v.putInt("exit_status", int64(e.ExitStatus))
	return v
}

func (s Scenario) value() (*value, error) {
	v := &value{kind: object}
	v.putText("name", s.Name)
	v.putText("description", s.Description)
	if err := v.putRaw("input", s.Input); err != nil {
		return nil, err
	}
	if err := v.putRaw("output", s.Output); err != nil {
		return nil, err
	}
	v.putText("error", s.Error)
	if s.Status != s.usual() {
		v.putText("status", string(s.Status))
	}
	return v, nil
}

func (v *value) putRaw(key string, raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	m, err := fromJSON(raw)
	if err != nil {
		return ErrContract.Wrap(err, "%s", key)
	}
	v.put(key, m)
	return nil
}

func (v *value) putList(key string, items []*value) {
	if len(items) > 0 {
		v.put(key, &value{kind: list, items: items})
	}
}

func valuesOf[T any](ts []T, f func(T) *value) []*value {
	var vs []*value
	for _, t := range ts {
		vs = append(vs, f(t))
	}
	return vs
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
