package nodemanager

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// RegenerateManifest completes the manifests of nodes: an identity where there is
// none. In a directory without a manifest, which must be named, it is derived from
// the contract and from the program that lies there. What a person wrote stays, and a
// manifest that cannot be read is a problem for one.
func (m Manager) RegenerateManifest(ctx context.Context, in Select) (Report, error) {
	return m.each(ctx, in, (*repair).manifest)
}

// RegenerateContract brings the contracts of nodes in line: the name and the version
// are those of the manifest. A program that speaks MCP is asked for its tools, whose
// descriptions and schemas go into the contract; what the program does not tell
// (errors, effects, examples) stays. For other programs the contract is the source,
// and one that is missing gets a beginning without examples. Nodes in Go are skipped:
// theirs follow from their functions.
func (m Manager) RegenerateContract(ctx context.Context, in Select) (Report, error) {
	return m.each(ctx, in, (*repair).contract)
}

func (r *repair) manifest(_ context.Context, dir string) error {
	name := path.Join(dir, node.ManifestFile)
	data, err := r.read(name)
	if err != nil {
		return err
	}
	if data == nil {
		return r.deriveManifest(dir, name)
	}
	parsed, err := node.ParseManifest(data)
	if err != nil {
		r.problem(dir, "mend it by hand; nothing in it is thrown away", "%s", oneLine(err))
		return nil
	}
	if parsed.UUID == "" {
		r.write(name, addUUID(data), "it had no identity")
	}
	return nil
}

// versionLine is where the identity goes: behind the version, which every manifest has.
var versionLine = regexp.MustCompile(`(?m)^version:.*$\n?`)

func addUUID(data []byte) []byte {
	line := []byte("uuid: " + newUUID() + "\n")
	at := versionLine.FindIndex(data)
	if at == nil { // as a flow mapping; the end of a file is a good place, too
		return append(bytes.TrimRight(data, "\n"), append([]byte("\n"), line...)...)
	}
	end := data[:at[1]]
	if !bytes.HasSuffix(end, []byte("\n")) {
		end = append(bytes.Clone(end), '\n')
	}
	return bytes.Join([][]byte{end, line, data[at[1]:]}, nil)
}

func (r *repair) deriveManifest(dir, name string) error {
	m := node.Manifest{Name: node.Name(identifier(path.Base(dir))), Version: "0.1.0", UUID: newUUID()}
	if data, err := r.read(path.Join(dir, node.ContractFile)); err == nil && data != nil {
		if c, err := node.ParseContract(data); err == nil {
			m.Name, m.Description = c.Node, c.Description
			if c.Version != "" {
				m.Version = c.Version
			}
		}
	}
	var err error
	if m.Runtime, m.Program.Command, err = r.m.program(dir); err != nil {
		r.problem(dir, "write node.onex.yaml by hand, or begin with onex new node", "%s", oneLine(err))
		return nil
	}
	text, err := node.PrintManifest(m)
	if err != nil {
		r.problem(dir, "write node.onex.yaml by hand", "%s", oneLine(err))
		return nil
	}
	r.write(name, text, "there was none; it runs %s", strings.Join(m.Program.Command, " "))
	return nil
}

// identifier makes a name out of that of a directory.
func identifier(name string) string {
	return strings.Trim(notName.ReplaceAllString(strings.ToLower(name), "_"), "_0123456789")
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

func (r *repair) contract(ctx context.Context, dir string) error {
	data, err := r.read(path.Join(dir, node.ManifestFile))
	if err != nil {
		return err
	}
	if data == nil {
		r.problem(dir, "onex node manifest makes one", "there is no %s", node.ManifestFile)
		return nil
	}
	m, err := node.ParseManifest(data)
	if err != nil {
		r.problem(dir, "mend it by hand", "%s", oneLine(err))
		return nil
	}
	name := path.Join(dir, node.ContractFile)
	text, err := r.read(name)
	if err != nil || m.Runtime == node.Go {
		return err
	}
	if text == nil && m.Runtime == node.Exec {
		r.write(name, beginning(m), "there was none; say in it what the tool takes and gives")
		r.problem(dir, "add them to contract.yaml: nothing else shows that the tool keeps its word", "the tool has no examples")
		return nil
	}
	if text != nil {
		if text, err = r.aligned(dir, name, text, m); err != nil || text == nil {
			return err
		}
	}
	if m.Runtime == node.MCP {
		return r.listed(ctx, dir, name, text, m)
	}
	return nil
}

// beginning is a contract that promises nothing yet.
func beginning(m node.Manifest) []byte {
	return fmt.Appendf(nil, `node_name: %s
node_version: %s
tools:
  %s:
    input:
      type: object
    output:
      type: object
`, m.Name, m.Version, m.Name)
}

// aligned gives a contract the name and the version of the manifest. It returns nil
// when the contract cannot be read.
func (r *repair) aligned(dir, name string, text []byte, m node.Manifest) ([]byte, error) {
	c, err := node.ParseContract(text)
	if err != nil {
		r.problem(dir, "mend it by hand; nothing in it is thrown away", "%s", oneLine(err))
		return nil, nil
	}
	for _, line := range []struct{ key, was, is string }{
		{"node_name", string(c.Node), string(m.Name)},
		{"node_version", c.Version, m.Version},
	} {
		if line.was == line.is || line.was == "" {
			continue
		}
		at := regexp.MustCompile(`(?m)^` + line.key + `:[^\n#]*`)
		if len(at.FindAllIndex(text, 2)) != 1 {
			r.problem(dir, "change it by hand", "%s of the contract is %s, the manifest says %s", line.key, line.was, line.is)
			continue
		}
		text = at.ReplaceAll(text, []byte(line.key+": "+line.is))
		r.write(name, text, "%s was %s, and the manifest says %s", line.key, line.was, line.is)
	}
	return text, nil
}

// listed asks a program that speaks MCP for its tools, and brings its contract, which
// may be missing, in line with them.
func (r *repair) listed(ctx context.Context, dir, name string, text []byte, m node.Manifest) error {
	says, err := r.m.ask(ctx, dir, m)
	if err != nil {
		r.problem(dir, "run it by hand to see what it says", "it does not list its tools: %s", oneLine(err))
		return nil
	}
	is := node.Contract{Node: m.Name, Version: m.Version, Description: m.Description}
	if text != nil {
		if is, err = node.ParseContract(text); err != nil {
			return err
		}
	}
	was, err := node.PrintContract(is)
	if err != nil {
		return err
	}
	changed := r.merge(dir, &is, says)
	now, err := node.PrintContract(is)
	if err != nil {
		return err
	}
	if text == nil || !bytes.Equal(was, now) {
		r.write(name, append(leading(text), now...), "the program lists %s", strings.Join(changed, ", "))
	}
	return nil
}

// merge takes over what the program says of its tools.
func (r *repair) merge(dir string, c *node.Contract, says node.Contract) (changed []string) {
	tools := c.Tools
	c.Tools = append([]node.Tool{}, tools...)
	for _, t := range says.Tools {
		changed = append(changed, string(t.Name))
		i := index(c.Tools, t.Name)
		if i < 0 {
			c.Tools = append(c.Tools, t)
			r.problem(dir, "add them to contract.yaml", "tool %s has no examples", t.Name)
			continue
		}
		old := &c.Tools[i]
		if t.Description != "" {
			old.Description = t.Description
		}
		if tells(t.Input) {
			old.Input = t.Input
		}
		if tells(t.Output) {
			old.Output = t.Output
		}
	}
	for _, t := range tools {
		if index(says.Tools, t.Name) < 0 {
			r.problem(dir, "take it out of contract.yaml, or mend the program", "the program does not list tool %s", t.Name)
		}
	}
	return changed
}

// tells reports whether a schema says more than that there is an object, which is what
// stands for programs that say nothing.
func tells(schema json.RawMessage) bool {
	var s map[string]json.RawMessage
	if json.Unmarshal(schema, &s) != nil {
		return false
	}
	var properties map[string]json.RawMessage
	_ = json.Unmarshal(s["properties"], &properties) // none is fine
	_, content := properties["content"]
	return len(s) > 1 && !(content && len(properties) == 1)
}

func index(tools []node.Tool, name node.ToolName) int {
	for i, t := range tools {
		if t.Name == name {
			return i
		}
	}
	return -1
}

// leading returns the comments that a file begins with, metadata among them.
func leading(text []byte) []byte {
	end := 0
	for line := range bytes.Lines(text) {
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			break
		}
		end += len(line)
	}
	return bytes.Clone(text[:end])
}

// ask starts a program as if it had no contract, so that it says itself what it offers.
func (m Manager) ask(ctx context.Context, dir string, manifest node.Manifest) (node.Contract, error) {
	alone, err := os.MkdirTemp("", "onex-ask-")
	if err != nil {
		return node.Contract{}, err
	}
	defer os.RemoveAll(alone)
	own, err := filepath.Abs(m.path(dir))
	if err != nil {
		return node.Contract{}, err
	}
	if c := manifest.Program.Command; len(c) > 0 && strings.ContainsAny(c[0], `/\`) && !filepath.IsAbs(c[0]) {
		manifest.Program.Command = append([]string{filepath.Join(own, c[0])}, c[1:]...)
	}
	if manifest.Program.Dir, err = filepath.Rel(alone, filepath.Join(own, manifest.Program.Dir)); err != nil {
		return node.Contract{}, err
	}
	text, err := node.PrintManifest(manifest)
	if err != nil {
		return node.Contract{}, err
	}
	if err := os.WriteFile(filepath.Join(alone, node.ManifestFile), text, 0o600); err != nil {
		return node.Contract{}, err
	}
	h, err := host.Load(ctx, alone, &host.Options{Log: m.log()})
	if err != nil {
		return node.Contract{}, err
	}
	defer h.Close()
	return h.Contract(), nil
}

// oneLine is an error as a line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
