package stamp_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/stamp"
)

// benchTree makes a copy of Go's own sources, in git and stamped. Without test
// data, of which some is malformed on purpose.
func benchTree(b *testing.B) *os.Root {
	b.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("needs git")
	}
	dir := b.TempDir()
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Fatal(err)
	}
	src := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	if err := os.CopyFS(dir, os.DirFS(src)); err != nil {
		b.Fatal(err)
	}
	write(b, dir, "project.onex.yaml", projectFile)
	write(b, dir, ".onexignore", "testdata/\n")
	err = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(name, 0o644) // a toolchain from the module cache is read-only
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { root.Close() })
	run(b, dir, "git init -q && git add -A")
	return root
}

// stampAll stamps a tree that has no blocks yet.
func stampAll(b *testing.B, root *os.Root) stamp.Report {
	b.Helper()
	r := mustApply(b, root, nil)
	for _, i := range r.Files {
		if i.Action == stamp.Fail {
			b.Error(i.Message)
		}
	}
	if r.Status != stamp.Success {
		b.FailNow()
	}
	return r
}

func run(b *testing.B, dir, script string) {
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%.500s", script, err, out)
	}
}

// BenchmarkCheck compares the check of a stamped tree, in which git finds the
// files, with the same work without looking at any block.
func BenchmarkCheck(b *testing.B) {
	root := benchTree(b)
	stampAll(b, root)
	run(b, root.Name(), "git add -A")
	b.Run("check", func(b *testing.B) {
		var files int
		for b.Loop() {
			r, err := stamp.Check(b.Context(), root, nil)
			if err != nil || !r.OK() {
				b.Fatal(err, r.Summary)
			}
			files = r.Summary[stamp.OK]
		}
		b.ReportMetric(float64(files)*float64(b.N)/b.Elapsed().Seconds(), "files/s")
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/1e6, "MB")
	})
	b.Run("restamp", func(b *testing.B) {
		for b.Loop() {
			if r := mustApply(b, root, nil); r.Summary[stamp.Add]+r.Summary[stamp.Update] != 0 {
				b.Fatal(r.Summary)
			}
		}
	})
	b.Run("git ls-files|xargs -P2 sha256sum", func(b *testing.B) {
		for b.Loop() {
			run(b, root.Name(), "git ls-files -z | xargs -0 -P2 -n 500 sha256sum >/dev/null")
		}
	})
	b.Run("git ls-files", func(b *testing.B) {
		for b.Loop() {
			run(b, root.Name(), "git ls-files -z -co --exclude-standard >/dev/null")
		}
	})
}

// BenchmarkStamp stamps a tree for the first time, and compares that with writing
// the same bytes without any safety.
func BenchmarkStamp(b *testing.B) {
	var plain time.Duration
	files := 0
	b.StopTimer()
	for range b.N {
		root := benchTree(b)
		b.StartTimer()
		r := stampAll(b, root)
		b.StopTimer()
		files = r.Summary[stamp.Add]
		start := time.Now()
		for _, i := range r.Files {
			if i.Action == stamp.Add {
				if err := root.WriteFile(i.Path, []byte(read(b, root, i.Path)), 0o644); err != nil {
					b.Fatal(err)
				}
			}
		}
		plain += time.Since(start)
	}
	b.ReportMetric(float64(files)*float64(b.N)/b.Elapsed().Seconds(), "files/s")
	b.ReportMetric(float64(files)*float64(b.N)/plain.Seconds(), "plain-files/s")
}
