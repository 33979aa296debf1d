package rules

import (
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/lint"
)

// document returns the first document of a YAML file, or nil when it is none:
// others say what is wrong with it.
func document(f *lint.File) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(f.Data, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// visitOwn calls f with every key and value of n, if it is a mapping.
func visitOwn(n *yaml.Node, f func(key string, value *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}

// valueOf returns the scalar under a key of a mapping, and where it stands.
func valueOf(n *yaml.Node, key string) (value string, at *yaml.Node) {
	visitOwn(n, func(k string, v *yaml.Node) {
		if k == key && v.Kind == yaml.ScalarNode {
			value, at = v.Value, v
		}
	})
	return value, at
}

// offsetOf returns where in the file a node stands; columns of yaml count
// characters, which are bytes where anything that matters here stands.
func offsetOf(f *lint.File, n *yaml.Node) int { return f.Offset(n.Line, n.Column) }
