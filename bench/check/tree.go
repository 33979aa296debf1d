//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const project = "name: bench\nowner: Bench\nauthor: Bench\ncopyright: Bench\nlicense: MIT\n"

// copyGo copies Go's own sources to dir.
func copyGo(dir string) error {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(strings.TrimSpace(string(goroot)), "src"))); err != nil {
		return err
	}
	// Some of its test data is malformed on purpose. A toolchain from the
	// module cache is read-only.
	if err := os.WriteFile(filepath.Join(dir, ".onexignore"), []byte("testdata/\n"), 0o644); err != nil {
		return err
	}
	return run(dir, "chmod", "-R", "u+w", ".")
}

// makeSmall makes n files of about 5 KB in directories of 25.
func makeSmall(dir string, n int) error {
	kinds := []struct{ ext, line string }{
		{".py", "value_%d = compute(%d)  # the same line, again and again\n"},
		{".go", "// line %d of %d says nothing in particular\n"},
		{".md", "Paragraph %d of %d goes on about nothing for a while.\n"},
		{".ts", "export const value%d: number = %d; // and a comment\n"},
		{".yaml", "key_%d: value %d with some more text\n"},
	}
	for i := range n {
		kind := kinds[i%len(kinds)]
		var text strings.Builder
		for line := range 60 + i%80 {
			fmt.Fprintf(&text, kind.line, line, i)
		}
		name := filepath.Join(dir, fmt.Sprintf("dir%03d", i/25), fmt.Sprintf("file%05d%s", i, kind.ext))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// prepare puts dir into git, and a block into every file.
func prepare(dir, onex string) error {
	if err := os.WriteFile(filepath.Join(dir, "project.onex.yaml"), []byte(project), 0o644); err != nil {
		return err
	}
	if err := run(dir, "git", "init", "-q"); err != nil {
		return err
	}
	if err := run(dir, onex, "stamp", "--write", "-o", "summary"); err != nil {
		return err
	}
	return run(dir, "git", "add", "-A")
}
