package schema

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// text words a violation: our words for those that people meet daily, and for
// those whose own text would repeat the value; the library's for the others.
func text(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("must be %s, is %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Required:
		return "missing key " + quoted(k.Missing)
	case *kind.AdditionalProperties:
		return "unknown key " + quoted(slices.Sorted(slices.Values(k.Properties)))
	case *kind.FalseSchema:
		return "nothing is allowed here"
	case *kind.Pattern:
		return fmt.Sprintf("does not match the pattern %q", k.Want)
	case *kind.Format:
		return "is not a valid " + k.Want
	case *kind.AnyOf:
		return "fits none of the alternatives"
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			return "fits more than one of the alternatives"
		}
		return "fits none of the alternatives"
	}
	if s := bound(k); s != "" {
		return s
	}
	leaf := jsonschema.ValidationError{ErrorKind: k}
	return strings.TrimPrefix(leaf.BasicOutput().Error.String(), "value ")
}

// bound words what is too small or too large, without the digit grouping of the
// library.
func bound(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Minimum:
		return "must be at least " + decimal(k.Want)
	case *kind.Maximum:
		return "must be at most " + decimal(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + decimal(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + decimal(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + decimal(k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("length must be at least %d, is %d", k.Want, k.Got)
	case *kind.MaxLength:
		return fmt.Sprintf("length must be at most %d, is %d", k.Want, k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("number of items must be at least %d, is %d", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("number of items must be at most %d, is %d", k.Want, k.Got)
	}
	return ""
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
