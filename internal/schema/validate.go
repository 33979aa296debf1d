package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/jsonschema"
	"github.com/omninode-ai/onex/node"
)

// Limits of a schema: the time to compile it grows with the square of the
// number of its values.
const (
	maxSchema       = 256 << 10
	maxSchemaValues = 10_000
)

// Draft is the URL of the only draft that is understood.
const Draft = jsonschema.Draft

// A Validator is a compiled schema.
type Validator struct{ schema *jsonschema.Schema }

// Compile compiles a JSON Schema of draft 2020-12. It fails with [ErrSchema],
// or with [ErrRef] when the schema refers to something outside itself.
func Compile(raw json.RawMessage) (*Validator, error) {
	doc, err := decode(raw)
	if err != nil {
		return nil, ErrSchema.Wrap(err, "read")
	}
	if n := count(doc); len(raw) > maxSchema || n > maxSchemaValues {
		return nil, ErrSchema.With("%d bytes and %d values are more than the limits of %d and %d", len(raw), n, maxSchema, maxSchemaValues)
	}
	if err := checkRoot(doc); err != nil {
		return nil, err
	}
	s, err := jsonschema.Compile(doc)
	if err != nil {
		return nil, compileError(err)
	}
	return &Validator{s}, nil
}

func compileError(err error) error {
	var outside *jsonschema.OutsideError
	if errors.As(err, &outside) {
		return ErrRef.With("%q", outside.Ref)
	}
	var invalid *jsonschema.InvalidError
	if errors.As(err, &invalid) && len(invalid.Violations) > 0 {
		return report(ErrSchema, invalid.Violations)
	}
	return ErrSchema.With("%s", err)
}

func checkRoot(doc any) error {
	switch doc := doc.(type) {
	case bool:
		return nil
	case map[string]any:
		draft, ok := doc["$schema"].(string)
		if ok && strings.TrimSuffix(draft, "#") != Draft {
			return ErrSchema.With("$schema %q is not %s", draft, Draft)
		}
		return nil
	}
	return ErrSchema.With("a schema is an object, true or false")
}

// count returns the number of values in doc.
func count(doc any) int {
	n := 1
	switch doc := doc.(type) {
	case []any:
		for _, v := range doc {
			n += count(v)
		}
	case map[string]any:
		for _, v := range doc {
			n += count(v)
		}
	}
	return n
}

// Validate checks one JSON document. All violations, at most twenty, are in one
// [ErrViolated], whose details map JSON Pointers to messages; what is not JSON
// is an [ErrDocument].
func (v *Validator) Validate(doc []byte) error {
	value, err := decode(doc)
	if err != nil {
		return err
	}
	if found := v.schema.Validate(value); len(found) > 0 {
		return report(ErrViolated, found)
	}
	return nil
}

// OfTool names the tool in the hint of an [ErrViolated]. Another error stays what it is.
func OfTool(err error, tool node.ToolName) error {
	var e *fault.Error
	if errors.Is(err, ErrViolated) && errors.As(err, &e) {
		return e.Hinted("onex describe %s prints what the tool takes and gives", tool)
	}
	return err
}

// maxViolations bounds a message; who sees twenty mends the first anyway.
const maxViolations = 20

// report makes one error of kind k.
func report(k *fault.Kind, all []jsonschema.Violation) error {
	lines := make([]string, 0, maxViolations)
	for i, v := range all {
		if i == maxViolations {
			lines = append(lines, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		lines = append(lines, v.String())
	}
	e := k.With("%s", strings.Join(lines, "; "))
	details := map[string]string{}
	for _, v := range all[:min(len(all), maxViolations)] {
		details[v.At] = strings.TrimPrefix(details[v.At]+"; "+v.Text, "; ")
	}
	for at, text := range details {
		e = e.Detail(at, text)
	}
	return e
}
