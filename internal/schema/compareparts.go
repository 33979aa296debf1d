package schema

import (
	"slices"
	"strconv"
	"strings"
)

// members compares what is said of the members of objects.
func (c *comparison) members(at string, a, b map[string]any) {
	was, is := textsIn(a["required"]), textsIn(b["required"])
	for _, name := range is {
		if !slices.Contains(was, name) {
			c.add(at+"/required", narrower, "%q is required now", name)
		}
	}
	for _, name := range was {
		if !slices.Contains(is, name) {
			c.add(at+"/required", wider, "%q is not required any more", name)
		}
	}
	x, _ := a["properties"].(map[string]any)
	y, _ := b["properties"].(map[string]any)
	restA, restB := rest(a, "additionalProperties"), rest(b, "additionalProperties")
	for _, name := range keysOf(x, y) {
		p, inA := x[name]
		q, inB := y[name]
		place := at + "/properties/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		switch {
		case inA && inB:
			c.schema(place, p, q)
		case inA && restB == true: // it is taken and ignored, or means something else
			c.add(place, unclear, "the property is not declared any more")
		case inA:
			c.schema(place, p, restB)
		case restA == true: // it was open, and promised nothing about the name
			c.add(place, narrower.unless(!slices.Contains(is, name)), "the property is declared now")
		default:
			c.schema(place, restA, q)
		}
	}
	c.schema(at+"/additionalProperties", restA, restB)
}

// unless returns harmless instead of d when a condition holds.
func (d direction) unless(condition bool) direction {
	if condition {
		return harmless
	}
	return d
}

// harmless is the direction of a change that breaks nothing on either side.
const harmless direction = "harmless"

// rest returns the schema of everything that is not named; true when there is
// none.
func rest(s map[string]any, key string) any {
	if v, ok := s[key]; ok {
		return v
	}
	return true
}

func textsIn(v any) []string {
	list, _ := v.([]any)
	var all []string
	for _, item := range list {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// elements compares what is said of the elements of lists.
func (c *comparison) elements(at string, a, b map[string]any) {
	x, _ := a["prefixItems"].([]any)
	y, _ := b["prefixItems"].([]any)
	restA, restB := rest(a, "items"), rest(b, "items")
	for i := range max(len(x), len(y)) {
		p, q := restA, restB
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		c.schema(at+"/prefixItems/"+strconv.Itoa(i), p, q)
	}
	c.schema(at+"/items", restA, restB)
}

// conditions compares keywords that combine schemas.
func (c *comparison) conditions(at string, a, b map[string]any) {
	if !c.presence(at, "anyOf", a, b) {
		c.branches(at+"/anyOf", a["anyOf"], b["anyOf"], wider)
	}
	if !c.presence(at, "allOf", a, b) {
		c.branches(at+"/allOf", a["allOf"], b["allOf"], narrower)
	}
	for _, key := range []string{"propertyNames", "contains"} {
		if !c.presence(at, key, a, b) {
			c.schema(at+"/"+key, a[key], b[key])
		}
	}
	if !c.presence(at, "not", a, b) {
		inner := comparison{rootA: c.rootA, rootB: c.rootB, met: c.met}
		inner.schema(at+"/not", a["not"], b["not"])
		for _, change := range inner.changes {
			change.direction = change.direction.reversed()
			c.changes = append(c.changes, change)
		}
	}
}

// branches compares lists of alternatives or of conditions; more says what it
// does to add one. Branches that are neither kept nor only added or only removed
// are compared one by one when there are as many as before, and are unclear
// otherwise.
func (c *comparison) branches(at string, a, b any, more direction) {
	x, _ := a.([]any)
	y, _ := b.([]any)
	lost, won := missing(x, y), missing(y, x)
	switch {
	case refers(a) || refers(b) || len(lost) > 0 && len(won) > 0:
		if len(x) != len(y) {
			c.add(at, unclear, "the branches have changed")
			return
		}
		for i := range x {
			c.schema(at+"/"+strconv.Itoa(i), x[i], y[i])
		}
	case len(won) > 0:
		c.add(at, more, "a branch is new: %s", jsonText(won[0]))
	case len(lost) > 0:
		c.add(at, more.reversed(), "a branch is gone: %s", jsonText(lost[0]))
	}
}

// missing returns the schemas of from that to has not.
func missing(from, to []any) []any {
	return slices.DeleteFunc(slices.Clone(from), func(s any) bool {
		return slices.ContainsFunc(to, func(t any) bool { return jsonText(s) == jsonText(t) })
	})
}
