package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Limits of a schema: the time to compile it grows with the square of the
// number of its values.
const (
	maxSchema       = 256 << 10
	maxSchemaValues = 10_000
)

// Draft is the URL of the only draft that is understood.
const Draft = "https://json-schema.org/draft/2020-12/schema"

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
	const url = "onex://contract/schema.json" // nothing can be loaded from there
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(nowhere{})
	if err := c.AddResource(url, doc); err != nil {
		return nil, ErrSchema.Wrap(err, "read")
	}
	s, err := c.Compile(url)
	if err != nil {
		return nil, compileError(err, url)
	}
	return &Validator{s}, nil
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

// nowhere is the loader of a world without files and networks.
type nowhere struct{}

func (nowhere) Load(string) (any, error) { return nil, ErrRef }

func compileError(err error, url string) error {
	var load *jsonschema.LoadURLError
	if errors.As(err, &load) {
		return ErrRef.With("%q", strings.TrimPrefix(load.URL, "onex://contract/"))
	}
	var invalid *jsonschema.SchemaValidationError
	var violation *jsonschema.ValidationError
	if errors.As(err, &invalid) && errors.As(invalid.Err, &violation) {
		return report(ErrSchema, violation)
	}
	return ErrSchema.With("%s", strings.ReplaceAll(err.Error(), url, ""))
}

// Validate checks one JSON document. All violations, at most twenty, are in one
// [ErrViolated], whose details map JSON Pointers to messages; what is not JSON
// is an [ErrDocument].
func (v *Validator) Validate(doc []byte) error {
	value, err := decode(doc)
	if err != nil {
		return err
	}
	err = v.schema.Validate(value)
	var violation *jsonschema.ValidationError
	if errors.As(err, &violation) {
		return report(ErrViolated, violation)
	}
	return err
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

// report makes one error of kind k from a tree of violations.
func report(k *fault.Kind, root *jsonschema.ValidationError) error {
	var all []violation
	collect(root, &all)
	// The library visits members in the random order of a Go map.
	slices.SortStableFunc(all, func(a, b violation) int { return strings.Compare(a.at, b.at) })
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
		details[v.at] = strings.TrimPrefix(details[v.at]+"; "+v.text, "; ")
	}
	for at, text := range details {
		e = e.Detail(at, text)
	}
	return e
}

type violation struct{ at, text string }

func (v violation) String() string {
	if v.at == "" {
		return v.text
	}
	return v.at + ": " + v.text
}

// collect appends the leaves of the tree e: what is really wrong. Alternatives
// that all fail begin with a line that says so.
func collect(e *jsonschema.ValidationError, out *[]violation) {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		*out = append(*out, violation{pointer(e.InstanceLocation), text(e.ErrorKind)})
	default:
		if len(e.Causes) == 0 {
			*out = append(*out, violation{pointer(e.InstanceLocation), text(e.ErrorKind)})
		}
	}
	for _, cause := range e.Causes {
		collect(cause, out)
	}
}

func pointer(path []string) string {
	var b strings.Builder
	for _, step := range path {
		step = strings.ReplaceAll(step, "~", "~0")
		b.WriteString("/" + strings.ReplaceAll(step, "/", "~1"))
	}
	return b.String()
}
