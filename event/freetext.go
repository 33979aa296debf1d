package event

import "strings"

// CleanText returns s without the secrets that free text gives away, for logs
// and reasons: the value in password=…, token: …, ?api_key=… and their like,
// what follows Bearer, words that have the form of well-known tokens, private
// keys in PEM, and user:password@ of URLs. JSON is redacted as JSON. It finds what
// is written as secrets commonly are; a secret without a telling word or form
// stays.
func CleanText(s string) string { return cleanText(s, nil) }

// CleanField is [CleanText] for the text of a field, or the value of a variable,
// a flag or a header, which is replaced as a whole when the name is a secret's.
func CleanField(name, s string, also ...string) string {
	c := codec{also: also}
	return c.redactText(name, s)
}

// A LineCleaner is [CleanText] for text that comes line by line, in which
// a private key takes many lines. The zero value is ready.
type LineCleaner struct {
	key int // lines of a key so far; 0 outside
}

// maxKeyLines bounds a key whose end never comes: one of 16384 bits has 200.
const maxKeyLines = 256

// Clean returns the next line without secrets. InKey reports whether it is a part of
// a private key, of which nothing can be told line by line.
func (c *LineCleaner) Clean(line string) (clean string, inKey bool) {
	if c.key > 0 {
		_, tail, ended := strings.Cut(line, "-----END ")
		if c.key++; !ended && c.key <= maxKeyLines {
			return replacementKey, true
		}
		c.key = 0
		_, tail, _ = strings.Cut(tail, "-----")
		return replacementKey + CleanText(tail), true
	}
	if i := strings.LastIndex(line, "-----BEGIN "); i >= 0 && strings.Contains(line[i:], "PRIVATE KEY-----") && !strings.Contains(line[i:], "-----END ") {
		c.key = 1
	}
	return CleanText(line), false
}

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

// longWord is the length from which a word without a blank is taken for a token:
// longer ones are rare in any language.
const longWord = 20

// plainWord reports whether a word may well be one of a language.
func plainWord(w string) bool {
	return len(w) < longWord && !strings.ContainsAny(w, "0123456789_-./+~=")
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
	if strings.HasPrefix(name, "--") && sign < len(s) && s[sign] == ' ' {
		return flagAt(s, at, sign, name)
	}
	if sign >= len(s) || s[sign] != '=' && s[sign] != ':' {
		return end, ""
	}
	replaced := replacement(name, nil)
	if replaced == "" {
		return end, ""
	}
	spoken := s[sign] == ':' && sign == end && prose(name) // "token": is JSON, or Python
	from := sign + 1
	for from < len(s) && s[from] == ' ' && s[sign] == ':' {
		from++
	}
	from, to := valueSpan(s, from)
	if to == from || strings.HasPrefix(s[from:], "//") || redacted(s[from:to]) || spoken && !likeToken(name, s[from:to]) {
		return end, ""
	}
	return to, s[at:from] + replaced
}

// shortToken is the length from which a word with digits, after "token:", is taken
// for one: shorter ones are versions and counts.
const shortToken = 8

// likeToken reports whether value, which follows a name that is also a word of
// sentences, is more likely a secret than a word. What is called a key, a signature or
// a certificate has names and hashes for values, which are told.
func likeToken(name, value string) bool {
	switch strings.ToLower(name) {
	case "token", "tokens", "auth", "credential", "credentials", "cookie", "secret", "secrets":
		return len(value) >= shortToken && strings.ContainsAny(value, "0123456789") && strings.IndexFunc(value, func(r rune) bool { return r > 0x7f || !wordByte(byte(r)) && r != '=' }) < 0
	}
	return false
}

// flagAt looks for a value behind a flag with a telling name: --token value. Short
// words are those of a sentence: "--token is new".
func flagAt(s string, at, blank int, name string) (int, string) {
	replaced := replacement(name, nil)
	from, to := valueSpan(s, blank+1)
	const sentence = 6 // bytes
	if value := s[from:to]; replaced == "" || value == "" || value[0] == '-' || redacted(value) || plainWord(value) && len(value) < sentence {
		return blank, ""
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
		if n := strings.IndexByte(s[from+1:], '\n'); n >= 0 { // the text was cut off
			return from + 1, from + 1 + n
		}
		return from + 1, len(s)
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

// tokenForms are the beginnings of tokens that are known everywhere: of GitHub,
// GitLab, Slack, Stripe and others with sk-, Google, npm, PyPI, Hugging Face,
// SendGrid, Shopify, DigitalOcean, Docker, Vault, age, and AWS's temporary keys.
var tokenForms = []string{
	"ghp_", "gho_", "ghs_", "ghr_", "ghu_", "github_pat_", "glpat-", "glptt-",
	"xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-", "sk-", "sk_live_", "sk_test_", "rk_live_", "whsec_",
	"AIza", "ya29.", "GOCSPX-", "npm_", "pypi-", "hf_", "SG.", "shpat_", "dop_v1_", "dckr_pat_", "hvs.", "AGE-SECRET-KEY-",
}

// tokenForm reports whether a word has the form of a token that is known
// everywhere ([tokenForms]), of an access key of AWS, an NKey seed of NATS, or
// a JSON Web Token. A path ends in one if its last part is one.
func tokenForm(w string) bool {
	const least = 20 // bytes; theirs are longer
	if len(w) < least {
		return false
	}
	if slash := strings.LastIndexByte(w, '/'); slash >= 0 {
		return tokenForm(w[slash+1:])
	}
	if strings.HasPrefix(w, "eyJ") && strings.Count(w, ".") >= 2 {
		return true
	}
	if len(w) == least && (strings.HasPrefix(w, "AKIA") || strings.HasPrefix(w, "ASIA")) && base32(w) {
		return true
	}
	if len(w) == 58 && w[0] == 'S' && strings.IndexByte("UAOCNX", w[1]) >= 0 && base32(w) {
		return true
	}
	for _, start := range tokenForms {
		if rest, ok := strings.CutPrefix(w, start); ok && strings.ContainsAny(rest, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return true
		}
	}
	return false
}

// base32 reports whether w has capitals and digits alone.
func base32(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) < 0
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
