// Package examples holds small nodes in several languages: directories with a
// manifest, a contract and a program. Each can be run as it is, with
// "onex run examples/greeter"; the binary carries them for "onex demo".
package examples

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Files are the example nodes, one directory each.
//
//go:embed greeter shout clock dice
var Files embed.FS

// Write copies the example called name into dir and returns its directory.
// Programs are executable.
func Write(dir, name string) (string, error) {
	err := fs.WalkDir(Files, name, func(path string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err != nil || d.IsDir() {
			return errors.Join(err, os.MkdirAll(to, 0o755))
		}
		data, err := Files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, mode(path))
	})
	return filepath.Join(dir, name), err
}

func mode(path string) fs.FileMode {
	switch filepath.Ext(path) {
	case ".sh", ".py":
		return 0o755
	}
	return 0o644
}
