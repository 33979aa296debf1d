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
		{"use ghp_abcdefghijklmnopqrst now", "use [MASKED] now"},
		{"AKIAABCDEFGHIJKLMNOP is it", "[MASKED] is it"},
		{"postgres://ada:pw@host/db", "postgres://[REDACTED]@host/db"},
		{"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", "[KEY_REDACTED]\nrest"},
		{"-----BEGIN PRIVATE KEY-----\nabc", "[KEY_REDACTED]"},

		// no secrets
		{`unknown key: "colour"`, `unknown key: "colour"`},
		{"author=ada", "author=ada"},
		{"idempotency_key=42", "idempotency_key=42"},
		{"unexpected token: }", "unexpected token: }"},
		{"the bearer understands", "the bearer understands"},
		{"-----BEGIN CERTIFICATE-----\nabc", "-----BEGIN CERTIFICATE-----\nabc"},
		{"monkey: banana", "monkey: banana"},
		{"password=", "password="},
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
