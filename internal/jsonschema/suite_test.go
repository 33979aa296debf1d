package jsonschema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	peer "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/omninode-ai/onex/internal/jsonschema"
)

// module is where the test data of the JSON Schema project is: a module that
// is linked anyway brings it.
const module = "github.com/google/jsonschema-go"

// suite calls f for every case of the official test suite for draft 2020-12.
func suite(t testing.TB, f func(name string, schema, value any, valid bool)) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "jsonschema/testdata/draft2020-12/*.json"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		groups, _ := read(t, raw).([]any)
		for _, g := range groups {
			group := g.(map[string]any)
			for _, c := range group["tests"].([]any) {
				c := c.(map[string]any)
				name := filepath.Base(file) + ": " + group["description"].(string) + ": " + c["description"].(string)
				f(name, group["schema"], c["data"], c["valid"].(bool))
			}
		}
	}
}

func read(t testing.TB, raw []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// outside are the cases that refer to other documents, or to another draft:
// they are refused.
func TestOfficialSuite(t *testing.T) {
	total, outside := 0, 0
	suite(t, func(name string, schema, value any, valid bool) {
		total++
		s, err := jsonschema.Compile(schema)
		if o := (*jsonschema.OutsideError)(nil); errors.As(err, &o) {
			outside++
			if !strings.Contains(o.Ref, "localhost:1234") && !strings.Contains(o.Ref, "/draft/2019-09/") {
				t.Errorf("%s: %v", name, err)
			}
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if found := s.Validate(value); (len(found) == 0) != valid {
			t.Errorf("%s: %v, want valid %v", name, found, valid)
		}
	})
	t.Logf("%d cases, %d of them refer to other documents", total, outside)
	if total < 1000 || outside > 70 {
		t.Errorf("%d cases, %d refused", total, outside)
	}
}

// compilePeer compiles by another implementation.
func compilePeer(schema any) (*peer.Schema, error) {
	c := peer.NewCompiler()
	c.DefaultDraft(peer.Draft2020)
	c.AssertFormat()
	c.UseLoader(peer.SchemeURLLoader{})
	if err := c.AddResource("onex://contract/schema.json", schema); err != nil {
		return nil, err
	}
	return c.Compile("onex://contract/schema.json")
}

// FuzzLikeThePeer: another implementation takes and refuses the same values.
func FuzzLikeThePeer(f *testing.F) {
	suite(f, func(_ string, schema, value any, _ bool) {
		s, _ := json.Marshal(schema)
		v, _ := json.Marshal(value)
		f.Add(s, v)
	})
	for _, s := range formats {
		f.Add([]byte(`{"format":"`+s.format+`"}`), []byte(`"`+s.text+`"`))
	}
	f.Fuzz(func(t *testing.T, rawSchema, rawValue []byte) {
		if !json.Valid(rawSchema) || !json.Valid(rawValue) || len(rawSchema)+len(rawValue) > 4<<10 {
			return
		}
		schema, value := read(t, rawSchema), read(t, rawValue)
		ours, err := jsonschema.Compile(schema)
		if strings.Contains(string(rawSchema), `$`) && err != nil {
			return // other drafts, other documents: they are refused here
		}
		theirs, peerErr := compilePeer(schema)
		if (err == nil) != (peerErr == nil) {
			t.Fatalf("%s: %v; the peer says %v", rawSchema, err, peerErr)
		}
		if err != nil {
			return
		}
		found, peerFound := ours.Validate(value), theirs.Validate(value)
		if len(found) > 0 && peerFound == nil && strings.Contains(string(rawSchema), `"format"`) {
			return // a format that is read more strictly, as an empty name before an @
		}
		if (len(found) == 0) != (peerFound == nil) {
			t.Fatalf("%s, %s: %v; the peer says %v", rawSchema, rawValue, found, peerFound)
		}
	})
}
