package jsonschema

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
)

// A node is a compiled schema: what is asked of a value, in order. When one of
// the gates (type, const, enum, format) fails, the rules are not asked: they
// would tell the same again.
type node struct {
	never bool // the schema false
	home  *resource
	gates []rule
	rules []rule
	asks  bool // has unevaluatedProperties or unevaluatedItems
}

// A rule is one keyword, or a few that belong together.
type rule func(*visit)

// A compiler makes nodes, each place of a document once, so that schemas may
// refer to themselves.
type compiler struct {
	known *library
	nodes map[place]*node
}

// node compiles the schema s at a place.
func (c *compiler) node(at place, s any) (*node, error) {
	if n := c.nodes[at]; n != nil {
		return n, nil
	}
	n := &node{home: at.root.home(at.pointer)}
	c.nodes[at] = n
	if s, ok := s.(bool); ok {
		n.never = !s
		return n, nil
	}
	object, ok := s.(map[string]any)
	if !ok {
		return nil, invalid("%s is neither an object nor true or false", orRoot(at.pointer))
	}
	p := &part{compiler: c, at: at, node: n, keys: object}
	p.compile()
	return n, p.err
}

// A part is one schema while it is compiled. The first error stays.
type part struct {
	*compiler
	at   place
	node *node
	keys object
	err  error
}

// compile goes through the keywords in the order in which they are told of.
// What has the wrong type was refused by the metaschema.
func (p *part) compile() {
	p.gates()
	if to := p.follow("$ref"); to != nil {
		p.add(func(v *visit) { v.take(v.same(to)) })
	}
	p.objects()
	p.arrays()
	p.strings()
	p.numbers()
	p.dynamic()
	p.choices()
	p.rest()
}

func (p *part) add(r rule) { p.node.rules = append(p.node.rules, r) }

func (p *part) fail(err error) *node {
	if p.err == nil {
		p.err = err
	}
	return &node{home: p.node.home}
}

// sub compiles the schema of a keyword, or what is at steps below it; nil where
// there is none.
func (p *part) sub(keyword string, steps ...string) *node {
	s, ok := p.keys[keyword]
	if !ok {
		return nil
	}
	at := place{p.at.root, p.at.pointer + escaped(keyword)}
	for _, step := range steps {
		at.pointer += escaped(step)
		s = member(s, step)
	}
	n, err := p.compiler.node(at, s)
	if err != nil {
		return p.fail(err)
	}
	return n
}

func member(v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[step]
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) && strconv.Itoa(i) == step {
			return v[i]
		}
	}
	return nil
}

func (p *part) list(keyword string) []*node {
	list, _ := p.keys[keyword].([]any)
	nodes := make([]*node, len(list))
	for i := range list {
		nodes[i] = p.sub(keyword, strconv.Itoa(i))
	}
	return nodes
}

func (p *part) named(keyword string) map[string]*node {
	object, _ := p.keys[keyword].(map[string]any)
	nodes := make(map[string]*node, len(object))
	for name, s := range object {
		if _, list := s.([]any); !list { // as dependencies may have them
			nodes[name] = p.sub(keyword, name)
		}
	}
	return nodes
}

// follow compiles what a reference refers to; nil where there is none.
func (p *part) follow(keyword string) *node {
	text, ok := p.keys[keyword].(string)
	if !ok {
		return nil
	}
	at, s, err := p.known.resolve(p.node.home, text)
	if err == nil && !at.root.has(at.pointer) {
		err = p.known.adopt(at, s)
	}
	if err != nil {
		return p.fail(err)
	}
	n, err := p.compiler.node(at, s)
	if err != nil {
		return p.fail(err)
	}
	return n
}

// dynamic compiles $dynamicRef: where the schema that it refers to has such a
// $dynamicAnchor, the outermost that is on the way to it counts.
func (p *part) dynamic() {
	to := p.follow("$dynamicRef")
	if to == nil {
		return
	}
	_, name := cut(p.keys["$dynamicRef"].(string))
	if _, ok := to.home.dynamic[name]; !ok {
		p.add(func(v *visit) { v.take(v.same(to)) })
		return
	}
	nodes := p.nodes
	p.add(func(v *visit) { v.take(v.same(v.outermost(name, to, nodes))) })
}

// count reads a number of things.
func (p *part) count(keyword string) (int, bool) {
	r := p.number(keyword)
	if r == nil {
		return 0, false
	}
	if !r.IsInt() || !r.Num().IsInt64() {
		return math.MaxInt, true
	}
	return int(min(r.Num().Int64(), math.MaxInt)), true
}

func (p *part) number(keyword string) *big.Rat {
	n, ok := p.keys[keyword].(json.Number)
	if !ok {
		return nil
	}
	return rational(n)
}

func words(list any) []string {
	values, _ := list.([]any)
	var out []string
	for _, v := range values {
		if s, ok := v.(string); ok && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
