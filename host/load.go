package host

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/node"
)

// Load returns a host for the program in a directory that holds a node.onex.yaml
// and a contract.yaml. A node with runtime mcp may do without the contract: its
// program is asked for its tools, and is running when Load returns. Close ends
// it; ctx bounds the start only.
func Load(ctx context.Context, dir string, o *Options) (*Host, error) {
	return load(ctx, dir, o, (*Host).readContract)
}

// Draft is Load for a node with runtime mcp as if it had no contract.yaml: its
// Contract is derived from what the program offers. It fails with [ErrRuntime]
// for other nodes.
func Draft(ctx context.Context, dir string, o *Options) (*Host, error) {
	return load(ctx, dir, o, func(h *Host, dir string) (*node.Contract, error) {
		if h.manifest.Runtime != node.MCP {
			return nil, ErrRuntime.With("%s says runtime %q; only an mcp program tells its tools", filepath.Join(dir, node.ManifestFile), h.manifest.Runtime)
		}
		return nil, nil
	})
}

func load(ctx context.Context, dir string, o *Options, promised func(*Host, string) (*node.Contract, error)) (*Host, error) {
	data, err := readOwn(dir, node.ManifestFile)
	if err != nil {
		return nil, err
	}
	m, err := node.ParseManifest(data)
	if err != nil {
		return nil, err
	}
	if m.Runtime != node.Exec && m.Runtime != node.MCP {
		return nil, ErrRuntime.With("%s says runtime %q", filepath.Join(dir, node.ManifestFile), m.Runtime)
	}
	h := newHost(m, o)
	contract, err := promised(h, dir)
	if err != nil {
		return nil, err
	}
	p, err := resolve(dir, m.Program, h.o.Path, h.o.Relay, h.log)
	if err != nil {
		return nil, err
	}
	h.guard = p.guard
	if m.Runtime == node.Exec {
		err = h.serveExec(p, contract)
	} else {
		err = h.serveMCP(ctx, p, contract)
	}
	if err != nil {
		h.guard.close()
		return h, err
	}
	h.tree = readTree(dir)
	h.prove(dir)
	return h, nil
}

// TreeFile is the name of the file that records what the directory of a node
// holds. A node that has one tells it when it is asked to describe itself.
const TreeFile = ".onextree"

// MaxTree bounds, in bytes, the record that is told: it travels in one event.
const MaxTree = 64 << 10

func readTree(dir string) string {
	info, err := os.Stat(filepath.Join(dir, TreeFile))
	if err != nil || info.Size() > MaxTree {
		return ""
	}
	data, err := atomicfile.ReadFile(filepath.Join(dir, TreeFile))
	if err != nil {
		return "" // it is told, not used
	}
	return string(data)
}

// readOwn reads a file that every node has.
func readOwn(dir, name string) ([]byte, error) {
	data, err := atomicfile.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoFile.Wrap(err, "%s", filepath.Join(dir, name))
	}
	return data, err
}

// readContract returns the contract of the directory, or nil when there is none
// and none is needed.
func (h *Host) readContract(dir string) (*node.Contract, error) {
	path := filepath.Join(dir, node.ContractFile)
	data, err := readOwn(dir, node.ContractFile)
	if errors.Is(err, fs.ErrNotExist) && h.manifest.Runtime == node.MCP {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := node.ParseContract(data)
	switch {
	case err != nil:
		return nil, err
	case c.Node != h.manifest.Name:
		return nil, ErrContract.With("%s is of node %q, the manifest of %q", path, c.Node, h.manifest.Name)
	case c.Version != "" && c.Version != h.manifest.Version:
		return nil, ErrContract.With("%s is of version %s, the manifest of %s", path, c.Version, h.manifest.Version)
	case len(c.Tools) == 0:
		return nil, ErrContract.With("%s has no tools", path)
	}
	if c.Description != "" {
		h.about = c.Description
	}
	return &c, nil
}

// serveExec registers the tools of an exec program.
func (h *Host) serveExec(p *program, c *node.Contract) error {
	for _, t := range c.Tools {
		if err := h.register(t, p.tool(t), h.manifest.Program.Timeout); err != nil {
			return err
		}
	}
	return nil
}

// serveMCP starts an mcp program and registers its tools: those of the contract,
// or else all that it offers.
func (h *Host) serveMCP(ctx context.Context, p *program, c *node.Contract) error {
	p.updated = h.resourceUpdated
	child, offers, err := supervise(ctx, p)
	if err != nil {
		return err
	}
	h.child = child
	if err := h.bind(offers, c); err != nil {
		child.close()
		return err
	}
	return nil
}

// bind registers the tools of an mcp program.
func (h *Host) bind(offers []offer, c *node.Contract) error {
	names := map[node.ToolName]offer{}
	for _, o := range offers {
		if other, taken := names[o.toolName()]; taken {
			return ErrProtocol.With("tools %q and %q are both %q here", other.Name, o.Name, o.toolName())
		}
		names[o.toolName()] = o
	}
	if c == nil {
		for _, o := range offers {
			if err := h.register(o.promise(), h.child.tool(o.Name, len(o.Output) > 0), h.manifest.Program.Timeout); err != nil {
				return err
			}
		}
		return h.bindRequest()
	}
	for _, t := range c.Tools {
		if t.Name == RequestTool {
			if err := h.register(t, h.child.request, h.manifest.Program.Timeout); err != nil {
				return err
			}
			continue
		}
		o, ok := names[t.Name]
		if !ok {
			return ErrProtocol.With("the program does not offer tool %q of its contract", t.Name)
		}
		if err := h.register(t, h.child.tool(o.Name, !isContent(t.Output)), h.manifest.Program.Timeout); err != nil {
			return err
		}
	}
	return nil
}

// bindRequest registers the tool that gives access to what else the program has.
func (h *Host) bindRequest() error {
	s := h.child.current()
	if s == nil || h.tools[RequestTool] != nil {
		return nil
	}
	t, ok := s.manners.requestTool()
	if !ok {
		return nil
	}
	return h.register(t, h.child.request, h.manifest.Program.Timeout)
}

// isContent reports whether a schema describes the content of MCP itself: it
// has a property of that name.
func isContent(schema json.RawMessage) bool {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	return json.Unmarshal(schema, &s) == nil && len(s.Properties) == 1 && s.Properties["content"] != nil
}
