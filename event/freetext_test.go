package event_test

import (
	"strings"
	"testing"

	"github.com/omninode-ai/onex/event"
)

// TestCleanText holds what free text gives away, and what it does not.
func TestCleanText(t *testing.T) {
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
	for _, tt := range []struct{ in, want string }{
		{"login with password=hunter2 failed", "login with password=[PASSWORD_REDACTED] failed"},
		{"password: hunter2, user ada", "password: [PASSWORD_REDACTED], user ada"},
		{`DB_PASSWORD="a b c" next`, `DB_PASSWORD="[PASSWORD_REDACTED]" next`},
		{"GET /x?api_key=123&page=2", "GET /x?api_key=[KEY_REDACTED]&page=2"},
		{"access_token=abc;x=1", "access_token=[MASKED];x=1"},
		{"client-secret=s3", "client-secret=[SECRET]"},
		{"Authorization: Bearer abc.def-123", "Authorization: [REDACTED]"},
		{"authorization: Basic dXNlcjpwYXNz end", "authorization: [REDACTED] end"},
		{"sent Bearer abcdef123456 to it", "sent Bearer [MASKED] to it"},
		{"curl -H 'X-Api-Key: 42'", "curl -H 'X-Api-Key: [KEY_REDACTED]'"},
		{"got " + jwt + ".", "got [MASKED]."},
		{"use ghp_abcdefghijklmnopqrst0 now", "use [MASKED] now"},
		{"in the path /v1/hooks/xoxb-123456789012-abcdefgh of it", "in the path [MASKED] of it"},
		{"seed SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY", "seed [MASKED]"},
		{"ASIAABCDEFGHIJKLMNOP too", "[MASKED] too"},
		{"AIzaSyA-1234567890abcdefghijklmnopqrstu", "[MASKED]"},
		{`half of it, "token": "s3cr3t`, `half of it, "token": "[MASKED]`},
		{`{'secret': 's3cr3t'}`, `{'secret': '[SECRET]'}`},
		{"using token: s3cr3t7f31 now", "using token: [MASKED] now"},
		{"run --token s3cr3t --verbose", "run --token [MASKED] --verbose"},
		{"run --db-password 's3 cr3t' x", "run --db-password '[PASSWORD_REDACTED]' x"},
		{"AKIAABCDEFGHIJKLMNOP is it", "[MASKED] is it"},
		{"postgres://ada:pw@host/db", "postgres://[REDACTED]@host/db"},
		{"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", "[KEY_REDACTED]\nrest"},
		{"-----BEGIN PRIVATE KEY-----\nabc", "[KEY_REDACTED]"},

		// no secrets
		{`unknown key: "colour"`, `unknown key: "colour"`},
		{"author=ada", "author=ada"},
		{"idempotency_key=42", "idempotency_key=42"},
		{"unexpected token: }", "unexpected token: }"},
		{"unexpected token: identifier", "unexpected token: identifier"},
		{"unknown key: max_files_2024", "unknown key: max_files_2024"},
		{"the bearer understands", "the bearer understands"},
		{"-----BEGIN CERTIFICATE-----\nabc", "-----BEGIN CERTIFICATE-----\nabc"},
		{"monkey: banana", "monkey: banana"},
		{"password=", "password="},
		{"the flag --token is new", "the flag --token is new"},
		{"--token --verbose", "--token --verbose"},
		{"sk-learn-contrib-something-long", "sk-learn-contrib-something-long"},
		{"SUPERCALIFRAGILISTIC", "SUPERCALIFRAGILISTIC"},
		{"see https://host/token for more", "see https://host/token for more"},
	} {
		got := event.CleanText(tt.in)
		if got != tt.want {
			t.Errorf("CleanText(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if again := event.CleanText(got); again != got {
			t.Errorf("CleanText(%q) = %q: not idempotent", got, again)
		}
	}
}

// TestLineCleaner holds that a private key is not told line by line either.
func TestLineCleaner(t *testing.T) {
	var c event.LineCleaner
	var got []string
	for _, line := range []string{"a password=b", "x -----BEGIN PRIVATE KEY-----", "MIIEvQIBADAN", "-----END PRIVATE KEY----- y", "MIIEvQIBADAN"} {
		clean, _ := c.Clean(line)
		got = append(got, clean)
	}
	want := "a password=[PASSWORD_REDACTED]|x [KEY_REDACTED]|[KEY_REDACTED]|[KEY_REDACTED] y|MIIEvQIBADAN"
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	c.Clean("-----BEGIN EC PRIVATE KEY-----")
	for range 300 {
		c.Clean("never ends")
	}
	if clean, inKey := c.Clean("after all"); inKey || clean != "after all" {
		t.Errorf("a key without an end hides everything: %q", clean)
	}
}

// FuzzCleanText holds that cleaning never fails, and never twice.
func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"password=x", "Bearer abcdefgh1", "a: b", "-----BEGIN PRIVATE KEY-----", "token='x y", "authorization: Basic "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := event.CleanText(s)
		if twice := event.CleanText(once); twice != once && !strings.ContainsAny(once, `{["`) {
			t.Errorf("%q, then %q", once, twice)
		}
	})
}
