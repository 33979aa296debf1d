package event_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

func TestRedactJSON(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"api_key":"k"}`, `{"api_key":"[KEY_REDACTED]"}`},
		{`{"access_token":"t"}`, `{"access_token":"[MASKED]"}`},
		{`{"password":"p"}`, `{"password":"[PASSWORD_REDACTED]"}`},
		{`{"Passwd":"x"}`, `{"Passwd":"[PASSWORD_REDACTED]"}`},
		{`{"client_secret":"s"}`, `{"client_secret":"[SECRET]"}`},
		{`{"secret_key":"sk"}`, `{"secret_key":"[SECRET]"}`},
		{`{"key_token":"kt"}`, `{"key_token":"[MASKED]"}`},
		{`{"token_password":"tp"}`, `{"token_password":"[PASSWORD_REDACTED]"}`},
		{`{"salt":1,"certificate":"c","signature":"s","credential":"c"}`, `{"salt":"[REDACTED]","certificate":"[REDACTED]","signature":"[REDACTED]","credential":"[REDACTED]"}`},
		{`{"empty_key":"","none_key":null,"zero_key":0,"false_token":false}`, `{"empty_key":"[KEY_REDACTED]","none_key":null,"zero_key":"[KEY_REDACTED]","false_token":"[MASKED]"}`},
		{`{"dict_secret":{"a":1},"list_secret":[1]}`, `{"dict_secret":"[SECRET]","list_secret":"[SECRET]"}`},
		{`{"nested":{"password":"p","deep":{"token":"t","ok":1}}}`, `{"nested":{"password":"[PASSWORD_REDACTED]","deep":{"token":"[MASKED]","ok":1}}}`},
		{`{"lst":[{"auth":"a","v":1},"password=1",["k"]]}`, `{"lst":[{"auth":"[REDACTED]","v":1},"password=[PASSWORD_REDACTED]",["k"]]}`},
		{`{"author":"Alice","hash":"abc","monkey":"m","concert":"c","secretary":"s","tokenizer":"t","keyboard":"k"}`, "same"},
		{`{"idempotency_key":"i","fencing_token":7,"kwargs_keys":["a"],"idempotencyKey":"j"}`, "same"},
		{`{"apiKey":1,"APIKey":2,"XApiKey2":3,"accesstoken":4,"PASSWORD":5,"passWord":6,"db-password":7,"tokens":[8],"apikeys":9}`,
			`{"apiKey":"[KEY_REDACTED]","APIKey":"[KEY_REDACTED]","XApiKey2":"[KEY_REDACTED]","accesstoken":"[MASKED]","PASSWORD":"[PASSWORD_REDACTED]","passWord":"[PASSWORD_REDACTED]","db-password":"[PASSWORD_REDACTED]","tokens":"[MASKED]","apikeys":"[KEY_REDACTED]"}`},
		{`{"pass\u0077ord":"p"}`, `{"pass\u0077ord":"[PASSWORD_REDACTED]"}`},
		{` { "a" : 1.50 , "token" : "t" , "b" : [ ] } `, ` { "a" : 1.50 , "token" : "[MASKED]" , "b" : [ ] } `},
		{`{"text":"{\"token\":\"t\"}"}`, `{"text":"{\"token\":\"[MASKED]\"}"}`},
		{`{"url":"nats://user:pw@host:1/a@b","see":"http://a/@b"}`, `{"url":"nats://[REDACTED]@host:1/a@b","see":"http://a/@b"}`},
		{`{"broken":`, `"[REDACTED]"`},
		{`{"a":1,"a":2}`, `"[REDACTED]"`},
		{``, ``},
	} {
		want := tt.want
		if want == "same" {
			want = tt.in
		}
		if got := string(event.RedactJSON(json.RawMessage(tt.in))); got != want {
			t.Errorf("\n   in %s\n  got %s\n want %s", tt.in, got, want)
		}
	}
	if got, want := string(event.RedactJSON([]byte(`{"iban":"x","a":{"iban":1}}`), "iban")), `{"iban":"[REDACTED]","a":{"iban":"[REDACTED]"}}`; got != want {
		t.Errorf("with more names\n got %s\nwant %s", got, want)
	}
}

func TestSensitiveReadsTags(t *testing.T) {
	type inner struct {
		PIN  int `json:"pin,omitempty" onex:"sensitive"`
		Next *inner
	}
	type outer struct {
		Name  string  `json:"name"`
		IBAN  string  `onex:"sensitive"`
		Inner []inner `json:"inner"`
	}
	if diff := cmp.Diff([]string{"IBAN", "pin"}, event.Sensitive[outer]()); diff != "" {
		t.Error(diff)
	}
	if got := event.Sensitive[int](); got != nil {
		t.Errorf("Sensitive[int] = %v", got)
	}
}

const planted = "hunter2"

// TestRedactReachesEveryKind plants a secret in every place of every payload
// that has a secret's name, and everywhere JSON can hold one.
func TestRedactReachesEveryKind(t *testing.T) {
	for _, p := range payloads {
		t.Run(string(p.Kind()), func(t *testing.T) {
			v := reflect.New(reflect.TypeOf(p)).Elem()
			v.Set(reflect.ValueOf(full(p).Payload))
			plant(v)
			e := wrap(v.Interface().(event.Payload))
			e.Extra = []event.Member{
				{Path: "/client_secret", Value: json.RawMessage(`["` + planted + `"]`)},
				{Path: "/other", Value: json.RawMessage(`{"token":"` + planted + `"}`)},
			}
			before := encode(t, e)
			after := encode(t, event.Redact(e))
			if strings.Contains(after, planted) {
				t.Errorf("a secret survives: %s", after)
			}
			if !strings.Contains(after, "[SECRET]") {
				t.Errorf("nothing was redacted: %s", after)
			}
			if again := encode(t, e); again != before {
				t.Errorf("the original changed\n was %s\n now %s", before, again)
			}
			if twice := encode(t, event.Redact(event.Redact(e))); twice != after {
				t.Errorf("redacting twice\n once %s\ntwice %s", after, twice)
			}
		})
	}
}

// plant puts secrets below v.
func plant(v reflect.Value) {
	secret := json.RawMessage(`{"deep":[{"api_key":"` + planted + `"}],"text":"{\"password\":\"` + planted + `\"}"}`)
	switch x := v.Addr().Interface().(type) {
	case *json.RawMessage:
		*x = secret
		return
	case *fault.Report:
		x.Details = map[string]string{"token": planted}
		x.Message = "dial nats://me:" + planted + "@host"
		return
	case *node.Contract:
		x.Tools = slices.Clone(x.Tools)
		for i := range x.Tools {
			plant(reflect.ValueOf(&x.Tools[i]).Elem())
		}
		return
	case *node.Tool:
		x.Examples = slices.Clone(x.Examples)
		x.Examples[0].Input, x.Examples[0].Output = secret, secret
		return
	case *node.Manifest:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
		plant(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			plant(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; {
			case !v.Field(i).CanSet(): // inside time.Time
			case name == "Signature":
				v.Field(i).SetString(planted)
			case name == "Endpoint":
				v.Field(i).SetString("nats://" + planted + "@host")
			default:
				plant(v.Field(i))
			}
		}
	}
}

func TestRedactOfUnknownAndBadPayloads(t *testing.T) {
	raw := event.Redact(wrap(event.Raw{Type: "FUTURE", Data: json.RawMessage(`{"token":"x","a":1}`)}))
	if got, want := string(raw.Payload.(event.Raw).Data), `{"token":"[MASKED]","a":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := event.Redact(event.Event{}); got.Payload != nil {
		t.Errorf("redacted nothing into %v", got)
	}
	bad := event.Redact(wrap(event.Raw{Type: "bad kind", Data: json.RawMessage(`{"token":"` + planted + `"}`)}))
	if strings.Contains(fmt.Sprintf("%s", bad.Payload), planted) {
		t.Errorf("a secret survives in %s", bad.Payload)
	}
}

// TestNoPlantedSecretSurvives builds random JSON with secrets in it.
func TestNoPlantedSecretSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := randomJSON(t, 4)
		got := event.RedactJSON(json.RawMessage(doc))
		if strings.Contains(string(got), planted) {
			t.Fatalf("a secret survives\n in %s\nout %s", doc, got)
		}
		if !json.Valid(got) {
			t.Fatalf("not JSON: %s", got)
		}
		if again := event.RedactJSON(got); string(again) != string(got) {
			t.Fatalf("not idempotent\n once %s\ntwice %s", got, again)
		}
	})
}

var secretNames = []string{"password", "userPassword", "API_KEY", "x-api-key", "authToken", "client.secret", "Cookie", "private key", "tokens", "credentials", "auth"}

func randomJSON(t *rapid.T, depth int) string {
	kinds := []string{"number", "null", "text"}
	if depth > 0 {
		kinds = append(kinds, "object", "list", "quoted")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "null":
		return "null"
	case "text":
		return quoteJSON(rapid.String().Draw(t, "text"))
	case "object":
		members := []string{quoteJSON(rapid.SampledFrom(secretNames).Draw(t, "name")) + `:{"x":["` + planted + `"]}`}
		for i := range rapid.IntRange(0, 3).Draw(t, "n") {
			members = append(members, fmt.Sprintf(`"m%d":%s`, i, randomJSON(t, depth-1)))
		}
		return "{" + strings.Join(members, ", ") + "}"
	case "list":
		return "[" + randomJSON(t, depth-1) + " , " + randomJSON(t, depth-1) + "]"
	case "quoted":
		return quoteJSON(randomJSON(t, depth-1))
	}
	return "-1.5e3"
}

func quoteJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}
