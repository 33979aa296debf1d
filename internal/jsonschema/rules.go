package jsonschema

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// gates compiles type, const, enum and format.
func (p *part) gates() {
	gate := func(r rule) { p.node.gates = append(p.node.gates, r) }
	if t, ok := p.keys["type"]; ok {
		gate(types(t))
	}
	if want, ok := p.keys["const"]; ok {
		gate(func(v *visit) {
			if !equal(v.value, want) {
				v.fail(func() string { return "must be " + shown([]any{want}) })
			}
		})
	}
	if list, ok := p.keys["enum"].([]any); ok {
		gate(func(v *visit) {
			if !slices.ContainsFunc(list, func(want any) bool { return equal(v.value, want) }) {
				v.fail(func() string { return "must be " + shown(list) })
			}
		})
	}
	name, _ := p.keys["format"].(string)
	if keeps := format(name); keeps != nil {
		gate(func(v *visit) {
			if s, ok := v.value.(string); ok && !keeps(s) {
				v.fail(func() string { return "is not a valid " + name })
			}
		})
	}
}

// types is the rule of type, which is a name or a list of names.
func types(t any) rule {
	list, ok := t.([]any)
	if !ok {
		list = []any{t}
	}
	names := words(list)
	order := []string{"null", "boolean", "number", "integer", "string", "array", "object"}
	slices.SortFunc(names, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return func(v *visit) {
		is := typeOf(v.value)
		if slices.Contains(names, is) || is == "number" && slices.Contains(names, "integer") && isInteger(v.value) {
			return
		}
		v.fail(func() string { return fmt.Sprintf("must be %s, is %s", strings.Join(names, " or "), is) })
	}
}

// strings compiles the keywords for texts.
func (p *part) strings() {
	least, hasLeast := p.count("minLength")
	most, hasMost := p.count("maxLength")
	if hasLeast || hasMost {
		p.add(func(v *visit) {
			s, ok := v.value.(string)
			if !ok {
				return
			}
			n := utf8.RuneCountInString(s)
			if hasLeast && n < least {
				v.fail(func() string { return fmt.Sprintf("length must be at least %d, is %d", least, n) })
			}
			if hasMost && n > most {
				v.fail(func() string { return fmt.Sprintf("length must be at most %d, is %d", most, n) })
			}
		})
	}
	if text, ok := p.keys["pattern"].(string); ok {
		re := p.regexp(text)
		p.add(func(v *visit) {
			if s, ok := v.value.(string); ok && !re.MatchString(s) {
				v.fail(func() string { return fmt.Sprintf("does not match the pattern %q", text) })
			}
		})
	}
}

func (p *part) regexp(text string) *regexp.Regexp {
	re, err := regexp.Compile(text)
	if err != nil {
		p.fail(invalid("pattern %q: %s", text, err))
	}
	return re
}

// numbers compiles the keywords for numbers.
func (p *part) numbers() {
	for _, k := range []struct {
		keyword, words string
		keeps          func(n, bound *big.Rat) bool
	}{
		{"minimum", "at least", func(n, bound *big.Rat) bool { return n.Cmp(bound) >= 0 }},
		{"maximum", "at most", func(n, bound *big.Rat) bool { return n.Cmp(bound) <= 0 }},
		{"exclusiveMinimum", "more than", func(n, bound *big.Rat) bool { return n.Cmp(bound) > 0 }},
		{"exclusiveMaximum", "less than", func(n, bound *big.Rat) bool { return n.Cmp(bound) < 0 }},
		{"multipleOf", "a multiple of", func(n, bound *big.Rat) bool { return new(big.Rat).Quo(n, bound).IsInt() }},
	} {
		bound := p.number(k.keyword)
		if bound == nil {
			continue
		}
		p.add(func(v *visit) {
			if n := rational(v.value); n != nil && !k.keeps(n, bound) {
				v.fail(func() string { return "must be " + k.words + " " + decimal(bound) })
			}
		})
	}
}

// choices compiles the keywords that ask several schemas.
func (p *part) choices() {
	if n := p.sub("not"); n != nil {
		p.add(func(v *visit) {
			if v.same(n).fits() {
				v.fail(func() string { return "'not' failed" })
			}
		})
	}
	for _, n := range p.list("allOf") {
		p.add(func(v *visit) { v.take(v.same(n)) })
	}
	if nodes := p.list("anyOf"); len(nodes) > 0 {
		p.add(func(v *visit) { anyOf(v, nodes) })
	}
	if nodes := p.list("oneOf"); len(nodes) > 0 {
		p.add(func(v *visit) { exactlyOne(v, nodes) })
	}
	condition, then, otherwise := p.sub("if"), p.sub("then"), p.sub("else")
	if condition == nil {
		return
	}
	p.add(func(v *visit) {
		next := otherwise
		if v.same(condition).fits() {
			next = then
		}
		if next != nil {
			v.take(v.same(next))
		}
	})
}

func anyOf(v *visit, nodes []*node) {
	var found []violation
	fits := false
	for _, n := range nodes {
		w := v.same(n)
		if !w.fits() {
			found = append(found, w.found...)
			continue
		}
		if fits = true; v.seen == nil {
			return
		}
	}
	if !fits {
		noneFits(v, found)
	}
}

func exactlyOne(v *visit, nodes []*node) {
	var found []violation
	fits := false
	for _, n := range nodes {
		w := v.same(n)
		if w.fits() && fits {
			v.fail(func() string { return "fits more than one of the alternatives" })
			return
		}
		fits = fits || w.fits()
		found = append(found, w.found...)
	}
	if !fits {
		noneFits(v, found)
	}
}

func noneFits(v *visit, found []violation) {
	v.fail(func() string { return "fits none of the alternatives" })
	v.found = append(v.found, found...)
}
