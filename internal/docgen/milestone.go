package docgen

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/internal/milestone"
)

func milestonePage(c *milestone.Checklist) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# %s\n\n", generated, c.Title)
	fmt.Fprintf(&b, "What became of each item of the checklist, by its line numbers, from `docs/milestone-1.yaml`.\n\n")
	count := c.Count()
	for _, s := range milestone.States() {
		fmt.Fprintf(&b, "* %s: %d\n", s, count[s])
	}
	for _, s := range c.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n| lines | item | state | in Go | proof |\n|---|---|---|---|---|\n", s.Title)
		for _, i := range s.Items {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n",
				lineList(i.Lines), cell(i.Text), i.State, cell(strings.TrimSpace(i.Go+" "+i.Why)), cell(strings.Join(i.Proof, ", ")))
		}
	}
	return b.Bytes()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func lineList(lines []int) string {
	parts := make([]string, len(lines))
	for i, n := range lines {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ", ")
}
