package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/schema"
)

func compile(t testing.TB, raw string) *schema.Validator {
	t.Helper()
	v, err := schema.Compile(json.RawMessage(raw))
	if err != nil {
		t.Fatalf("Compile(%s): %v", raw, err)
	}
	return v
}

func TestValidateNamesEveryViolation(t *testing.T) {
	for _, tt := range []struct {
		schema, doc string
		want        string // empty: valid
	}{
		{`{}`, `null`, ``},
		{`true`, `{"a":[1]}`, ``},
		{`false`, `1`, `nothing is allowed here`},
		{`{"type":"object"}`, `[]`, `must be object, is array`},
		{`{"type":["string","null"]}`, `1`, `must be null or string, is number`},
		{`{"required":["a","b"]}`, `{}`, `missing key "a", "b"`},
		{`{"properties":{"a~/":{"type":"string"}},"additionalProperties":false}`, `{"a~/":1,"b":2}`, `unknown key "b"; /a~0~1: must be string, is number`},
		{`{"items":{"type":"integer"}}`, `[1,1.0,1e2,1.5,"x"]`, `/3: must be integer, is number; /4: must be integer, is string`},
		{`{"minimum":1,"maximum":1000000}`, `1000001`, `must be at most 1000000`},
		{`{"exclusiveMinimum":0.1}`, `0.1`, `must be more than 0.1`},
		{`{"exclusiveMaximum":-2}`, `0`, `must be less than -2`},
		{`{"minimum":0.5}`, `0`, `must be at least 0.5`},
		{`{"multipleOf":0.01}`, `4.35`, ``},
		{`{"multipleOf":0.01}`, `4.351`, `must be a multiple of 0.01`},
		{`{"maximum":9007199254740992}`, `9007199254740993`, `must be at most 9007199254740992`},
		{`{"const":9007199254740993}`, `9007199254740992`, `must be 9007199254740993`},
		{`{"enum":["a","b"]}`, `"c"`, `must be one of 'a', 'b'`},
		{`{"minLength":2}`, `"é"`, `length must be at least 2, is 1`},
		{`{"maxLength":2}`, `"abc"`, `length must be at most 2, is 3`},
		{`{"minItems":1}`, `[]`, `number of items must be at least 1, is 0`},
		{`{"maxItems":1}`, `[1,2]`, `number of items must be at most 1, is 2`},
		{`{"uniqueItems":true}`, `[1,2,1.0]`, `items at 0 and 2 are equal`},
		{`{"pattern":"^[a-z]+$"}`, `"secret1"`, `does not match the pattern "^[a-z]+$"`},
		{`{"format":"date-time"}`, `"2025-01-02"`, `is not a valid date-time`},
		{`{"format":"date-time"}`, `"2025-01-02T03:04:05Z"`, ``},
		{`{"format":"uuid"}`, `"4f13e6e3"`, `is not a valid uuid`},
		{`{"format":"uri"}`, `"no uri"`, `is not a valid uri`},
		{`{"format":"email"}`, `"a"`, `is not a valid email`},
		{`{"format":"of our own"}`, `"a"`, ``},
		{`{"anyOf":[{"type":"string"},{"required":["a"]}]}`, `{}`, `fits none of the alternatives; must be string, is object; missing key "a"`},
		{`{"oneOf":[{"type":"string"},{"type":"number"}]}`, `{}`, `fits none of the alternatives; must be string, is object; must be number, is object`},
		{`{"oneOf":[true,true]}`, `1`, `fits more than one of the alternatives`},
		{`{"$ref":"#/$defs/n","$defs":{"n":{"type":"null"}}}`, `1`, `must be null, is number`},
		{`{"properties":{"next":{"$ref":"#"}},"additionalProperties":false}`, `{"next":{"next":{"x":1}}}`, `/next/next: unknown key "x"`},
		{`{"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}}]}`, `{"a":1,"b":2}`, `/b: nothing is allowed here`},
	} {
		err := compile(t, tt.schema).Validate([]byte(tt.doc))
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s refuses %s: %v", tt.schema, tt.doc, err)
			}
			continue
		}
		if !errors.Is(err, schema.ErrViolated) {
			t.Errorf("%s, %s: error %v", tt.schema, tt.doc, err)
			continue
		}
		if diff := cmp.Diff("does not keep the contract: "+tt.want, err.Error()); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.schema, tt.doc, diff)
		}
	}
}

func TestViolationsAreDataForPrograms(t *testing.T) {
	err := compile(t, `{"properties":{"a":{"type":"string"},"b":{"minLength":3,"pattern":"x"}},"required":["c"]}`).
		Validate([]byte(`{"a":1,"b":"y"}`))
	want := map[string]string{
		"":   `missing key "c"`,
		"/a": "must be string, is number",
		"/b": `length must be at least 3, is 1; does not match the pattern "x"`,
	}
	if diff := cmp.Diff(want, fault.ReportOf(err).Details); diff != "" {
		t.Error(diff)
	}
}

func TestMessagesAreBounded(t *testing.T) {
	list := "[" + strings.Repeat(`"x",`, 999) + `"x"]`
	err := compile(t, `{"items":{"type":"number"}}`).Validate([]byte(list))
	if got := err.Error(); !strings.HasSuffix(got, "; and 980 more") || strings.Count(got, ";") != 20 {
		t.Errorf("message %q", got)
	}
	if n := len(fault.ReportOf(err).Details); n != 20 {
		t.Errorf("%d details", n)
	}
	var object strings.Builder
	for i := range 100 {
		fmt.Fprintf(&object, `,"k%02d%s":1`, i, strings.Repeat("x", 1000))
	}
	err = compile(t, `{"additionalProperties":false}`).Validate([]byte("{" + object.String()[1:] + "}"))
	if got := err.Error(); len(got) > 1100 || !strings.HasSuffix(got, "and 90 more") {
		t.Errorf("%d bytes, %q", len(got), got)
	}
}

func TestMessagesDoNotRepeatWhatMayBeSecret(t *testing.T) {
	const secret = "hunter2"
	for _, s := range []string{`{"pattern":"^x$"}`, `{"format":"uuid"}`, `{"const":"y"}`, `{"enum":["y"]}`, `{"minLength":99}`, `{"maxLength":1}`,
		`{"type":"number"}`, `{"not":{"type":"string"}}`, `false`} {
		err := compile(t, s).Validate([]byte(`"` + secret + `"`))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestDocumentsAreReadStrictly(t *testing.T) {
	v := compile(t, `true`)
	for _, tt := range []struct{ doc, want string }{
		{``, `at byte 0: unexpected EOF`},
		{`{"a":`, `at byte 5: unexpected EOF`},
		{`[1`, `at byte 2: unexpected EOF`},
		{`{"a"`, `at byte 4: unexpected EOF`},
		{`{'a':1}`, `at byte 1: invalid character '\''`},
		{`{"a":1,"b":{"c":1,"c":2}}`, `at byte 21: duplicate key "c"`},
		{`1 2`, `at byte 3: something follows the value`},
		{`1 x`, `at byte 2: something follows the value`},
		{"\"\xff\"", `not UTF-8`},
		{`1e401`, `at byte 5: a number of more than 400 digits`},
		{`1E-99999999999999999999`, `at byte 23: a number of more than 400 digits`},
		{strings.Repeat("1", 401), `at byte 401: a number of more than 400 digits`},
		{strings.Repeat("[", 66) + strings.Repeat("]", 66), `at byte 66: more than 64 levels`},
		{strings.Repeat(" ", 1<<20) + "1", `1048577 bytes are more than the limit of 1048576`},
	} {
		err := v.Validate([]byte(tt.doc))
		if !errors.Is(err, schema.ErrDocument) || !strings.HasPrefix(err.Error(), "not a JSON document: "+tt.want) {
			t.Errorf("%.40q: %v, want %s", tt.doc, err, tt.want)
		}
	}
	for _, doc := range []string{`{"a":1,"A":2}`, " 1 \n", `"\u0000"`, strings.Repeat("[", 65) + strings.Repeat("]", 65), `1e400`, `-0`} {
		if err := v.Validate([]byte(doc)); err != nil {
			t.Errorf("%.40q: %v", doc, err)
		}
	}
}

func TestCompileRefusesWhatIsNoSchema(t *testing.T) {
	for _, tt := range []struct {
		schema string
		kind   *fault.Kind
		want   string
	}{
		{`{`, schema.ErrSchema, `read: not a JSON document: at byte 1: unexpected EOF`},
		{`[]`, schema.ErrSchema, `a schema is an object, true or false`},
		{`{"type":"text"}`, schema.ErrSchema, `/type: fits none of the alternatives; /type: must be one of 'array'`},
		{`{"properties":{"a":{"minLength":-1}}}`, schema.ErrSchema, `/properties/a/minLength: must be at least 0`},
		{`{"pattern":"a(?=b)"}`, schema.ErrSchema, `/pattern: is not a valid regex`},
		{`{"$ref":"#/$defs/a"}`, schema.ErrSchema, `json-pointer in "#/$defs/a" not found`},
		{`{"$ref":"#a"}`, schema.ErrSchema, `anchor in "#a" not found`},
		{`{"$schema":"http://json-schema.org/draft-07/schema#"}`, schema.ErrSchema, `$schema "http://json-schema.org/draft-07/schema#" is not https://json-schema.org/draft/2020-12/schema`},
		{`{"enum":[` + strings.Repeat("0,", 10_000) + `0]}`, schema.ErrSchema, `20012 bytes and 10003 values are more than the limits of 262144 and 10000`},
		{`{"$comment":"` + strings.Repeat("x", 1<<18) + `"}`, schema.ErrSchema, `262159 bytes and 2 values are more than`},
		{`{"$ref":"other.json#/a"}`, schema.ErrRef, `"other.json"`},
		{`{"$ref":"http://127.0.0.1:1/a"}`, schema.ErrRef, `"http://127.0.0.1:1/a"`},
		{`{"$ref":"file:///etc/passwd"}`, schema.ErrRef, `"file:///etc/passwd"`},
		{`{"$ref":"/etc/passwd"}`, schema.ErrRef, `"etc/passwd"`},
		{`{"items":{"$dynamicRef":"https://example.org/s#a"}}`, schema.ErrRef, `"https://example.org/s"`},
		{`{"$id":"https://example.org/a","$ref":"b"}`, schema.ErrRef, `"https://example.org/b"`},
		{`{"$defs":{"a":{"$schema":"https://example.org/meta"}}}`, schema.ErrRef, `"https://example.org/meta"`},
	} {
		_, err := schema.Compile(json.RawMessage(tt.schema))
		if !errors.Is(err, tt.kind) || !strings.HasPrefix(err.Error(), tt.kind.Text+": "+tt.want) {
			t.Errorf("%.60s: %v, want %s: %s", tt.schema, err, tt.kind.Text, tt.want)
		}
	}
	for _, s := range []string{
		`{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.org/a","$defs":{"b":{"$id":"b"}},"$ref":"b"}`,
		`{"$defs":{"a":{"$anchor":"x"}},"$ref":"#x"}`,
		`{"x-ours":{"type":"nonsense"}}`,
	} {
		compile(t, s)
	}
}

func TestCacheKeepsTheLastUsed(t *testing.T) {
	c := schema.NewCache(2)
	get := func(raw string) *schema.Validator {
		t.Helper()
		v, err := c.Compile(json.RawMessage(raw))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	a, b := get(`{"const":1}`), get(`{"const":2}`)
	if get(`{"const":1}`) != a || get(`{"const":2}`) != b {
		t.Error("compiled twice")
	}
	get(`{"const":1}`)
	get(`{"const":3}`)
	if c.Len() != 2 || get(`{"const":1}`) != a || get(`{"const":2}`) == b {
		t.Error("the schema that was used last has gone, or the other has stayed")
	}
	if _, err := c.Compile(json.RawMessage(`[]`)); !errors.Is(err, schema.ErrSchema) || c.Len() != 2 {
		t.Errorf("error %v, %d kept", err, c.Len())
	}
}

func TestCacheServesManyGoroutines(t *testing.T) {
	c := schema.NewCache(0)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				v, err := c.Compile(json.RawMessage(fmt.Sprintf(`{"const":%d}`, j)))
				if err != nil || v.Validate([]byte(fmt.Sprint(j))) != nil || v.Validate([]byte(`"x"`)) == nil {
					t.Errorf("goroutine %d, schema %d: %v", i, j, err)
				}
			}
		})
	}
	wg.Wait()
	if c.Len() != 50 {
		t.Errorf("%d kept, want 50", c.Len())
	}
}

func FuzzValidate(f *testing.F) {
	f.Add([]byte(`{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"oneOf":[true,{"pattern":"a*"}]}}}`), []byte(`{"a":[1e3,{"b":null}]}`))
	f.Add([]byte(`{"multipleOf":0.01,"format":"date-time","uniqueItems":true}`), []byte(`[1,1.0]`))
	f.Fuzz(func(t *testing.T, raw, doc []byte) {
		v, err := schema.Compile(raw)
		if err != nil {
			if !errors.Is(err, schema.ErrSchema) && !errors.Is(err, schema.ErrRef) {
				t.Fatalf("compile: %v", err)
			}
			return
		}
		err = v.Validate(doc)
		if err != nil && !errors.Is(err, schema.ErrViolated) && !errors.Is(err, schema.ErrDocument) {
			t.Fatalf("validate: %v", err)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	v := compile(b, `{"type":"object","properties":{"name":{"type":"string","minLength":1},"n":{"type":"array","items":{"type":"integer"}}},"required":["name"],"additionalProperties":false}`)
	doc := []byte(`{"name":"Ann","n":[1,2,3,4,5]}`)
	for b.Loop() {
		if err := v.Validate(doc); err != nil {
			b.Fatal(err)
		}
	}
}
