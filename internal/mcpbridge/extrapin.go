package mcpbridge

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// Prompts and templates of resources are pinned as tools are, under names that no
// tool can have. Resources are not: they come and go like files, and a list of all
// that ever were would have no end.
const (
	promptPin   = "prompt:"
	templatePin = "template:"
)

func isPinName(name node.ToolName) bool {
	return strings.HasPrefix(string(name), promptPin) || strings.HasPrefix(string(name), templatePin)
}

// form is the JSON of a definition: of a tool its promise, of anything else what
// [definitions] has made of it.
func form(t node.Tool) (json.RawMessage, error) {
	if isPinName(t.Name) {
		return t.Input, nil
	}
	return json.Marshal(t)
}

// A pinnedPrompt is what a model or a person is told of a prompt. What it yields is
// not known before it is asked for.
type pinnedPrompt struct {
	Title       string                `json:"title,omitempty"`
	Description string                `json:"description,omitempty"`
	Arguments   []*mcp.PromptArgument `json:"arguments,omitempty"`
}

// A pinnedTemplate is the same of a template.
type pinnedTemplate struct {
	Name        string `json:"name,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	MIMEType    string `json:"mimeType,omitempty"`
}

// definitions returns what p offers beside tools in the form in which it is pinned.
func definitions(p event.Provider, prompts []*mcp.Prompt, templates []*mcp.ResourceTemplate) (all []event.ToolEntry) {
	add := func(name string, definition []byte) {
		all = append(all, event.ToolEntry{Tool: node.Tool{Name: node.ToolName(name), Input: definition}, Providers: []event.Provider{p}})
	}
	for _, d := range prompts {
		add(promptPin+d.Name, encode(pinnedPrompt{d.Title, d.Description, d.Arguments}))
	}
	for _, d := range templates {
		add(templatePin+d.URITemplate, encode(pinnedTemplate{d.Name, d.Title, d.Description, d.MIMEType}))
	}
	return all
}

// admit pins what is seen for the first time, and returns what tells whether a node
// may show something, and what it may not show because it changed.
func (s *Server) admit(ctx context.Context, lives map[life]extra) (may func(node.ID, string) bool, changed []Difference, err error) {
	if s.extraGate == nil {
		return func(node.ID, string) bool { return true }, nil, nil
	}
	var all []event.ToolEntry
	for _, x := range lives {
		all = append(all, x.definitions...)
	}
	var groups [][]event.ToolEntry
	for _, same := range byName(all) {
		groups = append(groups, same)
	}
	v := view{tools: map[node.ToolName]served{}}
	if err := s.extraGate.pass(ctx, &v, groups); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(v.changed, byTool)
	return func(id node.ID, name string) bool { return slices.Contains(v.tools[node.ToolName(name)].from, id) }, v.changed, nil
}

// Offered returns all that can be pinned of what the nodes on b offer now: tools, and
// the prompts and templates of their programs.
func Offered(ctx context.Context, b bus.Bus, o *Options) ([]event.ToolEntry, error) {
	free := *o
	free.Pins = nil
	s, err := New(ctx, b, &free)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	all, err := s.registry.Tools(ctx, "")
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, x := range s.extras.lives {
		all = append(all, x.definitions...)
	}
	slices.SortStableFunc(all, func(a, b event.ToolEntry) int { return cmp.Compare(a.Tool.Name, b.Tool.Name) })
	return all, nil
}
