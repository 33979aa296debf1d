package jsonschema

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// A root is one document in which schemas are.
type root struct {
	url       string
	doc       value
	schemas   map[string]bool      // the pointers that are known to be schemas
	resources map[string]*resource // by pointer
}

// A resource is a schema with an $id, or a whole document.
type resource struct {
	root    *root
	id      string // its URL
	pointer string
	anchors map[string]string // of $anchor and $dynamicAnchor: pointers
	dynamic map[string]string // of $dynamicAnchor alone
}

// A place is a JSON Pointer in a document.
type place struct {
	root    *root
	pointer string
}

// A library is what references may refer to: the documents by URL.
type library struct {
	byURL map[string]*resource
	meta  *library // the metaschema; nil for itself
	check func(pointer string, s value) error
}

// has reports whether a pointer is known to be that of a schema.
func (r *root) has(pointer string) bool { return r.schemas[pointer] }

// home returns the resource that a pointer is in.
func (r *root) home(pointer string) *resource {
	for {
		if res := r.resources[pointer]; res != nil || pointer == "" {
			return res
		}
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
}

// open takes a document into the library.
func (l *library) open(at string, doc any) (*root, error) {
	r := &root{url: at, doc: doc, schemas: map[string]bool{}, resources: map[string]*resource{}}
	return r, l.enter(r, r.resource("", at), "", doc)
}

func (r *root) resource(pointer, id string) *resource {
	return &resource{root: r, id: id, pointer: pointer, anchors: map[string]string{}, dynamic: map[string]string{}}
}

// enter notes the schema s at a pointer of r and those in it. res is the
// resource around it, or the new one of a whole document.
func (l *library) enter(r *root, res *resource, pointer string, s any) error {
	r.schemas[pointer] = true
	keys, _ := s.(map[string]any)
	if draft, ok := keys["$schema"].(string); ok && strings.TrimSuffix(draft, "#") != Draft {
		return &OutsideError{draft}
	}
	res, err := l.identify(r, res, pointer, keys)
	if err != nil {
		return err
	}
	for _, sub := range subschemas(keys) {
		if err := l.enter(r, res, pointer+sub.pointer, sub.schema); err != nil {
			return err
		}
	}
	return nil
}

// identify opens a new resource where there is an $id, and notes anchors.
func (l *library) identify(r *root, res *resource, pointer string, keys map[string]any) (*resource, error) {
	id, ok := keys["$id"].(string)
	if ok || pointer == "" {
		joined, err := join(res.id, id)
		if err != nil {
			return nil, invalid("$id %q at %s is not a URL", id, orRoot(pointer))
		}
		if other := l.byURL[joined]; other != nil && (other.root != r || other.pointer != pointer) {
			return nil, invalid("$id %q is at %s and at %s", joined, orRoot(other.pointer), orRoot(pointer))
		}
		res = r.resource(pointer, joined)
		l.byURL[joined], r.resources[pointer] = res, res
	}
	for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
		name, ok := keys[keyword].(string)
		if !ok {
			continue
		}
		if other, ok := res.anchors[name]; ok && other != pointer {
			return nil, invalid("anchor %q is at %s and at %s", name, orRoot(other), orRoot(pointer))
		}
		res.anchors[name] = pointer
		if keyword == "$dynamicAnchor" {
			res.dynamic[name] = pointer
		}
	}
	return res, nil
}

// resolve finds what a reference in res refers to.
func (l *library) resolve(res *resource, ref string) (place, any, error) {
	target, fragment := cut(ref)
	full := res.id
	if target != "" {
		var err error
		if full, err = join(res.id, target); err != nil {
			return place{}, nil, invalid("reference %q is not a URL", ref)
		}
	}
	to := l.find(full)
	if to == nil {
		return place{}, nil, &OutsideError{strings.TrimPrefix(full, home)}
	}
	pointer := to.pointer + fragment
	if fragment != "" && fragment[0] != '/' {
		var ok bool
		if pointer, ok = to.anchors[fragment]; !ok {
			return place{}, nil, invalid("anchor in %q not found", ref)
		}
	}
	s, ok := lookup(to.root.doc, pointer)
	if !ok {
		return place{}, nil, invalid("json-pointer in %q not found", ref)
	}
	return place{to.root, pointer}, s, nil
}

func (l *library) find(at string) *resource {
	if res := l.byURL[at]; res != nil || l.meta == nil {
		return res
	}
	return l.meta.find(at)
}

// adopt makes a schema of what stands at a place where none is expected, as
// that of a keyword of one's own.
func (l *library) adopt(at place, s any) error {
	if l.meta == nil || l.byURL[at.root.url] == nil {
		return invalid("there is no schema at %s of %s", at.pointer, at.root.url)
	}
	if err := l.enter(at.root, at.root.home(at.pointer), at.pointer, s); err != nil {
		return err
	}
	return l.check(at.pointer, s)
}

// lookup returns what is at a JSON Pointer.
func lookup(v any, pointer string) (any, bool) {
	for _, step := range strings.Split(pointer, "/")[1:] {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(step), "~") {
			return nil, false
		}
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if object, ok := v.(map[string]any); ok {
			if _, ok := object[step]; !ok {
				return nil, false
			}
		}
		if v = member(v, step); v == nil {
			return nil, false
		}
	}
	return v, true
}

// cut splits a reference at its fragment, which it decodes.
func cut(ref string) (target, fragment string) {
	target, fragment, _ = strings.Cut(ref, "#")
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	return target, fragment
}

// join returns the URL that a reference means at a base.
func join(base, ref string) (string, error) {
	ref, _, _ = strings.Cut(ref, "#")
	if ref == "" {
		return base, nil
	}
	to, err := url.Parse(ref)
	if err != nil {
		return "", err
	}
	if to.IsAbs() {
		return ref, nil
	}
	from, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	return from.ResolveReference(to).String(), nil
}

// A subschema is a schema in a schema, at a pointer from there.
type subschema struct {
	pointer string
	schema  value
}

// subschemas returns the schemas in a schema, in the order of their pointers.
func subschemas(keys map[string]any) []subschema {
	var out []subschema
	add := func(v any, steps ...string) {
		switch v.(type) {
		case map[string]any, bool:
			var pointer strings.Builder
			for _, step := range steps {
				pointer.WriteString(escaped(step))
			}
			out = append(out, subschema{pointer.String(), v})
		}
	}
	for _, keyword := range slices.Sorted(maps.Keys(keys)) {
		v := keys[keyword]
		switch holds(keyword) {
		case one:
			add(v, keyword)
		case listed:
			list, _ := v.([]any)
			for i, s := range list {
				add(s, keyword, itoa(i))
			}
		case named:
			object, _ := v.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(object)) {
				add(object[name], keyword, name)
			}
		}
	}
	return out
}

type holding int

const (
	none holding = iota
	one
	listed
	named
)

// holds tells in what form a keyword holds schemas.
func holds(keyword string) holding {
	switch keyword {
	case "not", "if", "then", "else", "contains", "propertyNames", "items", "additionalProperties",
		"unevaluatedProperties", "unevaluatedItems", "contentSchema":
		return one
	case "allOf", "anyOf", "oneOf", "prefixItems":
		return listed
	case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies":
		return named
	}
	return none
}
