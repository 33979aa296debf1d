package schema_test

import (
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/schema"
)

func TestSmoke(t *testing.T) {
	type in struct {
		Name string    `json:"name" jsonschema:"who <b>"`
		N    []int8    `json:"n,omitempty"`
		At   time.Time `json:"at"`
	}
	raw, err := schema.For[in]()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", raw)
	v, err := schema.Compile(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(v.Validate([]byte(`{"name": 5, "n":[1,1000,"x"], "at":"yesterday", "more":1}`)))
	_, err = schema.Compile([]byte(`{"$ref":"other.json#/x"}`))
	t.Log(err)
	_, err = schema.Compile([]byte(`{"$ref":"file:///etc/passwd"}`))
	t.Log(err)
	_, err = schema.Compile([]byte(`{"type":"strin", "pattern":"(?=x)"}`))
	t.Log(err)
	_, err = schema.Compile([]byte(`{"$ref":"#/$defs/x"}`))
	t.Log(err)
	_, err = schema.Compile([]byte(`{"pattern":"(?=x)"}`))
	t.Log(err)
	_, err = schema.Compile([]byte(`{"$schema":"http://json-schema.org/draft-07/schema#"}`))
	t.Log(err)
	v, err = schema.Compile([]byte(`{"oneOf":[{"type":"string"},{"type":"object","required":["a"]}], "enum":[1,2], "maxLength":3}`))
	t.Log(err)
	t.Log(v.Validate([]byte(`{"b":1}`)))
	t.Log(v.Validate([]byte(`{"b":1} x`)))
	t.Log(v.Validate([]byte(`{"b":1,"b":2}`)))
	t.Log(v.Validate([]byte(`1e99999999999999`)))
}
