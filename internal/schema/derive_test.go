package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

type colour string

func (colour) Values() []string { return []string{"red", "green"} }

type celsius struct{ degrees float64 }

func (c celsius) MarshalJSON() ([]byte, error) { return json.Marshal(c.degrees) }
func (celsius) JSONSchema() json.RawMessage {
	return json.RawMessage(`{"type":"number","minimum":-273.15}`)
}

type base struct {
	ID string `json:"id" jsonschema:"what it is"`
}

type everything struct {
	base
	Text      string          `json:"text"`
	Flag      bool            `json:"flag,omitempty"`
	Small     int8            `json:"small"`
	Unsigned  uint16          `json:"unsigned"`
	Large     int64           `json:"large"`
	Positive  uint64          `json:"positive"`
	Ratio     float64         `json:"ratio"`
	Colour    colour          `json:"colour,omitempty"`
	Status    node.Status     `json:"status"`
	When      time.Time       `json:"when"`
	Maybe     *string         `json:"maybe"`
	MaybeNot  *base           `json:"maybe_not,omitempty"`
	List      []colour        `json:"list"`
	ShortList []int           `json:"short_list,omitempty"`
	Pair      [2]bool         `json:"pair"`
	Bytes     []byte          `json:"bytes"`
	Map       map[string]base `json:"map,omitzero"`
	Anything  json.RawMessage `json:"anything"`
	Heat      celsius         `json:"heat"`
	Address   netip.Addr      `json:"address"`
	Number    json.Number     `json:"number"`
	Tool      node.Tool       `json:"tool"`
	NoTag     string
	Hidden    string `json:"-"`
	_         string
	Nested    map[string][]base `json:"nested"`
}

const everythingSchema = `{
  "type": "object",
  "properties": {
    "id": {
      "description": "what it is",
      "type": "string"
    },
    "text": {
      "type": "string"
    },
    "flag": {
      "type": "boolean"
    },
    "small": {
      "type": "integer",
      "minimum": -128,
      "maximum": 127
    },
    "unsigned": {
      "type": "integer",
      "minimum": 0,
      "maximum": 65535
    },
    "large": {
      "type": "integer"
    },
    "positive": {
      "type": "integer",
      "minimum": 0
    },
    "ratio": {
      "type": "number"
    },
    "colour": {
      "type": "string",
      "enum": [
        "red",
        "green"
      ]
    },
    "status": {
      "type": "string",
      "enum": [
        "unverified",
        "online",
        "suspect",
        "dead",
        "stopped"
      ]
    },
    "when": {
      "type": "string",
      "format": "date-time"
    },
    "maybe": {
      "type": [
        "string",
        "null"
      ]
    },
    "maybe_not": {
      "type": "object",
      "properties": {
        "id": {
          "description": "what it is",
          "type": "string"
        }
      },
      "required": [
        "id"
      ],
      "additionalProperties": false
    },
    "list": {
      "type": [
        "array",
        "null"
      ],
      "items": {
        "type": "string",
        "enum": [
          "red",
          "green"
        ]
      }
    },
    "short_list": {
      "type": "array",
      "items": {
        "type": "integer"
      }
    },
    "pair": {
      "type": "array",
      "items": {
        "type": "boolean"
      },
      "minItems": 2,
      "maxItems": 2
    },
    "bytes": {
      "type": [
        "string",
        "null"
      ],
      "contentEncoding": "base64"
    },
    "map": {
      "type": "object",
      "additionalProperties": {
        "type": "object",
        "properties": {
          "id": {
            "description": "what it is",
            "type": "string"
          }
        },
        "required": [
          "id"
        ],
        "additionalProperties": false
      }
    },
    "anything": {},
    "heat": {
      "type": "number",
      "minimum": -273.15
    },
    "address": {
      "type": "string"
    },
    "number": {
      "type": "number"
    },
    "tool": {
      "type": "object"
    },
    "NoTag": {
      "type": "string"
    },
    "nested": {
      "type": [
        "object",
        "null"
      ],
      "additionalProperties": {
        "type": [
          "array",
          "null"
        ],
        "items": {
          "type": "object",
          "properties": {
            "id": {
              "description": "what it is",
              "type": "string"
            }
          },
          "required": [
            "id"
          ],
          "additionalProperties": false
        }
      }
    }
  },
  "required": [
    "id",
    "text",
    "small",
    "unsigned",
    "large",
    "positive",
    "ratio",
    "status",
    "when",
    "maybe",
    "list",
    "pair",
    "bytes",
    "anything",
    "heat",
    "address",
    "number",
    "tool",
    "NoTag",
    "nested"
  ],
  "additionalProperties": false
}
`

func TestForFollowsTheGoType(t *testing.T) {
	got, err := schema.Document[everything]("", "")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "$schema": "` + schema.Draft + `",` + everythingSchema[1:]
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestDocumentNamesItself(t *testing.T) {
	got, err := schema.Document[base]("https://onex.dev/schemas/base.json", "A <base>")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://onex.dev/schemas/base.json",
  "title": "A <base>",
  "type": "object",
  "properties": {
    "id": {
      "description": "what it is",
      "type": "string"
    }
  },
  "required": [
    "id"
  ],
  "additionalProperties": false
}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// What Go writes, the schema accepts: also of zero values, whose slices are null.
func TestForAcceptsWhatGoWrites(t *testing.T) {
	type value struct {
		base
		Text  string            `json:"text"`
		Maybe *int              `json:"maybe"`
		List  []string          `json:"list"`
		Lists [][]int16         `json:"lists,omitempty"`
		Map   map[string]*bool  `json:"map"`
		Omit  map[string]string `json:"omit,omitempty"`
		Bytes []byte            `json:"bytes"`
		Ratio float64           `json:"ratio"`
		When  time.Time         `json:"when"`
	}
	raw, err := schema.For[value]()
	if err != nil {
		t.Fatal(err)
	}
	v, err := schema.Compile(raw)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Make[value]().Draw(t, "value")
		x.When = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "when"), 0).UTC()
		doc, err := json.Marshal(x)
		if err != nil {
			t.Skip(err)
		}
		if err := v.Validate(doc); err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
	})
}

type recursive struct {
	Children []recursive `json:"children"`
}

type clash struct {
	base
	Same string `json:"id"`
}

type embedding struct{ *clash }

type silent struct{}

func (*silent) UnmarshalJSON([]byte) error  { return nil }
func (silent) MarshalJSON() ([]byte, error) { return []byte("0"), nil }

func TestForRefusesWhatHasNoSchema(t *testing.T) {
	check(t, forType[struct{ D time.Duration }], "struct { D time.Duration }.D is a time.Duration")
	check(t, forType[struct{ F func() }], "struct { F func() }.F is a func")
	check(t, forType[struct{ E error }], "struct { E error }.E is a interface")
	check(t, forType[map[int]string], "map[int]string is a map whose keys are not strings")
	check(t, forType[recursive], "schema_test.recursive.Children[] contains itself")
	check(t, forType[[]silent], "[]schema_test.silent[] writes its own JSON and has no method JSONSchema")
	check(t, forType[clash], `schema_test.clash has the key "id" twice`)
	check(t, forType[embedding], "schema_test.embedding.clash is an embedded pointer")
	check(t, forType[complex128], "complex128 is a complex128")
	check(t, forType[struct {
		N int `json:"n,string"`
	}], `struct { N int "json:\"n,string\"" }.N has the option string in its json tag`)
	check(t, forType[big.Int], "big.Int writes its own JSON and has no method JSONSchema")
	if _, err := schema.Document[recursive]("", ""); !errors.Is(err, schema.ErrType) {
		t.Errorf("Document: %v", err)
	}
}

func forType[T any]() (json.RawMessage, error) { return schema.For[T]() }

func check(t *testing.T, derive func() (json.RawMessage, error), want string) {
	t.Helper()
	_, err := derive()
	if !errors.Is(err, schema.ErrType) || err.Error() != "no schema for the Go type: "+want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAnnotate(t *testing.T) {
	for _, c := range []struct{ raw, id, want string }{
		{`{"type":"object"}`, "", `{"$schema":"` + schema.Draft + `","title":"T","type":"object"}`},
		{`{"type":"object"}`, "urn:x", `{"$schema":"` + schema.Draft + `","$id":"urn:x","title":"T","type":"object"}`},
		{` {} `, "", `{"$schema":"` + schema.Draft + `","title":"T"}`},
		{`{"title":"own","$schema":"s","$id":"i"}`, "urn:x", `{"title":"own","$schema":"s","$id":"i"}`},
	} {
		got, err := schema.Annotate([]byte(c.raw), c.id, "T")
		var b bytes.Buffer
		if err == nil {
			err = json.Compact(&b, got)
		}
		if err != nil || b.String() != c.want {
			t.Errorf("%s: %s, want %s; %v", c.raw, b.String(), c.want, err)
		}
	}
	for _, bad := range []string{"true", "[]", "", `{"a":`} {
		if got, err := schema.Annotate([]byte(bad), "", "T"); err == nil {
			t.Errorf("%q is taken for a schema: %s", bad, got)
		}
	}
}
