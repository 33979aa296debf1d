package node

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// The numbers of YAML 1.2's core schema (chapter 10.3.2), and those of JSON.
var (
	decimalForm = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	octalForm   = regexp.MustCompile(`^0o[0-7]+$`)
	hexForm     = regexp.MustCompile(`^0x[0-9a-fA-F]+$`)
	specialForm = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// maxDigits bounds one number's text: no number that JSON programs agree on
// needs more, and the cost of exact arithmetic grows with it.
const maxDigits = 400

func intOf(n int64) *value { return &value{kind: number, text: strconv.FormatInt(n, 10)} }

// jsonNumber returns the plain scalar s as a JSON number with the same digits,
// if s is a number. Infinities and NaN are returned as they are; no JSON can
// hold them, and the caller refuses them as numbers that are not exact.
func jsonNumber(s string) (string, bool) {
	switch {
	case specialForm.MatchString(s):
		return s, true
	case octalForm.MatchString(s), hexForm.MatchString(s):
		n, ok := new(big.Int).SetString(s, 0)
		if !ok || len(s) > maxDigits {
			return s, true
		}
		return n.String(), true
	case decimalForm.MatchString(s):
		return decimalAsJSON(s), true
	}
	return "", false
}

// decimalAsJSON mends what YAML allows and JSON does not: a plus sign, leading
// zeros, a point without digits before or after it.
func decimalAsJSON(s string) string {
	sign := ""
	if s[0] == '-' {
		sign = "-"
	}
	s = strings.TrimLeft(s, "-+")
	exponent := ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		s, exponent = s[:i], s[i:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction + exponent
}
