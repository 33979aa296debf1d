package event

import (
	"reflect"
	"slices"
	"strings"
)

// The texts that stand where a secret was.
const (
	replacementPassword = "[PASSWORD_REDACTED]"
	replacementToken    = "[MASKED]"
	replacementSecret   = "[SECRET]"
	replacementKey      = "[KEY_REDACTED]"
	replacementOther    = "[REDACTED]"
)

// replacements in order of precedence: a token_password is a password.
var replacements = []string{
	replacementPassword, replacementToken, replacementSecret, replacementKey, replacementOther,
}

// harmless names look like secrets and are none: they say which, not what.
// They are spelt as [joined] spells them.
var harmless = []string{"idempotencykey", "fencingtoken", "kwargskeys"}

// replacement returns what stands for the value of a field with a secret's
// name, and nothing for other names.
func replacement(name string, also []string) string {
	ws := nameWords(name)
	if slices.Contains(harmless, strings.Join(ws, "")) {
		return ""
	}
	best := len(replacements)
	for i, w := range ws {
		best = min(best, rank(w))
		if i > 0 { // passWord
			best = min(best, rank(ws[i-1]+w))
		}
	}
	if best < len(replacements) {
		return replacements[best]
	}
	if slices.Contains(also, name) {
		return replacementOther
	}
	return ""
}

// rank returns the place in replacements of what w stands for; len(replacements)
// when it is harmless. Words that occur in no others are found at the end of
// compounds too: accesstoken, but not tokenizer, secretary or monkey.
func rank(w string) int {
	w = strings.TrimSuffix(w, "s")
	switch w {
	case "pwd":
		return 0
	case "jwt", "bearer":
		return 1
	case "key":
		return 3
	case "auth", "authorization", "cookie", "cert", "certificate", "signature", "salt", "cred":
		return 4
	}
	for i, ends := range [][]string{
		{"password", "passwd", "passphrase", "passcode"},
		{"token"},
		{"secret"},
		{"apikey", "accesskey", "privatekey", "signingkey", "encryptionkey", "sshkey"},
		{"credential"},
	} {
		for _, end := range ends {
			if strings.HasSuffix(w, end) {
				return i
			}
		}
	}
	return len(replacements)
}

// nameWords splits a name into words in lower case, at everything that is not
// a letter and at camelCase humps: "XApiKey2" is x, api, key.
func nameWords(name string) []string {
	var ws []string
	start := 0
	cut := func(end int) {
		if end > start {
			ws = append(ws, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i := range len(name) {
		switch {
		case !letter(name[i]):
			cut(i)
			start = i + 1
		case i > start && upper(name[i]) && (!upper(name[i-1]) || i+1 < len(name) && lower(name[i+1])):
			cut(i)
		}
	}
	cut(len(name))
	return ws
}

func upper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func lower(c byte) bool  { return 'a' <= c && c <= 'z' }
func letter(c byte) bool { return upper(c) || lower(c) || c >= 0x80 }

// cleanText redacts what a text carries inside: JSON, and user:password@ of
// URLs, and secrets in free text ([CleanText]).
func cleanText(s string, also []string) string {
	if trimmed := strings.TrimLeft(s, " \t\r\n"); trimmed != "" && strings.IndexByte(`{["`, trimmed[0]) >= 0 {
		if check([]byte(s), 0) == nil {
			return string(RedactJSON([]byte(s), also...))
		}
	}
	return cleanWords(cleanURLs(s))
}

// cleanURLs replaces the user information of every URL in s.
func cleanURLs(s string) string {
	var b strings.Builder
	rest := s
	for {
		before, after, found := strings.Cut(rest, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("://")
		end := strings.IndexAny(after, "/?#\"'<> \t\r\n")
		if end < 0 {
			end = len(after)
		}
		if at := strings.LastIndexByte(after[:end], '@'); at >= 0 {
			b.WriteString(replacementOther)
			after = after[at:]
		}
		rest = after
	}
}

// Sensitive returns the JSON names of the fields of struct T, and of the structs
// in it, that have the tag `onex:"sensitive"`: names to give to [Redact] and
// [RedactJSON] with data of type T.
func Sensitive[T any]() []string {
	var s sensitive
	s.scan(reflect.TypeFor[T]())
	return s.names
}

type sensitive struct {
	names []string
	seen  []reflect.Type
}

func (s *sensitive) scan(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		s.scan(t.Elem())
		return
	case reflect.Struct:
	default:
		return
	}
	if slices.Contains(s.seen, t) {
		return
	}
	s.seen = append(s.seen, t)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("onex") == "sensitive" {
			s.names = append(s.names, jsonName(f))
			continue
		}
		s.scan(f.Type)
	}
}

func jsonName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}
