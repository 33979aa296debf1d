package event_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/event"
)

func FuzzDecode(f *testing.F) {
	for _, p := range payloads {
		data, err := os.ReadFile(vector(p.Kind()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(plain("FUTURE", `{"a":[1,{"b":null}]}`)))
	f.Add([]byte(plain("STRUCTURED_LOG", `{"level":"info","message":"m","context":{"a~1b":7},"x\/":[]}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := event.Decode(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("accepted what is not JSON: %q", data)
		}
		encoded, err := event.Encode(first)
		if err != nil {
			t.Fatalf("decoded but not encodable: %v\n%s", err, data)
		}
		second, err := event.Decode(encoded)
		if err != nil {
			t.Fatalf("encoded but not decodable: %v\n%s", err, encoded)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("changed (-first +second):\n%s", diff)
		}
		if again, err := event.Encode(second); err != nil || string(again) != string(encoded) {
			t.Fatalf("not stable: %v\n first %s\nsecond %s", err, encoded, again)
		}
		if n, err := event.Measure(first); err != nil || n < len(encoded) {
			t.Fatalf("measured %d, %v, has %d bytes: %s", n, err, len(encoded), encoded)
		}
		if spaced, err := event.Decode(append([]byte(" "), encoded...)); err != nil || !cmp.Equal(spaced, second) {
			t.Fatalf("with a space before it: %v, %v", spaced, err)
		}
		event.Problems(first)
		if _, err := event.Encode(event.Redact(first)); err != nil {
			t.Fatalf("redacted but not encodable: %v\n%s", err, data)
		}
	})
}

func FuzzRedactJSON(f *testing.F) {
	f.Add([]byte(`{"password":"p","a":[{"token":null}],"s":"[\"x\"]"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := event.RedactJSON(data)
		if len(data) > 0 && !json.Valid(got) {
			t.Fatalf("not JSON: %q of %q", got, data)
		}
		if again := event.RedactJSON(got); string(again) != string(got) {
			t.Fatalf("not idempotent: %q, %q", got, again)
		}
	})
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{">", "*.*.me", "node_announce.*", "a.b.c", "*.x.>", "a..b", ""} {
		f.Add(s, "node_announce.greeter")
		f.Add(s, "a.b.me")
	}
	f.Fuzz(func(t *testing.T, filter, subject string) {
		parsed, err := event.ParseFilter(filter)
		if err != nil {
			parsed.Match(event.Subject(subject))
			return
		}
		s, err := event.ParseSubject(subject)
		if err != nil {
			return
		}
		if got, want := parsed.Match(s), matchSlowly(strings.Split(filter, "."), strings.Split(subject, ".")); got != want {
			t.Fatalf("%q matches %q: %t, want %t", filter, subject, got, want)
		}
		if exact, err := event.ParseFilter(subject); err != nil || !exact.Match(s) {
			t.Fatalf("%q does not match itself: %v", subject, err)
		}
		if back, err := event.ParseSubject(string(event.NewSubject(s.Kind(), s.From()))); err != nil || back.Kind() != s.Kind() {
			t.Fatalf("%q in parts is %q, %v", s, back, err)
		}
	})
}
