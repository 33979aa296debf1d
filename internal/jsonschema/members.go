package jsonschema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// objects compiles the keywords for objects.
func (p *part) objects() {
	p.sizes("minProperties", "maxProperties", func(value any) (int, bool) {
		o, ok := value.(map[string]any)
		return len(o), ok
	}, "minProperties: got %d, want %d", "maxProperties: got %d, want %d")
	if want := words(p.keys["required"]); len(want) > 0 {
		p.object(func(v *visit, o map[string]any) {
			if missing := lacking(o, want); missing != nil {
				v.fail(func() string { return "missing key " + quoted(missing) })
			}
		})
	}
	p.dependencies("dependencies")
	p.members()
	if n := p.sub("propertyNames"); n != nil {
		p.object(func(v *visit, o map[string]any) {
			for name := range o {
				v.take(v.below(n, step{v.at, "", nowhere}, name))
			}
		})
	}
	p.dependencies("dependentSchemas")
	p.dependencies("dependentRequired")
}

// object adds a rule for objects alone.
func (p *part) object(r func(*visit, map[string]any)) {
	p.add(func(v *visit) {
		if o, ok := v.value.(map[string]any); ok {
			r(v, o)
		}
	})
}

// sizes compiles a least and a most number of things.
func (p *part) sizes(few, many string, size func(any) (int, bool), tooFew, tooMany string) {
	least, hasLeast := p.count(few)
	most, hasMost := p.count(many)
	if !hasLeast && !hasMost {
		return
	}
	p.add(func(v *visit) {
		n, ok := size(v.value)
		if ok && hasLeast && n < least {
			v.fail(func() string { return fmt.Sprintf(tooFew, n, least) })
		}
		if ok && hasMost && n > most {
			v.fail(func() string { return fmt.Sprintf(tooMany, n, most) })
		}
	})
}

func lacking(o map[string]any, want []string) []string {
	var out []string
	for _, name := range want {
		if _, ok := o[name]; !ok {
			out = append(out, name)
		}
	}
	return out
}

// dependencies compiles what holds where a member is there: schemas, or names
// of others.
func (p *part) dependencies(keyword string) {
	nodes := p.named(keyword)
	object, _ := p.keys[keyword].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		n, others := nodes[name], words(object[name])
		p.object(func(v *visit, o map[string]any) {
			if _, ok := o[name]; !ok {
				return
			}
			if n != nil {
				v.take(v.same(n))
			}
			if missing := lacking(o, others); missing != nil {
				v.fail(func() string {
					return fmt.Sprintf("properties %s required, if %s exists", shownAll(missing), shownText(name))
				})
			}
		})
	}
}

// A shape is what properties, patternProperties and additionalProperties say.
type shape struct {
	named    map[string]*node
	patterns []patterned
	others   *node
	closed   bool // there must be no others
}

type patterned struct {
	re   *regexp.Regexp
	node *node
}

// members compiles the keywords for the members of an object.
func (p *part) members() {
	s := shape{named: p.named("properties"), others: p.sub("additionalProperties")}
	s.closed = p.keys["additionalProperties"] == false
	patterns := p.named("patternProperties")
	for _, text := range slices.Sorted(maps.Keys(patterns)) {
		s.patterns = append(s.patterns, patterned{p.regexp(text), patterns[text]})
	}
	if len(s.named) == 0 && len(s.patterns) == 0 && s.others == nil {
		return
	}
	p.object(func(v *visit, o map[string]any) {
		var unknown []string
		for name, value := range o {
			if !s.ask(v, name, value) {
				unknown = append(unknown, name)
			}
		}
		if unknown != nil {
			v.fail(func() string { return "unknown key " + quoted(slices.Sorted(slices.Values(unknown))) })
		}
	})
}

// ask lets the schemas for a member look at it. It returns false where the
// member must not be.
func (s *shape) ask(v *visit, name string, value any) bool {
	n, known := s.named[name]
	if known {
		v.take(v.member(n, name, value))
	}
	for _, p := range s.patterns {
		if p.re.MatchString(name) {
			v.take(v.member(p.node, name, value))
			known = true
		}
	}
	if known || s.others != nil {
		v.seen.name(name)
	}
	if !known && s.others != nil && !s.closed {
		v.take(v.member(s.others, name, value))
	}
	return known || !s.closed
}

// arrays compiles the keywords for lists.
func (p *part) arrays() {
	p.sizes("minItems", "maxItems", func(value any) (int, bool) {
		l, ok := value.([]any)
		return len(l), ok
	}, "number of items must be at least %[2]d, is %[1]d", "number of items must be at most %[2]d, is %[1]d")
	if p.keys["uniqueItems"] == true {
		p.array(func(v *visit, list []any) {
			if i, j := twice(list); j > 0 {
				v.fail(func() string { return fmt.Sprintf("items at %d and %d are equal", i, j) })
			}
		})
	}
	prefix, others := p.list("prefixItems"), p.sub("items")
	if len(prefix) > 0 || others != nil {
		p.array(func(v *visit, list []any) { items(v, list, prefix, others) })
	}
	p.contains()
}

func (p *part) array(r func(*visit, []any)) {
	p.add(func(v *visit) {
		if l, ok := v.value.([]any); ok {
			r(v, l)
		}
	})
}

func items(v *visit, list []any, prefix []*node, others *node) {
	for i, value := range list {
		switch {
		case i < len(prefix):
			v.take(v.item(prefix[i], i, value))
		case others != nil:
			v.take(v.item(others, i, value))
		}
	}
	v.seen.upTo(len(prefix))
	if others != nil {
		v.seen.everything()
	}
}

// contains compiles contains, minContains and maxContains.
func (p *part) contains() {
	n := p.sub("contains")
	if n == nil {
		return
	}
	least, ok := p.count("minContains")
	if !ok {
		least = 1
	}
	most, bounded := p.count("maxContains")
	p.array(func(v *visit, list []any) {
		fit := 0
		for i, value := range list {
			if v.item(n, i, value).fits() {
				fit++
				v.seen.item(i)
			}
		}
		if fit < least {
			v.fail(func() string { return fmt.Sprintf("at least %d items must fit contains, %d do", least, fit) })
		}
		if bounded && fit > most {
			v.fail(func() string { return fmt.Sprintf("at most %d items may fit contains, %d do", most, fit) })
		}
	})
}

// rest compiles the keywords for what no other looked at.
func (p *part) rest() {
	members, list := p.sub("unevaluatedProperties"), p.sub("unevaluatedItems")
	if p.node.asks = members != nil || list != nil; !p.node.asks {
		return
	}
	p.object(func(v *visit, o map[string]any) {
		if members == nil {
			return
		}
		for name, value := range o {
			if !v.seen.all && !v.seen.names[name] {
				v.take(v.member(members, name, value))
			}
		}
		v.seen.everything()
	})
	p.array(func(v *visit, values []any) {
		if list == nil {
			return
		}
		for i := v.seen.first; i < len(values) && !v.seen.all; i++ {
			if !v.seen.items[i] {
				v.take(v.item(list, i, values[i]))
			}
		}
		v.seen.everything()
	})
}

func shownAll(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = shownText(n)
	}
	return strings.Join(out, ", ")
}
