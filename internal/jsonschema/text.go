package jsonschema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// shown words what const and enum allow.
func shown(want []any) string {
	out := make([]string, len(want))
	for i, v := range want {
		switch v := v.(type) {
		case json.Number:
			out[i] = v.String()
		case string:
			out[i] = shownText(v)
		case []any, map[string]any:
			return "a certain value" // which may be long
		default:
			out[i] = string(identity(nil, v))
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return "one of " + strings.Join(out, ", ")
}

// shownText quotes a text of a schema so that it stands well in JSON.
func shownText(s string) string {
	s = fmt.Sprintf("%q", s)
	s = strings.ReplaceAll(strings.ReplaceAll(s, `\"`, `"`), `'`, `\'`)
	return "'" + s[1:len(s)-1] + "'"
}

// decimal writes r as people do, exactly: JSON's numbers are all finite decimals.
func decimal(r *big.Rat) string {
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

func quoted(keys []string) string {
	const most = 10
	words := make([]string, 0, most)
	for i, k := range keys {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(keys)-i))
			break
		}
		words = append(words, fmt.Sprintf("%.80q", k))
	}
	return strings.Join(words, ", ")
}
