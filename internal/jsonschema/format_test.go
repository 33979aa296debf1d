package jsonschema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/jsonschema"
)

// formats are texts, and whether they keep a format.
var formats = []struct {
	format, text string
	valid        bool
}{
	{"date", "2024-02-29", true},
	{"date", "2023-02-29", false},
	{"date", "2024-2-29", false},
	{"time", "23:59:60Z", true},
	{"time", "22:59:60Z", false},
	{"time", "01:29:60+01:30", true},
	{"time", "15:59:60-08:00", true},
	{"time", "12:00:00.123456789012z", true},
	{"time", "12:00:00", false},
	{"time", "24:00:00Z", false},
	{"time", "12:60:00Z", false},
	{"time", "12:00:00+24:00", false},
	{"time", "12:00:00.Z", false},
	{"date-time", "2025-01-02T03:04:05Z", true},
	{"date-time", "2025-01-02t03:04:05.6+01:00", true},
	{"date-time", "2025-01-02 03:04:05Z", false},
	{"date-time", "2025-01-02", false},
	{"date-time", "2025-13-02T03:04:05Z", false},
	{"duration", "P3Y6M4DT12H30M5S", true},
	{"duration", "PT36H", true},
	{"duration", "P4W", true},
	{"duration", "P", false},
	{"duration", "P1YT", false},
	{"duration", "P1D2H", false},
	{"duration", "P2S", false},
	{"duration", "P1Y2W", false},
	{"period", "2025-01-02T03:04:05Z/P1D", true},
	{"period", "PT1H/2025-01-02T03:04:05Z", true},
	{"period", "P1D/P1D", false},
	{"period", "2025-01-02T03:04:05Z", false},
	{"email", "joe.bloggs@example.com", true},
	{"email", "~te~st~@example.com", true},
	{"email", `\"joe bloggs\"@example.com`, true},
	{"email", "joe@[127.0.0.1]", true},
	{"email", "joe@[IPv6:::1]", true},
	{"email", "joe@[127.0.0.300]", false},
	{"email", ".joe@example.com", false},
	{"email", "joe..b@example.com", false},
	{"email", "joe@in valid.com", false},
	{"email", "2962", false},
	{"email", "@example.com", false},
	{"email", strings.Repeat("a", 65) + "@example.com", false},
	{"hostname", "www.example.com", true},
	{"hostname", "example.com.", true},
	{"hostname", "xn--4gbwdl.xn--wgbh1c", true},
	{"hostname", "-a.example", false},
	{"hostname", "a_b.example", false},
	{"hostname", "a..b", false},
	{"hostname", strings.Repeat("a", 64) + ".com", false},
	{"hostname", strings.Repeat("a.", 127) + "ab", false},
	{"ipv4", "192.168.0.1", true},
	{"ipv4", "192.168.0.01", false},
	{"ipv4", "256.0.0.1", false},
	{"ipv4", "1.2.3", false},
	{"ipv6", "::ffff:192.168.0.1", true},
	{"ipv6", "fe80::a%eth1", false},
	{"ipv6", "12345::", false},
	{"ipv6", "1.2.3.4", false},
	{"uri", "http://foo.bar/?baz=qux#quux", true},
	{"uri", "urn:oasis:names", true},
	{"uri", "http://[::1]:80/", true},
	{"uri", "http://::1/", false},
	{"uri", "/abc", false},
	{"uri", "http://a b.com", false},
	{"uri-reference", "/abc#frag", true},
	{"uri-reference", `\\\\WINDOWS\\share`, false},
	{"uri-template", "http://example.com/{term:1}/{term}", true},
	{"uri-template", "http://example.com/{term:1}/{term", false},
	{"uri-template", "a}", false},
	{"regex", "^[a-z]+$", true},
	{"regex", "a(?=b)", false},
	{"json-pointer", "", true},
	{"json-pointer", "/a~0b/~1", true},
	{"json-pointer", "/a~", false},
	{"json-pointer", "/~2", false},
	{"json-pointer", "a", false},
	{"relative-json-pointer", "1", true},
	{"relative-json-pointer", "0#", true},
	{"relative-json-pointer", "120/a~1b", true},
	{"relative-json-pointer", "01/a", false},
	{"relative-json-pointer", "/a", false},
	{"relative-json-pointer", "0##", false},
	{"uuid", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", true},
	{"uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", false},
	{"uuid", "2eb8aa08aa98-11ea-b4aa-73b441d16380-", false},
	{"semver", "1.0.0-alpha.1+b.2", true},
	{"semver", "1.0", false},
	{"semver", "1.0.0-01", false},
	{"semver", "v1.0.0", false},
	{"ours", "anything", true},
}

func TestFormats(t *testing.T) {
	for _, tt := range formats {
		s, err := jsonschema.Compile(map[string]any{"format": tt.format})
		if err != nil {
			t.Fatal(err)
		}
		var text string
		if err := json.Unmarshal([]byte(`"`+tt.text+`"`), &text); err != nil {
			t.Fatal(err)
		}
		if found := s.Validate(text); (found == nil) != tt.valid {
			t.Errorf("%s %q: %v, want %v", tt.format, text, found, tt.valid)
		}
		if found := s.Validate(json.Number("1")); found != nil {
			t.Errorf("%s asks something of a number: %v", tt.format, found)
		}
	}
}
