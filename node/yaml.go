package node

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// fromYAML reads a file of one YAML document. Only the syntax is YAML's; types
// are given later, by the field that a scalar stands in.
func fromYAML(data []byte) (*value, []problem) {
	if len(data) > maxDocument {
		return nil, []problem{{"", fmt.Sprintf("%d bytes are more than the limit of %d", len(data), maxDocument)}}
	}
	if at := invalidUTF8(data); at != "" {
		return nil, []problem{{at, "not UTF-8"}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, []problem{{"1:1", "the file is empty"}}
	} else if err != nil {
		return nil, []problem{syntaxProblem(err)}
	}
	switch err := dec.Decode(&next); {
	case err == nil:
		return nil, []problem{{position(&next), "a second document begins; the file holds one"}}
	case !errors.Is(err, io.EOF):
		return nil, []problem{syntaxProblem(err)}
	}
	var r yamlReader
	v := r.value(doc.Content[0], 0)
	return v, r.problems
}

// syntaxForm finds the line in the messages of the YAML library.
var syntaxForm = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(.*)`)

func syntaxProblem(err error) problem {
	m := syntaxForm.FindStringSubmatch(err.Error())
	if m == nil {
		return problem{"1:1", err.Error()}
	}
	if m[1] == "" {
		m[1] = "1"
	}
	return problem{m[1] + ":1", m[2]}
}

func invalidUTF8(data []byte) string {
	line, column := 1, 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			return strconv.Itoa(line) + ":" + strconv.Itoa(column)
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		data = data[n:]
	}
	return ""
}

func position(n *yaml.Node) string {
	return strconv.Itoa(n.Line) + ":" + strconv.Itoa(n.Column)
}

type yamlReader struct {
	decoder
	nodes int
}

func (r *yamlReader) value(n *yaml.Node, depth int) *value {
	v := &value{at: position(n), kind: null}
	r.nodes++
	switch {
	case r.nodes == maxNodes:
		r.fail(v, "more than %d values, counting those that aliases repeat", maxNodes)
		return v
	case r.nodes > maxNodes:
		return v
	case depth > maxDepth:
		r.fail(v, "more than %d levels", maxDepth)
		return v
	case n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str":
		r.fail(v, "tag %s is not supported", quote(n.Tag))
		return v
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(n.Alias, depth+1)
	case yaml.ScalarNode:
		v.kind, v.text = text, n.Value
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0 {
			v.kind = plain
		}
	case yaml.SequenceNode:
		v.kind = list
		for _, item := range n.Content {
			v.items = append(v.items, r.value(item, depth+1))
		}
	case yaml.MappingNode:
		v.kind = object
		r.members(v, n, depth)
	}
	return v
}

func (r *yamlReader) members(v *value, n *yaml.Node, depth int) {
	seen := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		at := position(n.Content[i])
		switch first := seen[k.Value]; {
		case k.Kind != yaml.ScalarNode:
			r.problems = append(r.problems, problem{at, "a key must be text"})
		case k.Tag == "!!merge":
			r.problems = append(r.problems, problem{at, "merge keys are not supported"})
		case first != "":
			r.problems = append(r.problems, problem{at, "duplicate key " + quote(k.Value) + ", first at " + first})
		default:
			seen[k.Value] = at
			v.members = append(v.members, member{k.Value, r.value(n.Content[i+1], depth+1), at})
		}
	}
}
