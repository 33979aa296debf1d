package jsonschema

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// format returns what tells whether a text keeps a format; nil for a format
// that is not known, which everything keeps.
func format(name string) func(string) bool {
	switch name {
	case "date":
		return isDate
	case "time":
		return isTime
	case "date-time":
		return isDateTime
	case "duration":
		return isDuration
	case "period":
		return isPeriod
	case "email":
		return isEmail
	case "hostname":
		return isHostname
	case "ipv4":
		return isIPv4
	case "ipv6":
		return isIPv6
	case "uri", "iri":
		return func(s string) bool { u := parseURL(s); return u != nil && u.IsAbs() }
	case "uri-reference", "iri-reference":
		return func(s string) bool { return !strings.Contains(s, `\`) && parseURL(s) != nil }
	case "uri-template":
		return isTemplate
	case "regex":
		return func(s string) bool { _, err := regexp.Compile(s); return err == nil }
	case "json-pointer":
		return isPointer
	}
	return pattern(name)
}

// pattern returns the format that a regular expression tells. It is compiled
// when the first schema asks for it.
func pattern(name string) func(string) bool {
	switch name {
	case "uuid":
		return func(s string) bool { return uuidPattern().MatchString(s) }
	case "semver":
		return func(s string) bool { return semverPattern().MatchString(s) }
	case "relative-json-pointer":
		return func(s string) bool {
			digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
			number, rest := s[:digits], s[digits:]
			return number != "" && (number == "0" || number[0] != '0') && (rest == "#" || isPointer(rest))
		}
	}
	return nil
}

func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

var (
	uuidPattern = lazily(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

	// semverPattern is that of semver.org.
	semverPattern = lazily(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
		`(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?` +
		`(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

	// timePattern, durationPattern: RFC 3339, section 5.6 and appendix A.
	timePattern     = lazily(`^(\d\d):(\d\d):(\d\d)(\.\d+)?([zZ]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	durationPattern = lazily(`^P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)$`)

	labelPattern = lazily(`^[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?$`)
	localPattern = lazily("^[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+(\\.[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+)*$")
)

// Limits of names (RFC 1123) and addresses (RFC 5321).
const (
	maxHostname = 253
	maxLocal    = 64
	maxEmail    = 254
)

func isDate(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }

// isTime knows leap seconds, which are at 23:59:60 UTC, as package time does not.
func isTime(s string) bool {
	m := timePattern().FindStringSubmatch(s)
	if m == nil {
		return false
	}
	second, zone := m[3], strings.ToUpper(m[5])
	if second == "60" {
		second = "59"
	}
	t, err := time.Parse("15:04:05Z07:00", m[1]+":"+m[2]+":"+second+zone)
	if err != nil {
		return false
	}
	t = t.UTC()
	return m[3] != "60" || t.Hour() == 23 && t.Minute() == 59
}

func isDateTime(s string) bool {
	return len(s) > 10 && (s[10] == 'T' || s[10] == 't') && isDate(s[:10]) && isTime(s[11:])
}

func isDuration(s string) bool {
	return s != "P" && !strings.HasSuffix(s, "T") && durationPattern().MatchString(s)
}

func isPeriod(s string) bool {
	start, end, ok := strings.Cut(s, "/")
	is := func(s string) bool { return isDateTime(s) || isDuration(s) }
	return ok && is(start) && is(end) && (isDateTime(start) || isDateTime(end))
}

func isHostname(s string) bool {
	s = strings.TrimSuffix(s, ".")
	for label := range strings.SplitSeq(s, ".") {
		if !labelPattern().MatchString(label) {
			return false
		}
	}
	return len(s) <= maxHostname
}

func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || at > maxLocal || len(s) > maxEmail {
		return false
	}
	local, domain := s[:at], s[at+1:]
	inside, quoted := strings.CutPrefix(local, `"`)
	inside, closed := strings.CutSuffix(inside, `"`)
	if quoted && closed && strings.ContainsAny(inside, `\"`) || !(quoted && closed) && !localPattern().MatchString(local) {
		return false
	}
	if !strings.HasPrefix(domain, "[") || !strings.HasSuffix(domain, "]") {
		return isHostname(domain)
	}
	literal := domain[1 : len(domain)-1]
	if six, ok := strings.CutPrefix(literal, "IPv6:"); ok {
		return isIPv6(six)
	}
	return isIPv4(literal)
}

func isIPv4(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

func parseURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	if host := u.Hostname(); strings.Contains(host, ":") && (!strings.HasPrefix(u.Host, "[") || !isIPv6(host)) {
		return nil
	}
	return u
}

// isTemplate checks that the braces of a template are pairs, not nested.
func isTemplate(s string) bool {
	open := false
	for _, c := range s {
		switch {
		case c == '{' && open, c == '}' && !open, c <= ' ':
			return false
		case c == '{', c == '}':
			open = c == '{'
		}
	}
	return !open
}

func isPointer(s string) bool {
	if s == "" {
		return true
	}
	_, after, found := strings.Cut(strings.NewReplacer("~0", "", "~1", "").Replace(s), "~")
	return s[0] == '/' && !found && after == ""
}
