package parity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// read reads the files of a node and checks them. It runs nothing.
func (c *checker) read(ctx context.Context) {
	if c.Dir == "" {
		c.skip(CheckStructure, "it is part of a program; name its directory to compare its files with what runs")
		return
	}
	data, err := atomicfile.ReadFile(filepath.Join(c.Dir, node.ManifestFile))
	if err == nil {
		c.manifest, err = node.ParseManifest(data)
	}
	if err != nil {
		c.fail(CheckStructure, ErrStructure.Wrap(err, "%s", node.ManifestFile))
		c.broken = true
		return
	}
	if problems := Resolve(c.Dir, c.manifest); len(problems) > 0 {
		for _, err := range problems {
			c.fail(CheckStructure, err)
		}
	} else {
		c.pass(CheckStructure, node.ManifestFile+" can be read, and what it names is there")
	}
	c.readContract()
	c.readAcceptances()
	c.readFiles(ctx)
}

// readContract reads contract.yaml. An mcp program may do without: it tells its
// contract when it runs.
func (c *checker) readContract() {
	data, err := atomicfile.ReadFile(filepath.Join(c.Dir, node.ContractFile))
	if errors.Is(err, fs.ErrNotExist) && c.manifest.Runtime == node.MCP {
		c.warn(CheckContract, ErrContract.With("there is no %s: the program may promise something else tomorrow", node.ContractFile))
		return
	}
	var contract node.Contract
	if err == nil {
		contract, err = node.ParseContract(data)
	}
	if err == nil {
		err = schema.CheckContract(contract)
	}
	if err == nil {
		err = Agree(c.manifest, contract)
	}
	if err != nil {
		c.fail(CheckContract, ErrContract.Wrap(err, "%s", node.ContractFile))
		c.broken = true
		return
	}
	c.contract = &contract
	c.pass(CheckContract, fmt.Sprintf("%s is sound: %d tools", node.ContractFile, len(contract.Tools)))
}

// Agree says whether a manifest and a contract, which lie beside each other, are
// of one node.
func Agree(m node.Manifest, c node.Contract) error {
	switch {
	case c.Node != m.Name:
		return fmt.Errorf("it is of node %q, the manifest of %q", c.Node, m.Name)
	case c.Version != "" && c.Version != m.Version:
		return fmt.Errorf("it is of version %s, the manifest of %s", c.Version, m.Version)
	case len(c.Tools) == 0:
		return errors.New("it has no tools")
	}
	return nil
}

// Resolve says what a manifest names that is not there: the file of its entrypoint
// or of its state_contract. Each is written scheme://path, relative to the
// directory.
func Resolve(dir string, m node.Manifest) (problems []error) {
	for _, f := range m.Meta {
		if f.Key != "entrypoint" && f.Key != "state_contract" {
			continue
		}
		uri, ok := entry(f.Value)
		_, name, found := strings.Cut(uri, "://")
		switch {
		case !ok: // a form that names no file
		case !found || !fs.ValidPath(name):
			problems = append(problems, ErrStructure.With("%s %q is not scheme://file", f.Key, uri))
		default:
			if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil || !info.Mode().IsRegular() {
				problems = append(problems, ErrStructure.With("%s %q: there is no file %s beside %s", f.Key, uri, name, node.ManifestFile))
			}
		}
	}
	return problems
}

// entry reads an entrypoint in any of its historic forms: text, or an object with
// type and target.
func entry(raw json.RawMessage) (uri string, ok bool) {
	if json.Unmarshal(raw, &uri) == nil {
		return uri, true
	}
	var o struct{ Type, Target string }
	if json.Unmarshal(raw, &o) != nil || o.Target == "" {
		return "", false
	}
	return o.Type + "://" + o.Target, true
}

// identities checks that no two nodes claim to be the same.
func identities(all []*checker) {
	owner := map[string]string{}
	for _, c := range all {
		if c.manifest.Name == "" {
			continue
		}
		keys := []string{fmt.Sprintf("%s %s", c.manifest.Name, c.manifest.Version)}
		if c.manifest.UUID != "" {
			keys = append(keys, "uuid "+c.manifest.UUID)
		}
		unique := true
		for _, key := range keys {
			if other, taken := owner[key]; taken {
				c.fail(CheckIdentity, ErrIdentity.With("%s is also that of %s", key, other))
				unique = false
				break
			}
			owner[key] = c.Name
		}
		if unique {
			c.pass(CheckIdentity, "no other node here claims to be it")
		}
	}
}

// introspect compares the node as it runs with its files.
func (c *checker) introspect(h *host.Host) {
	runs := h.Introspect()
	if c.manifest.Name == "" {
		c.manifest = runs.Metadata
	}
	var err error
	switch {
	case c.Dir != "" && runs.Metadata.Identity() != c.manifest.Identity():
		err = fmt.Errorf("%s says %+v, what runs says %+v", node.ManifestFile, c.manifest.Identity(), runs.Metadata.Identity())
	case runs.Metadata.Version != c.manifest.Version:
		err = fmt.Errorf("%s says version %s, what runs says %s", node.ManifestFile, c.manifest.Version, runs.Metadata.Version)
	default:
		err = errors.Join(errorTable(runs), c.sameTools(runs.Contract), c.sameTree(runs.Tree))
	}
	if err != nil {
		c.fail(CheckIntrospection, ErrContract.Wrap(err, "introspection"))
		return
	}
	c.running = runs.Contract
	c.pass(CheckIntrospection, "what runs says what its files say")
}

// errorTable compares the table of errors with the contract.
func errorTable(i host.Introspection) error {
	for _, codes := range i.ErrorCodes {
		t, ok := i.Contract.Tool(codes.Tool)
		if !ok || len(t.Errors) != len(codes.Codes) {
			return fmt.Errorf("the error table of tool %q is not that of the contract", codes.Tool)
		}
		for n, e := range codes.Codes {
			if node.ToolError(e) != t.Errors[n] {
				return fmt.Errorf("the error table of tool %q has %q, the contract %q", codes.Tool, e.Code, t.Errors[n].Code)
			}
		}
	}
	return nil
}

// sameTools compares the tools that run with those of contract.yaml.
func (c *checker) sameTools(runs node.Contract) error {
	if c.contract == nil {
		return schema.CheckContract(runs)
	}
	if len(runs.Tools) != len(c.contract.Tools) {
		return fmt.Errorf("%d tools run, %s has %d", len(runs.Tools), node.ContractFile, len(c.contract.Tools))
	}
	for _, written := range c.contract.Tools {
		t, ok := runs.Tool(written.Name)
		if !ok {
			return fmt.Errorf("tool %q of %s does not run", written.Name, node.ContractFile)
		}
		if c.manifest.Program.Timeout > 0 {
			written.TimeoutMS = t.TimeoutMS // the manifest sets it
		}
		a, err := toolText(written)
		b, err2 := toolText(t)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if a != b {
			return fmt.Errorf("tool %q is not what %s says\n%s", t.Name, node.ContractFile, unified(node.ContractFile, "running", a, b))
		}
	}
	return nil
}

// toolText renders a tool for comparison.
func toolText(t node.Tool) (string, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	canonical, err := node.Canonical(raw)
	if err != nil {
		return "", err
	}
	return indented(canonical), nil
}
