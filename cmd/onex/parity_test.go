package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheParityPageShowsWhatHappens makes the node of docs/parity.md in a project
// of its own, and holds the page to what the command says before and after the
// reader mends it.
func TestTheParityPageShowsWhatHappens(t *testing.T) {
	data, err := os.ReadFile("../../docs/parity.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	s := newShell(t)
	s.dir = t.TempDir()
	for name, language := range map[string]string{"node.onex.yaml": "yaml", "contract.yaml": "yaml", "receipt.sh": "sh"} {
		block := regexp.MustCompile("(?s)`" + regexp.QuoteMeta(name) + "`:\n\n```" + language + "\n(.*?)```").FindStringSubmatch(page)
		if block == nil {
			t.Fatalf("the page does not show %s", name)
		}
		s.write(t, "receipt/"+name, block[1])
	}

	shown := regexp.MustCompile(`(?s)\$ (TZ=UTC onex parity receipt)\n(.*?)` + "```").FindStringSubmatch(page)
	if shown == nil {
		t.Fatal("the page does not run the node")
	}
	if out := s.run(t, shown[1]); !shows(out, shown[2]) {
		t.Errorf("$ %s\nprints\n%s\nand the page says\n%s", shown[1], out, shown[2])
	}

	s.run(t, "sed -i.bak 's/date -d/date -u -d/' receipt/receipt.sh && rm receipt/receipt.sh.bak")
	mended := regexp.MustCompile("`(all [0-9]+ checks passed)`").FindStringSubmatch(page)
	if out := s.run(t, shown[1]); mended == nil || !strings.Contains(out, mended[1]) {
		t.Errorf("after mending:\n%s", out)
	}
}

func (s *shell) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
