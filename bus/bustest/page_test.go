package bustest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/bus/bustest"
	"github.com/omninode-ai/onex/internal/golden"
)

// The page for authors of backends lists the cases as they are.
func TestPage(t *testing.T) {
	const path = "../../docs/write-a-bus.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(page), "| case |")
	if !ok {
		t.Fatalf("%s has no table of cases", path)
	}
	golden.Check(t, path, []byte(head+table(false)+"\n"+table(true)))
}

func table(stored bool) string {
	b := new(strings.Builder)
	title := "case"
	if stored {
		title = "case of stored events"
	}
	fmt.Fprintf(b, "| %s | what goes wrong when it does not hold |\n|---|---|\n", title)
	for _, c := range bustest.Cases() {
		if c.Stored == stored {
			fmt.Fprintf(b, "| `%s` | %s |\n", c.Name, c.Why)
		}
	}
	return b.String()
}
