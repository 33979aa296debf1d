package docstringgenerator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/artifact"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// An index lists the pages.
type index struct{ nodes, schemas []entry }

// An entry is one page in the index.
type entry struct {
	title, path, about string
	count              int // of tools or fields
}

func (x index) page() []byte {
	var b bytes.Buffer
	b.WriteString(mark + "\n# Contracts and schemas\n")
	list := func(title, what string, all []entry) {
		if len(all) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n\n| %s | %s | about |\n|---|---|---|\n", title, strings.ToLower(strings.TrimSuffix(title, "s")), what)
		for _, e := range all {
			fmt.Fprintf(&b, "| [%s](%s) | %d | %s |\n", cell(e.title), link(e.path), e.count, cell(e.about))
		}
	}
	list("Nodes", "tools", x.nodes)
	list("Schemas", "fields", x.schemas)
	return b.Bytes()
}

// contractPage is the page about a node.
func contractPage(c node.Contract) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# %s\n\n", mark, c.Node)
	if c.Description != "" {
		fmt.Fprintf(&b, "%s\n\n", prose(c.Description))
	}
	if c.Version != "" {
		fmt.Fprintf(&b, "Version %s.\n\n", c.Version)
	}
	b.WriteString("| tool | |\n|---|---|\n")
	for _, t := range c.Tools {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", t.Name, t.Name, cell(t.Description))
	}
	for _, t := range c.Tools {
		tool(&b, t)
	}
	return b.Bytes()
}

func tool(b *bytes.Buffer, t node.Tool) {
	fmt.Fprintf(b, "\n## %s\n\n", t.Name)
	if t.Description != "" {
		fmt.Fprintf(b, "%s\n\n", prose(t.Description))
	}
	repeat := map[node.Idempotency]string{
		node.None: "Calling it twice does it twice.", node.Keyed: "Calls with the same idempotency key are done once.", node.Pure: "Calling it again changes nothing.",
	}
	fmt.Fprintf(b, "%s", repeat[t.Idempotency])
	if len(t.Effects) > 0 {
		fmt.Fprintf(b, " Effects: %s.", joined(t.Effects))
	}
	if t.TimeoutMS > 0 {
		fmt.Fprintf(b, " It may take %d ms.", t.TimeoutMS)
	}
	b.WriteString("\n\n### Arguments\n\n")
	fieldsTable(b, t.Input)
	b.WriteString("\n### Result\n\n")
	fieldsTable(b, t.Output)
	if len(t.Volatile) > 0 {
		fmt.Fprintf(b, "\nMay differ from call to call: `%s`.\n", strings.Join(t.Volatile, "`, `"))
	}
	if len(t.Errors) > 0 {
		b.WriteString("\n### Errors\n\n| code | |\n|---|---|\n")
		for _, e := range t.Errors {
			fmt.Fprintf(b, "| `%s` | %s |\n", e.Code, cell(e.Description))
		}
	}
	for i, e := range t.Examples {
		if i == 0 {
			b.WriteString("\n### Examples\n")
		}
		example(b, e)
	}
}

func example(b *bytes.Buffer, e node.Scenario) {
	fmt.Fprintf(b, "\n%s:\n", strings.ReplaceAll(e.Name, "_", " "))
	code(b, e.Input)
	switch {
	case e.Error != "":
		fmt.Fprintf(b, "\nanswers the error `%s`.\n", e.Error)
	case e.Output != nil:
		status := ""
		if e.Status != "" && e.Status != node.Success {
			status = fmt.Sprintf(" (%s)", e.Status)
		}
		fmt.Fprintf(b, "\nanswers%s\n", status)
		code(b, e.Output)
	default:
		fmt.Fprintf(b, "\nends with status %s.\n", e.Status)
	}
}

// code shows a JSON document. It is canonical, so that pages do not depend on how the
// contract spells it.
func code(b *bytes.Buffer, raw json.RawMessage) {
	text := []byte("{}")
	if canonical, err := node.Canonical(raw); err == nil {
		text = canonical
	}
	b.WriteString("\n```json\n")
	_ = json.Indent(b, text, "", "  ") // it is JSON
	b.WriteString("\n```\n")
}

func fieldsTable(b *bytes.Buffer, raw json.RawMessage) int {
	rows := fieldsOf(raw)
	if len(rows) == 0 {
		fmt.Fprintf(b, "%s\n", none(raw))
		return 0
	}
	b.WriteString("| field | type | |\n|---|---|---|\n")
	for _, f := range rows {
		name := "`" + f.name + "`"
		if f.required {
			name += " (required)"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, cell(f.kind), cell(f.about))
	}
	return len(rows)
}

// schemaPage is the page about a schema.
func schemaPage(s artifact.Schema) (title, description string, page []byte, fields int) {
	title, description = schema.About(s.Data)
	if title == "" {
		title = s.Name
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# %s\n\n", mark, prose(title))
	if description != "" {
		fmt.Fprintf(&b, "%s\n\n", prose(description))
	}
	fmt.Fprintf(&b, "Schema: `%s`.\n\n", s.Path)
	fields = fieldsTable(&b, s.Data)
	for i, e := range examplesOf(s.Data) {
		if i == 0 {
			b.WriteString("\n## Examples\n")
		}
		code(&b, e)
	}
	return title, description, b.Bytes(), fields
}

func joined[T ~string](words []T) string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return strings.Join(all, ", ")
}

// prose makes a text harmless: it is shown as it is written, on one line.
func prose(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer("<", "&lt;", "[", `\[`, "]", `\]`, "`", "\\`").Replace(s)
}

// cell is prose in a table.
func cell(s string) string { return strings.ReplaceAll(prose(s), "|", `\|`) }

// link is the target of a link.
func link(path string) string {
	return strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E").Replace(path)
}
