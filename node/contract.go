package node

import (
	"encoding/json"
	"slices"
)

// ContractFile is the name of the file that holds a node's contract.
const ContractFile = "contract.yaml"

// ContractVersion is the version of the format that is written. Every 1.x.x is
// read.
const ContractVersion = "1.0.0"

// A Contract is what a node promises about its tools.
type Contract struct {
	ContractVersion string // version of this document's format; "1.0.0"
	Node            Name
	Version         string // of the node
	Description     string
	Tools           []Tool // sorted by name
}

// A Tool is one thing that can be invoked, and its promise.
type Tool struct {
	Name          ToolName
	Description   string
	Input         json.RawMessage // JSON Schema 2020-12 of the arguments; an object
	Output        json.RawMessage // JSON Schema 2020-12 of the result
	Errors        []ToolError
	Effects       []Effect
	Idempotency   Idempotency
	Volatile      []string // JSON Pointers into the result that may differ from call to call; the step * is every element or member
	VolatileFiles []string // names of files, as patterns, whose contents may differ from call to call
	TimeoutMS     int64    // suggested; 0 means the caller's default
	Examples      []Scenario
}

// A ToolError is one error that a tool may answer with.
type ToolError struct {
	Code        string // upper-case letters, digits and underscores; unique in the tool
	Description string
	ExitStatus  int // of a program that answers with it; unique in the tool; 0 when none stands for it
}

// An Effect says what a tool changes beside giving an answer.
type Effect string

// The effects.
const (
	ReadsFiles  Effect = "reads_files"
	WritesFiles Effect = "writes_files"
	Network     Effect = "network"
	Processes   Effect = "processes"
	Events      Effect = "events"
)

// Idempotency says what a caller may do when it does not know whether a call
// took effect.
type Idempotency string

// The kinds of idempotency. The zero value reads as None.
const (
	None  Idempotency = "none" // repeating may do it twice
	Keyed Idempotency = "key"  // repeating with the same key does it once
	Pure  Idempotency = "pure" // repeating is harmless
)

// A Scenario is one example: an input and what is expected of it.
type Scenario struct {
	Name        string
	Description string
	Input       json.RawMessage
	Output      json.RawMessage // expected result; nil when an error, or only a status, is expected
	Error       string          // expected error code
	Status      Result          // expected status; default success, or error when Error is set
}

// usual returns the status that s expects when it states none.
func (s Scenario) usual() Result {
	if s.Error != "" {
		return Failed
	}
	return Success
}

// Tool returns the tool with the given name.
func (c Contract) Tool(name ToolName) (Tool, bool) {
	i := slices.IndexFunc(c.Tools, func(t Tool) bool { return t.Name == name })
	if i < 0 {
		return Tool{}, false
	}
	return c.Tools[i], true
}
