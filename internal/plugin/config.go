package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// ParseConfig reads the key plugins of the text of onex.yaml, which lies in root and
// which the errors ([ErrConfig]) call name. Other keys are not looked at.
//
//	plugins:
//	  validator:
//	    company: tools/check.py               # a program in the project
//	    other: {path: /opt/check, args: [-q], priority: 7}
//	  node:
//	    greeter: nodes/greeter
func ParseConfig(root, name string, text []byte) ([]Plugin, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, ErrConfig.Wrap(err, "%s", name)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	var found []Plugin
	top := valueOf(doc.Content[0], "plugins")
	if top == nil {
		return nil, nil
	}
	err := each(name, top, func(kind, list *yaml.Node) error {
		return each(name, list, func(key, value *yaml.Node) error {
			p := Plugin{Type: Type(kind.Value), Name: key.Value, Source: Config, Priority: configPriority, Origin: fmt.Sprintf("%s:%d", name, key.Line)}
			if err := p.declare(name, value); err != nil {
				return err
			}
			if p.Path != "" && !filepath.IsAbs(p.Path) {
				p.Path = filepath.Join(root, filepath.FromSlash(p.Path))
			}
			found = append(found, p)
			return p.check()
		})
	})
	return found, err
}

// declare reads a path, or a mapping of path, args and priority.
func (p *Plugin) declare(name string, n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		p.Path = n.Value
		return nil
	}
	return each(name, n, func(key, value *yaml.Node) (err error) {
		switch key.Value {
		case "path":
			p.Path = value.Value
		case "args":
			err = value.Decode(&p.Args)
		case "priority":
			p.Priority, err = strconv.Atoi(value.Value)
		default:
			err = fmt.Errorf("unknown key %q; want path, args or priority", key.Value)
		}
		if err != nil {
			return ErrConfig.With("%s:%d: plugins: %s", name, value.Line, err)
		}
		return nil
	})
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// each calls visit with every pair of the mapping n, and refuses a key that comes
// twice.
func each(name string, n *yaml.Node, visit func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return ErrConfig.With("%s:%d: plugins: a mapping is expected", name, n.Line)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			return ErrConfig.With("%s:%d: plugins: %s is set twice", name, key.Line, key.Value)
		}
		seen[key.Value] = true
		if err := visit(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}
