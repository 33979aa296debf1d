package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

func TestCheckContract(t *testing.T) {
	const sound = `
node_name: greeter
tools:
  greet:
    input: {type: object, required: [name]}
    output: {type: string}
    errors: [{code: NAME_EMPTY}]
    examples:
      - {input: {name: Ann}, output: Hello}
      - {input: {name: ""}, error: NAME_EMPTY}
      - {input: {}, error: ONEX_CONTRACT_041_VIOLATED}
`
	if err := schema.CheckContract(contract(t, sound)); err != nil {
		t.Errorf("a sound contract: %v", err)
	}
	const unsound = `
node_name: greeter
tools:
  a:
    input: {type: [object, "null"]}
    output: {type: text}
  b:
    input: {type: object, required: [name]}
    output: {type: string}
    examples:
      - {input: {}, output: 1}
      - {input: {name: Ann}, error: ONEX_CONTRACT_041_VIOLATED}
      - {input: {name: ""}, error: NAME_EMPTY}
  c:
    input: {$ref: "https://example.org/"}
    output: true
`
	err := schema.CheckContract(contract(t, unsound))
	if !errors.Is(err, schema.ErrUnsound) {
		t.Fatal(err)
	}
	const want = `the contract contradicts itself: 7 problems
  /tools/a/output: invalid schema: /type: fits none of the alternatives; /type: must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'; /type: must be array, is string
  /tools/a/input: must be the schema of an object: write type: object
  /tools/b/examples/0/input: does not keep the contract: missing key "name"
  /tools/b/examples/0/output: does not keep the contract: must be string, is number
  /tools/b/examples/1/input: keeps the schema, but the example expects ONEX_CONTRACT_041_VIOLATED
  /tools/b/examples/2/error: NAME_EMPTY is not among the errors of b
  /tools/c/input: reference out of the schema: "https://example.org/"`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	if err := schema.CheckContract(node.Contract{}); !errors.Is(err, node.ErrContract) {
		t.Errorf("the zero contract: %v", err)
	}
}

func contract(t testing.TB, file string) node.Contract {
	t.Helper()
	c, err := node.ParseContract([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCanonical(t *testing.T) {
	got, err := schema.Canonical(json.RawMessage(`{"b":1.0,"a":[ ]}`))
	if err != nil || string(got) != `{"a":[],"b":1}` {
		t.Errorf("%s, %v", got, err)
	}
}

func Example() {
	type request struct {
		Name  string `json:"name" jsonschema:"whom to greet"`
		Times int    `json:"times,omitempty"`
	}
	raw, err := schema.For[request]()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(raw))
	v, err := schema.Compile(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Validate([]byte(`{"name": "Ann", "times": 2}`)))
	fmt.Println(v.Validate([]byte(`{"times": "often", "loud": true}`)))
	// Output:
	// {"type":"object","properties":{"name":{"description":"whom to greet","type":"string"},"times":{"type":"integer"}},"required":["name"],"additionalProperties":false}
	// <nil>
	// does not keep the contract: missing key "name"; unknown key "loud"; /times: must be integer, is string
}
