//go:build unix

// Command check measures onex check against what else reads a whole tree: the
// same tree, real processes, in alternation, on whatever machine this is.
//
//	go run ./bench/check [-runs 7] [-files 20000]
//
// It makes two trees in a temporary directory, each in git and stamped: Go's own
// sources, and small files in many directories. Then it runs, one after the
// other and again from the start:
//
//   - onex check
//   - onex check --no-cache, which reads every file
//   - bare, a Go program that walks, reads and hashes every file with SHA-256,
//     and does nothing else: the limit
//   - git ls-files | xargs -P2 sha256sum
//   - git status
//   - addlicense -check, where that is installed
//
// and prints the medians, and what they are to those of onex. Times on a shared
// machine mean little; ratios of one run mean something.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	runs := flag.Int("runs", 7, "how often each program runs on each tree")
	files := flag.Int("files", 20_000, "size of the tree of small files")
	bare := flag.String("bare", "", "be the bare program, on this `directory`")
	flag.Parse()
	if *bare != "" {
		must(walk(*bare))
		return
	}
	dir, err := os.MkdirTemp("", "onex-bench-")
	must(err)
	defer os.RemoveAll(dir)
	onex := filepath.Join(dir, "onex")
	must(run(".", "go", "build", "-trimpath", "-o", onex, "github.com/omninode-ai/onex/cmd/onex"))
	goTree, smallTree := filepath.Join(dir, "go-src"), filepath.Join(dir, "small")
	must(copyGo(goTree))
	must(makeSmall(smallTree, *files))
	for _, tree := range []string{goTree, smallTree} {
		must(prepare(tree, onex))
		must(printTable(tree, contenders(onex), *runs))
	}
}

// A contender is a program that is measured.
type contender struct {
	name string
	argv []string
}

func contenders(onex string) []contender {
	self, err := os.Executable()
	must(err)
	list := []contender{
		{"onex check", []string{onex, "check", "-o", "summary"}},
		{"onex check --no-cache", []string{onex, "check", "--no-cache", "-o", "summary"}},
		{"bare walk, read, SHA-256", []string{self, "-bare", "."}},
		{"git ls-files | xargs -P2 sha256sum", []string{"sh", "-c", "git ls-files -z | xargs -0 -P2 sha256sum"}},
		{"git status", []string{"git", "status", "--porcelain"}},
	}
	if path, err := exec.LookPath("addlicense"); err == nil {
		list = append(list, contender{"addlicense -check", []string{path, "-check", "."}})
	}
	return list
}

func must(err error) {
	if err != nil {
		log.Fatal("bench/check: ", err)
	}
}

// run runs a program in dir, which must succeed.
func run(dir string, argv ...string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", argv, err, out)
	}
	return nil
}
