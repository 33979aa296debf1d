//go:build unix

package main

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// walk reads and hashes every regular file below dir, but .git, on as many
// goroutines as there are processors.
func walk(dir string) error {
	names := make(chan string, 1024)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for name := range names {
				if data, err := os.ReadFile(name); err == nil {
					sha256.Sum256(data)
				}
			}
		})
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err == nil && d.Name() == ".git":
			return filepath.SkipDir
		case err == nil && d.Type().IsRegular():
			names <- name
		}
		return err
	})
	close(names)
	wg.Wait()
	return err
}
