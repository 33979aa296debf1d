package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(
		os.WriteFile(at("text"), []byte("hello\n"), 0o600),
		os.Symlink("text", at("link")),
		os.Mkdir(at("dir"), 0o700),
		unix.Mkfifo(at("pipe"), 0o600), // that nobody writes to
		os.WriteFile(at("large"), nil, 0o600),
		os.Truncate(at("large"), atomicfile.MaxFile+1),
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"text": nil, "link": nil, "none": fs.ErrNotExist,
		"dir": atomicfile.ErrNotRegular, "pipe": atomicfile.ErrNotRegular, "large": atomicfile.ErrTooLarge,
	} {
		text, err := atomicfile.ReadFile(at(name))
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if err == nil && string(text) != "hello\n" {
			t.Errorf("%s: %q", name, text)
		}
	}
}
