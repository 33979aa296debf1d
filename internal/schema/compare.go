package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A direction says how the set of values changes that a schema allows.
type direction string

const (
	narrower direction = "narrower"
	wider    direction = "wider"
	unclear  direction = "unclear" // both, or it cannot be told
)

func (d direction) reversed() direction {
	switch d {
	case narrower:
		return wider
	case wider:
		return narrower
	}
	return unclear
}

// A schemaChange is one difference between two schemas.
type schemaChange struct {
	at        string
	direction direction
	text      string
}

// compareSchemas returns how the schema is differs from was.
func compareSchemas(was, is json.RawMessage) ([]schemaChange, error) {
	a, err := decode(was)
	if err != nil {
		return nil, ErrSchema.Wrap(err, "the old schema")
	}
	b, err := decode(is)
	if err != nil {
		return nil, ErrSchema.Wrap(err, "the new schema")
	}
	c := comparison{rootA: was, rootB: is, met: map[string]bool{}}
	c.schema("", a, b)
	return c.changes, nil
}

type comparison struct {
	rootA, rootB json.RawMessage // for references
	met          map[string]bool // pairs of references that are being compared
	changes      []schemaChange
}

func (c *comparison) add(at string, d direction, format string, args ...any) {
	c.changes = append(c.changes, schemaChange{at, d, fmt.Sprintf(format, args...)})
}

// annotations are keywords that allow and forbid nothing. Definitions are
// compared where they are referred to.
var annotations = []string{"$schema", "$id", "$comment", "$defs", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples"}

// schema compares two schemas, each an object or a boolean.
func (c *comparison) schema(at string, a, b any) {
	refA, refB := reference(a), reference(b)
	if refA != "" || refB != "" {
		pair := refA + " " + refB + " " + jsonText(a) + jsonText(b)
		if c.met[pair] {
			return
		}
		c.met[pair] = true
	}
	a, b = follow(c.rootA, a), follow(c.rootB, b)
	if jsonText(a) == jsonText(b) && !refers(a) {
		return
	}
	x, okA := a.(map[string]any)
	y, okB := b.(map[string]any)
	switch {
	case !okA && !okB: // booleans, or what no schema is
		c.add(at, booleanDirection(a, b), "it was %s and is %s", jsonText(a), jsonText(b))
	case a == false:
		c.add(at, wider, "it is allowed")
	case b == false:
		c.add(at, narrower, "it is not allowed any more")
	default: // true is the empty object
		c.keywords(at, x, y)
	}
}

func booleanDirection(a, b any) direction {
	switch {
	case a == true && b == false:
		return narrower
	case a == false && b == true:
		return wider
	}
	return unclear
}

// reference returns the $ref of a schema that is nothing but a reference.
func reference(s any) string {
	m, ok := s.(map[string]any)
	if !ok {
		return ""
	}
	ref, ok := m["$ref"].(string)
	for key := range m {
		if key != "$ref" && !slices.Contains(annotations, key) {
			return ""
		}
	}
	if !ok {
		return ""
	}
	return ref
}

// follow replaces references by what they refer to.
func follow(root json.RawMessage, s any) any {
	for range maxDepth {
		ref := reference(s)
		path, local := strings.CutPrefix(ref, "#")
		if ref == "" || !local {
			return s
		}
		whole, err := decode(root)
		if err != nil {
			return s
		}
		target, ok := lookup(whole, path)
		if !ok {
			return s
		}
		s = target
	}
	return s
}

// lookup returns what a JSON Pointer points to.
func lookup(v any, pointer string) (any, bool) {
	if pointer == "" {
		return v, true
	}
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch w := v.(type) {
		case map[string]any:
			next, ok := w[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(w) {
				return nil, false
			}
			v = w[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// refers reports whether a reference lies anywhere in a schema, so that equal
// text may mean different things.
func refers(v any) bool {
	return strings.Contains(jsonText(v), `"$ref"`)
}

// jsonText returns v as JSON, members in order.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// keywords compares two schemas that are objects; nil is the empty one.
func (c *comparison) keywords(at string, a, b map[string]any) {
	c.types(at, a, b)
	c.values(at, a, b)
	c.bounds(at, a, b)
	c.members(at, a, b)
	c.elements(at, a, b)
	c.conditions(at, a, b)
	for _, key := range keysOf(a, b) {
		if !slices.Contains(compared, key) && !slices.Contains(annotations, key) && jsonText(a[key]) != jsonText(b[key]) {
			c.add(at+"/"+key, unclear, "%s has changed", key)
		}
	}
}

// compared are the keywords that are understood.
var compared = []string{
	"type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
	"minItems", "maxItems", "minProperties", "maxProperties", "multipleOf", "pattern", "format", "contentEncoding", "contentMediaType",
	"uniqueItems", "required", "properties", "additionalProperties", "items", "prefixItems", "anyOf", "allOf", "not", "propertyNames", "contains",
}

func keysOf(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// presence reports a keyword that only one side has, and whether that was so. A
// keyword narrows.
func (c *comparison) presence(at, key string, a, b map[string]any) (settled bool) {
	x, inA := a[key]
	y, inB := b[key]
	switch {
	case !inA && !inB || inA && inB && jsonText(x) == jsonText(y) && !refers(x):
		return true
	case !inA:
		c.add(at+"/"+key, narrower, "%s is new: %s", key, jsonText(y))
		return true
	case !inB:
		c.add(at+"/"+key, wider, "%s is gone: %s", key, jsonText(x))
		return true
	}
	return false
}

func (c *comparison) types(at string, a, b map[string]any) {
	if c.presence(at, "type", a, b) {
		return
	}
	c.sets(at+"/type", typesOf(a["type"]), typesOf(b["type"]))
}

// typesOf returns the types that are allowed. Each integer is a number.
func typesOf(v any) []string {
	var all []string
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, t := range list {
		all = append(all, fmt.Sprint(t))
		if t == "number" {
			all = append(all, "integer")
		}
	}
	return all
}

// sets compares two lists of what is allowed.
func (c *comparison) sets(at string, a, b []string) {
	lost := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
	won := slices.DeleteFunc(slices.Clone(b), func(s string) bool { return slices.Contains(a, s) })
	if len(lost) > 0 {
		c.add(at, narrower, "not allowed any more: %s", strings.Join(lost, ", "))
	}
	if len(won) > 0 {
		c.add(at, wider, "newly allowed: %s", strings.Join(won, ", "))
	}
}

// values compares enum and const, which is an enum of one.
func (c *comparison) values(at string, a, b map[string]any) {
	x, inA := allowed(a)
	y, inB := allowed(b)
	switch {
	case inA && inB:
		c.sets(at+"/enum", x, y)
	case inA:
		c.add(at+"/enum", wider, "any value is allowed")
	case inB:
		c.add(at+"/enum", narrower, "only some values are allowed: %s", strings.Join(y, ", "))
	}
}

func allowed(s map[string]any) (values []string, limited bool) {
	if v, ok := s["const"]; ok {
		return []string{jsonText(v)}, true
	}
	list, ok := s["enum"].([]any)
	for _, v := range list {
		values = append(values, jsonText(v))
	}
	return values, ok
}

func (c *comparison) bounds(at string, a, b map[string]any) {
	for _, key := range []string{"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"} {
		c.bound(at, key, a, b, narrower)
	}
	for _, key := range []string{"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"} {
		c.bound(at, key, a, b, wider)
	}
	if !c.presence(at, "multipleOf", a, b) {
		c.multiple(at, a["multipleOf"], b["multipleOf"])
	}
	for _, key := range []string{"pattern", "format", "contentEncoding", "contentMediaType"} {
		if !c.presence(at, key, a, b) {
			c.add(at+"/"+key, unclear, "%s was %s and is %s", key, jsonText(a[key]), jsonText(b[key]))
		}
	}
	if x, y := a["uniqueItems"] == true, b["uniqueItems"] == true; x != y {
		c.add(at+"/uniqueItems", map[bool]direction{true: narrower, false: wider}[y], "uniqueItems was %t and is %t", x, y)
	}
}

// bound compares a bound; raised says what it does to raise it.
func (c *comparison) bound(at, key string, a, b map[string]any, raised direction) {
	if c.presence(at, key, a, b) {
		return
	}
	x, okX := number(a[key])
	y, okY := number(b[key])
	switch {
	case !okX || !okY:
		c.add(at+"/"+key, unclear, "%s has changed", key)
	case y.Cmp(x) > 0:
		c.add(at+"/"+key, raised, "%s was %s and is %s", key, jsonText(a[key]), jsonText(b[key]))
	case y.Cmp(x) < 0:
		c.add(at+"/"+key, raised.reversed(), "%s was %s and is %s", key, jsonText(a[key]), jsonText(b[key]))
	}
}

func number(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

func (c *comparison) multiple(at string, a, b any) {
	x, okX := number(a)
	y, okY := number(b)
	d := unclear
	switch {
	case !okX || !okY || x.Sign() == 0 || y.Sign() == 0:
	case new(big.Rat).Quo(y, x).IsInt():
		d = narrower
	case new(big.Rat).Quo(x, y).IsInt():
		d = wider
	}
	c.add(at+"/multipleOf", d, "multipleOf was %s and is %s", jsonText(a), jsonText(b))
}
