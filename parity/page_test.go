package parity_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/parity"
)

// TestThePageShowsWhatHappens makes the node of docs/parity.md, and holds the page
// to what parity finds in it before and after the reader mends it.
func TestThePageShowsWhatHappens(t *testing.T) {
	data, err := os.ReadFile("../docs/parity.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	t.Chdir(t.TempDir())
	for name, language := range map[string]string{"node.onex.yaml": "yaml", "contract.yaml": "yaml", "receipt.sh": "sh"} {
		block := regexp.MustCompile("(?s)`" + regexp.QuoteMeta(name) + "`:\n\n```" + language + "\n(.*?)```").FindStringSubmatch(page)
		if block == nil {
			t.Fatalf("the page does not show %s", name)
		}
		write(t, name, block[1])
	}
	nodes := []parity.Node{{Name: "receipt", Dir: "receipt"}}

	_, text := run(t, nodes, everywhere(t))
	shown := regexp.MustCompile(`(?s)\$ TZ=UTC onex parity receipt\n(.*?)` + "```").FindStringSubmatch(page)
	if shown == nil || shown[1] != text {
		t.Errorf("(-page +run):\n%s", cmp.Diff(shown, text))
	}

	program, err := os.ReadFile("receipt/receipt.sh")
	if err != nil {
		t.Fatal(err)
	}
	write(t, "receipt.sh", strings.Replace(string(program), "date -d", "date -u -d", 1))
	r, text := run(t, nodes, everywhere(t))
	if !r.OK() || !strings.Contains(page, "`"+r.Message+"`") {
		t.Errorf("after mending:\n%s", text)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll("receipt", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("receipt", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
