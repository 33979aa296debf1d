package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestPagesOfNodesTellTheTruth runs the commands of the page of each built-in node
// in a copy of this repository, as for the other pages.
func TestPagesOfNodesTellTheTruth(t *testing.T) {
	pages, err := filepath.Glob("../../docs/nodes/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		name := filepath.Base(page)
		if name == "README.md" {
			continue // it shows no commands
		}
		t.Run(strings.TrimSuffix(name, ".md"), func(t *testing.T) { follow(t, filepath.Join("docs/nodes", name)) })
	}
}
