//go:build unix

// Command merge measures how often real git merges of stamped files end in a
// conflict, beside the same merges of files without metadata.
//
//	go run ./bench/merge [-merges 40] [-onex path]
//
// Each merge has two branches that changed other lines of one file of 60 lines
// (from near to far apart), stamped them, and added a file each. For every form it
// merges without a driver, then runs onex resolve, and merges with the driver. A
// merge counts as a conflict when git ends with another status than 0, and a
// resolve as left when a conflict is left in it. Random numbers start from a
// fixed seed.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const lines = 60 // of the file that both branches change

func main() {
	log.SetFlags(0)
	merges := flag.Int("merges", 40, "merges of each kind")
	onex := flag.String("onex", "", "the onex to run; built if empty")
	flag.Parse()
	dir, err := os.MkdirTemp("", "onex-bench-merge-")
	must(err)
	defer os.RemoveAll(dir)
	if *onex == "" {
		*onex = filepath.Join(dir, "onex")
		run("", "go", "build", "-o", *onex, "./cmd/onex")
	}
	fmt.Println("| form | merges | conflicts without driver | left after onex resolve | conflicts with driver | check fails after driver and stamp |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, form := range []string{"none", "full", "compact", "detached"} {
		r := rand.New(rand.NewPCG(1, 2))
		var plain, left, driven, bad int
		for n := range *merges {
			repo := scene{dir: filepath.Join(dir, fmt.Sprint(form, n)), form: form, onex: *onex}
			ours, theirs := r.IntN(lines), r.IntN(lines)
			repo.make(ours, theirs)
			plain += count(!repo.merge())
			if form == "none" {
				must(os.RemoveAll(repo.dir))
				continue
			}
			left += count(!ok(repo.dir, *onex, "resolve"))
			run(repo.dir, "git", "merge", "--abort")
			run(repo.dir, *onex, "resolve", "--install")
			clean := repo.merge()
			driven += count(!clean)
			if clean {
				run(repo.dir, *onex, "stamp", "--write")
				bad += count(!ok(repo.dir, *onex, "check"))
			}
			must(os.RemoveAll(repo.dir))
		}
		if form == "none" {
			fmt.Printf("| %s | %d | %d | – | – | – |\n", form, *merges, plain)
			continue
		}
		fmt.Printf("| %s | %d | %d | %d | %d | %d |\n", form, *merges, plain, left, driven, bad)
	}
}

// A scene is a repository with two branches.
type scene struct{ dir, form, onex string }

// make makes it: the branches change the lines ours and theirs of file.py.
func (s scene) make(ours, theirs int) {
	must(os.MkdirAll(s.dir, 0o755))
	run(s.dir, "git", "init", "-q", "-b", "main")
	run(s.dir, "git", "config", "user.name", "a")
	run(s.dir, "git", "config", "user.email", "a@example.com")
	run(s.dir, "git", "config", "advice.mergeConflict", "false")
	s.write("project.onex.yaml", "name: x\nowner: x\nauthor: x\ncopyright: x\n")
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "line%d = %d\n", i, i)
	}
	s.write("file.py", text.String())
	s.commit("base")
	for branch, line := range map[string]int{"ours": ours, "theirs": theirs} {
		run(s.dir, "git", "checkout", "-q", "-b", branch, "main")
		data, err := os.ReadFile(filepath.Join(s.dir, "file.py"))
		must(err)
		s.write("file.py", strings.Replace(string(data), fmt.Sprintf("line%d = %d\n", line, line), fmt.Sprintf("line%d = '%s'\n", line, branch), 1))
		s.write(branch+".py", "new = 1\n")
		s.commit(branch)
	}
	run(s.dir, "git", "checkout", "-q", "ours")
}

func (s scene) write(name, text string) {
	must(os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644))
}

func (s scene) commit(message string) {
	if s.form != "none" {
		run(s.dir, s.onex, "stamp", "--write", "--form", s.form)
	}
	run(s.dir, "git", "add", "-A")
	run(s.dir, "git", "commit", "-qm", message)
}

func (s scene) merge() bool { return ok(s.dir, "git", "merge", "-q", "-m", "merge", "theirs") }

// ok runs a program and reports whether it ended with status 0.
func ok(dir, name string, args ...string) bool {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	return cmd.Run() == nil
}

func run(dir, name string, args ...string) {
	if !ok(dir, name, args...) {
		log.Fatalf("%s %s in %s fails", name, strings.Join(args, " "), dir)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
