package node

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Canonical returns the RFC 8785 (JCS) form of one JSON value, the bytes that
// are hashed. Beyond the RFC it refuses, instead of rounding, a number that a
// double cannot hold exactly, so that different values never hash alike; and it
// refuses duplicate keys.
func Canonical(raw json.RawMessage) ([]byte, error) {
	v, err := fromJSON(raw)
	if err != nil {
		return nil, ErrJSON.Wrap(err, "canonical form")
	}
	var d decoder
	if !d.exact(v) {
		return nil, d.err(ErrJSON, "")
	}
	return appendCanonical(nil, v), nil
}

func appendCanonical(b []byte, v *value) []byte {
	return appendJSON(b, sorted(v))
}

// sorted returns v with numbers in canonical form and members in the order of
// their keys' UTF-16 code units (RFC 8785, 3.2.3).
func sorted(v *value) *value {
	k, s := v.resolved()
	c := &value{kind: k, text: s}
	if k == number {
		c.text, _ = canonicalNumber(s)
	}
	for _, item := range v.items {
		c.items = append(c.items, sorted(item))
	}
	for _, m := range v.members {
		c.members = append(c.members, member{key: m.key, value: sorted(m.value)})
	}
	slices.SortFunc(c.members, func(a, b member) int {
		return slices.Compare(utf16.Encode([]rune(a.key)), utf16.Encode([]rune(b.key)))
	})
	return c
}

// canonicalNumber returns the form that ECMAScript prints for the double s
// (RFC 8785, 3.2.2.3). It reports false when that is another number than s.
func canonicalNumber(s string) (string, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || len(s) > maxDigits {
		return "", false
	}
	c := ecmaScript(f)
	return c, decimalOf(s) == decimalOf(c)
}

func ecmaScript(f float64) string {
	if f == 0 {
		return "0" // also for -0
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
}

// A decimal is a number as digits without zeros at either end, times a power of
// ten: equal numbers have equal decimals.
type decimal struct {
	negative bool
	digits   string
	power    int
}

func decimalOf(s string) decimal {
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		d.power, _ = strconv.Atoi(s[i+1:])
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.power -= len(fraction)
	d.digits = strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(d.digits, "0")
	d.power += len(d.digits) - len(short)
	d.digits = short
	if short == "" {
		return decimal{} // zero has no sign and no power
	}
	return d
}
