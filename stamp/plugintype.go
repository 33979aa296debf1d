package stamp

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/filetype"
)

// A Plugin is a file type that is neither ours nor the project's. It has what no
// other type claims, unless it overrides.
type Plugin struct {
	Type     filetype.Type
	Override bool
	Canary   string // text of a sample
}

// ParsePlugin reads a file type as types: in onex.yaml has it, with the text of the
// canary instead of its path. JSON will do: it is YAML. The error is an [ErrConfig]
// or [ErrNoCanary], which calls the text by source.
func ParsePlugin(source, name string, text []byte) (Plugin, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil || len(doc.Content) == 0 {
		return Plugin{}, ErrConfig.Wrap(err, "%s: no file type", source)
	}
	r := configReader{name: source, config: Config{Canaries: map[string]string{}, Override: map[string]bool{}}}
	n, p := doc.Content[0], Plugin{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if value := n.Content[i+1]; n.Content[i].Value == "canary" && strings.TrimSpace(value.Value) != "" {
			p.Canary = value.Value
			value.Value = "canary" // where a path is looked for
		}
	}
	if len(p.Canary) > maxSample {
		return Plugin{}, ErrNoCanary.With("%s: the canary of %s has more than %d bytes", source, name, maxSample)
	}
	if err := r.fileType(&yaml.Node{Kind: yaml.ScalarNode, Value: name, Line: 1}, n); err != nil {
		return Plugin{}, err
	}
	if p.Canary == "" {
		return Plugin{}, ErrNoCanary.With("%s: the canary of %s is blank", source, name)
	}
	p.Type, p.Override = r.config.Types[0], r.config.Override[name]
	return p, nil
}

// handler returns p with its rank among others.
func (p *Plugin) handler() filetype.Handler {
	return filetype.Handler{Type: p.Type, Source: filetype.Plugin, Priority: filetype.PriorityPlugin, Override: p.Override}
}

// fingerprintOfPlugins tells sets of plugins apart, for the cache.
func fingerprintOfPlugins(plugins []Plugin) []byte {
	var b bytes.Buffer
	for _, p := range plugins {
		fmt.Fprintf(&b, "%s %q %q %q %+v %s %t\n", p.Type.Name, p.Type.Extensions, p.Type.Filenames, p.Type.Interpreters, p.Type.Comment, p.Type.String(), p.Override)
	}
	sum := sha256.Sum256(b.Bytes())
	return sum[:]
}
