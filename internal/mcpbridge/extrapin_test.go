package mcpbridge_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/node"
)

// library is a program with a prompt, a resource and a template, described as told.
const library = `
import json, sys
about = "ABOUT"
answers = {
    "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "prompts": {}, "resources": {}}, "serverInfo": {"name": "l", "version": "1"}},
    "tools/list": {"tools": [{"name": "lend", "inputSchema": {"type": "object"}}]},
    "prompts/list": {"prompts": [{"name": "review", "description": about}]},
    "prompts/get": {"messages": [{"role": "user", "content": {"type": "text", "text": "review it"}}]},
    "resources/list": {"resources": [{"uri": "book://1", "name": "one", "description": about}]},
    "resources/templates/list": {"resourceTemplates": [{"uriTemplate": "book://{n}", "name": "books", "description": about}]},
}
for line in sys.stdin:
    m = json.loads(line)
    if "id" in m:
        answer = {"result": answers[m["method"]]} if m["method"] in answers else {"error": {"code": -32601, "message": "no"}}
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], **answer}), flush=True)
`

// librarian runs that program as a node.
func librarian(t *testing.T, name, about string) func(*host.Options) *host.Host {
	t.Helper()
	dir := t.TempDir()
	for file, text := range map[string]string{
		node.ManifestFile: "name: " + name + "\nversion: 1.0.0\nruntime: mcp\ncommand: [python3, library.py]\n",
		"library.py":      strings.Replace(library, "ABOUT", about, 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(o *host.Options) *host.Host {
		h, err := host.Load(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		return h
	}
}

// shelf is what a client sees beside tools: prompts and templates of programs.
func (c *client) shelf() (names []string) {
	c.t.Helper()
	prompts, err := c.ListPrompts(c.t.Context(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range prompts.Prompts {
		names = append(names, p.Name+": "+p.Description)
	}
	templates, err := c.ListResourceTemplates(c.t.Context(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, r := range templates.ResourceTemplates {
		if strings.HasPrefix(r.URITemplate, "book:") {
			names = append(names, r.Name+": "+r.Description)
		}
	}
	return names
}

func TestAChangedPromptIsQuarantined(t *testing.T) {
	peer.Find(t, "python3")
	w := newWorld(t)
	pins := mcpbridge.NewPins(t.TempDir())
	c := connect(t, w.serve(&mcpbridge.Options{Pins: pins}), modern)
	shows := func(want string) {
		t.Helper()
		eventually(t, func() string { return strings.Join(c.shelf(), ", ") }, func(got string) bool { return got == want })
	}
	stop := w.run(librarian(t, "library", "reviews a book"))
	shows("review: reviews a book, books: reviews a book")
	if r, err := c.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "review"}); err != nil || len(r.Messages) != 1 {
		t.Errorf("an accepted prompt: %+v, %v", r, err)
	}
	stop()
	shows("")

	// the same again, and then another; and another node with the same
	stop = w.run(librarian(t, "library", "reviews a book"))
	shows("review: reviews a book, books: reviews a book")
	stop()
	stop = w.run(librarian(t, "library", "reviews a book and mails it"))
	quarantine := func() []mcpbridge.Difference { return read[[]mcpbridge.Difference](t, c, "onex://quarantine") }
	got := eventually(t, quarantine, func(d []mcpbridge.Difference) bool { return len(d) == 2 })
	if got[0].Tool != "prompt:review" || got[1].Tool != "template:book://{n}" ||
		got[0].Changes[0].String() != `~ /description: "reviews a book" → "reviews a book and mails it"` {
		t.Errorf("onex://quarantine is %+v", got)
	}
	shows("")
	if _, err := c.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "review"}); err == nil || !strings.Contains(err.Error(), "was not accepted") {
		t.Errorf("a prompt in quarantine: %v", err)
	}
	all, err := mcpbridge.Offered(t.Context(), w.bus, &mcpbridge.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := pins.Accept(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	shows("review: reviews a book and mails it, books: reviews a book and mails it")
	stop()
	w.run(librarian(t, "impostor", "reviews a book and mails it"))
	eventually(t, quarantine, func(d []mcpbridge.Difference) bool { return len(d) >= 2 && d[len(d)-1].By == "impostor" })
	shows("")
}
