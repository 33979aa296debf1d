package event

import "strings"

// CleanText returns s without the secrets that free text gives away, for logs
// and reasons: the value in password=…, token: …, ?api_key=… and their like,
// what follows Bearer, words that have the form of well-known tokens, private
// keys in PEM, and user:password@ of URLs. JSON is redacted as JSON. It finds what
// is written as secrets commonly are; a secret without a telling word or form
// stays.
func CleanText(s string) string { return cleanText(s, nil) }

// cleanWords redacts text that is neither JSON nor has URLs with users left.
func cleanWords(s string) string {
	if !strings.ContainsAny(s, "=:_-. ") {
		return s
	}
	s = cleanPEM(s)
	var b strings.Builder
	for at := 0; at < len(s); {
		end, text := secretAt(s, at)
		if text != "" {
			b.WriteString(text)
			at = end
			continue
		}
		b.WriteString(s[at:end])
		at = end
	}
	return b.String()
}

// secretAt looks at the word that begins at s[at], or the one character that is
// no word. It returns where to go on, and what to write instead; nothing when
// there is no secret.
func secretAt(s string, at int) (int, string) {
	if !wordByte(s[at]) {
		return at + 1, ""
	}
	end := at
	for end < len(s) && wordByte(s[end]) {
		end++
	}
	for end > at+1 && s[end-1] == '.' { // the end of a sentence
		end--
	}
	word := s[at:end]
	if tokenForm(word) {
		return end, replacementToken
	}
	if strings.EqualFold(word, "bearer") {
		return bearerAt(s, at, end)
	}
	return valueAt(s, at, end)
}

// wordByte reports whether c may be in a name or a token.
func wordByte(c byte) bool {
	return letter(c) || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c == '/' || c == '+' || c == '~'
}

// bearerAt looks for a token behind "Bearer".
func bearerAt(s string, at, end int) (int, string) {
	from := end
	for from < len(s) && s[from] == ' ' {
		from++
	}
	to := from
	for to < len(s) && (wordByte(s[to]) || s[to] == '=') {
		to++
	}
	if from == end || to-from < 8 || plainWord(s[from:to]) {
		return end, ""
	}
	return to, s[at:from] + replacementToken
}

// plainWord reports whether a word may well be one of a language.
func plainWord(w string) bool {
	return len(w) < 20 && !strings.ContainsAny(w, "0123456789_-./+~=")
}

// valueAt looks for a value behind a telling name: name=value, name: value,
// "name": "value".
func valueAt(s string, at, end int) (int, string) {
	name := s[at:end]
	if slash := strings.LastIndexByte(name, '/'); slash >= 0 {
		name = name[slash+1:]
	}
	sign := end
	if sign < len(s) && (s[sign] == '"' || s[sign] == '\'') {
		sign++
	}
	if sign >= len(s) || s[sign] != '=' && s[sign] != ':' {
		return end, ""
	}
	replaced := replacement(name, nil)
	if replaced == "" || s[sign] == ':' && prose(name) {
		return end, ""
	}
	from := sign + 1
	for from < len(s) && s[from] == ' ' && s[sign] == ':' {
		from++
	}
	from, to := valueSpan(s, from)
	if to == from || strings.HasPrefix(s[from:], "//") || redacted(s[from:to]) {
		return end, ""
	}
	return to, s[at:from] + replaced
}

// prose reports whether name: is common in messages that tell no secret, as in
// "unknown key: colour".
func prose(name string) bool {
	switch strings.ToLower(name) {
	case "key", "keys", "token", "tokens", "auth", "cert", "certificate", "signature", "salt", "credential", "credentials", "cookie", "secret", "secrets":
		return true
	}
	return false
}

// valueSpan returns where the value is that begins at from: within its quotes,
// or up to white space or what separates values. A scheme and what follows it
// are one value: "Basic dXNlcg==".
func valueSpan(s string, from int) (int, int) {
	if from < len(s) && (s[from] == '"' || s[from] == '\'') {
		if n := strings.IndexByte(s[from+1:], s[from]); n >= 0 {
			return from + 1, from + 1 + n
		}
	}
	to := valueEnd(s, from)
	switch strings.ToLower(s[from:to]) {
	case "bearer", "basic", "digest", "token":
		if to < len(s) && s[to] == ' ' {
			to = valueEnd(s, to+1)
		}
	}
	return from, to
}

func valueEnd(s string, from int) int {
	if n := strings.IndexAny(s[from:], " \t\r\n,;&)}\"'<>|"); n >= 0 {
		return from + n
	}
	return len(s)
}

// redacted reports whether v is one of our replacements.
func redacted(v string) bool {
	for _, r := range replacements {
		if strings.HasPrefix(v, strings.TrimSuffix(r, "]")) {
			return true
		}
	}
	return false
}

// tokenForm reports whether a word has the form of a token that is known
// everywhere: of GitHub, GitLab, Slack, Stripe and others with sk-, AWS, or
// a JSON Web Token.
func tokenForm(w string) bool {
	const least = 20 // bytes; theirs are longer
	if len(w) < least {
		return false
	}
	for _, start := range []string{"ghp_", "gho_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xapp-", "sk-", "sk_live_", "sk_test_", "rk_live_"} {
		if strings.HasPrefix(w, start) {
			return true
		}
	}
	if strings.HasPrefix(w, "AKIA") && len(w) == least && strings.ToUpper(w) == w {
		return true
	}
	return strings.HasPrefix(w, "eyJ") && strings.Count(w, ".") == 2
}

// cleanPEM replaces private keys.
func cleanPEM(s string) string {
	const begin, end, dashes = "-----BEGIN ", "-----END ", "-----"
	var b strings.Builder
	rest := s
	for {
		before, after, found := strings.Cut(rest, begin)
		label, body, whole := strings.Cut(after, dashes)
		if !found || !whole {
			b.WriteString(rest)
			return b.String()
		}
		b.WriteString(before)
		if !strings.HasSuffix(label, "PRIVATE KEY") {
			b.WriteString(begin + label + dashes)
			rest = body
			continue
		}
		b.WriteString(replacementKey)
		_, tail, _ := strings.Cut(body, end) // without an end, all of it is the key
		_, rest, _ = strings.Cut(tail, dashes)
	}
}
