package host

import (
	"context"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// How a program is watched for which a receipt is claimed.
const (
	proofLook = 5 * time.Second // between looks at names, sizes and times of its files
	proofRead = 12              // looks until everything is read again, whatever they say
)

// program returns the hash of the node's program; empty when nothing is claimed
// of it.
func (h *Host) program() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.binary
}

// rehash reads the program again. A program that cannot be read is not the one
// of the receipt.
func (h *Host) rehash() error {
	binary, err := ProgramHash(h.dir, h.manifest, h.Contract())
	if err != nil {
		h.log.Warn("the receipt is of no use: the program cannot be hashed", "error", err)
		binary = ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.binary = binary
	return err
}

// watchProgram announces the node again when its program is another than it was, so
// that the registry judges it anew: a receipt is worth nothing for what was put in
// its place while the node ran.
func (l *life) watchProgram(ctx context.Context) {
	if l.receipt == "" {
		return
	}
	ticker := time.NewTicker(proofLook)
	defer ticker.Stop()
	seen, seed := uint64(0), maphash.MakeSeed()
	for n := 0; ; n++ {
		if now := look(l.dir, seed); now != seen || n%proofRead == 0 {
			seen = now
			before := l.program()
			if _ = l.rehash(); l.program() != before {
				l.log.Warn("the node's program has changed since it was started", "dir", l.dir)
				l.announceAgain()
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// look sums up what a listing of the program's files shows. It reads none of them.
func look(dir string, seed maphash.Seed) uint64 {
	var sum maphash.Hash
	sum.SetSeed(seed)
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != dir && slices.Contains(noProgram, d.Name()) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if files++; files > maxProgramFiles {
			return filepath.SkipAll
		}
		fmt.Fprintf(&sum, "%q %v %d %d\n", path, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return nil
	})
	fmt.Fprint(&sum, err)
	return sum.Sum64()
}
