package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUpgrade holds that this version reads what each version before it left
// behind: blocks and manifests of files, the audit log, and the store of the
// daemon, with which it starts and goes on.
func TestUpgrade(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "upgrade", "*.tar.gz"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("%d archives, error %v", len(archives), err)
	}
	for _, archive := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".tar.gz"), func(t *testing.T) {
			s := newSite(t)
			// Where the state of this project is: only a daemon knows.
			s.start(t, "up").signal(t, syscall.SIGTERM)
			dirs, err := filepath.Glob(filepath.Join(s.run, "state", "onex", "*"))
			if err != nil || len(dirs) != 1 {
				t.Fatalf("directories of state: %v, error %v", dirs, err)
			}
			if err := errors.Join(os.RemoveAll(dirs[0]), os.RemoveAll(s.dir)); err != nil {
				t.Fatal(err)
			}
			unpack(t, archive, map[string]string{"project": s.dir, "state": dirs[0]})

			for _, name := range []string{"full.py", "full.md", "compact.sh", "detached.go"} {
				s.must(t, "1 ok", "check", name)
			}
			s.must(t, "4 lines", "audit", "verify")
			up := s.start(t, "up")
			s.eventually(t, "online", "nodes")
			s.must(t, `"ok": 1`, "invoke", "stamp_check", "--args", `{"paths":["full.py"]}`, "-o", "json")
			s.eventually(t, "6 lines", "audit", "verify") // the same chain goes on
			s.must(t, "up to date", "stamp", "--write", "full.py")
			if status := up.signal(t, syscall.SIGTERM); status != 0 {
				t.Errorf("up ends with %d:\n%s", status, up.said())
			}
			if strings.Contains(up.said(), "error") {
				t.Errorf("up complains about what it found:\n%s", up.said())
			}
		})
	}
}

// unpack writes an archive: what lies below each top directory goes to its place.
func unpack(t *testing.T, archive string, places map[string]string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		top, rest, _ := strings.Cut(h.Name, "/")
		name := filepath.Join(places[top], filepath.FromSlash(rest))
		if h.FileInfo().IsDir() {
			err = os.MkdirAll(name, 0o755)
		} else {
			var data []byte
			if data, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(name, data, h.FileInfo().Mode().Perm())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
