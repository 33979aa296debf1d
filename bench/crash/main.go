//go:build unix

// Command crash kills onex stamp with SIGKILL at random moments and looks at what
// is left: real processes, on a real tree.
//
//	go run ./bench/crash [-kills 200] [-files 200] [-seed N]
//
// Each round makes a tree of files, some stamped and out of date, and starts one
// run of onex: stamp --write in one of the three forms, or stamp --staged. One in
// four is killed after a random time, up to what such a run takes, one at a random
// moment after its journal appears, two just after some file was replaced, which is
// while the others are. Then every file must be what it was or what the run would have made
// of it, and after --resume or --rollback (in turn) all must be new and pass onex
// check, or all old to the byte, and nothing be left over. TMPDIR may name a file
// system in memory: there more kills hit the moment. The seed is printed; the
// same seed makes the same choices, though not the same moments.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

func main() {
	log.SetFlags(0)
	kills := flag.Int("kills", 200, "how often a run is killed")
	files := flag.Int("files", 200, "files of the tree")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all random choices")
	flag.Parse()
	dir, err := os.MkdirTemp("", "onex-crash-")
	must(err)
	defer os.RemoveAll(dir)
	l := &lab{dir: dir, onex: filepath.Join(dir, "onex"), rnd: rand.New(rand.NewPCG(*seed, 0)), files: *files}
	fmt.Println("seed", *seed)
	must(command(".", "go", "build", "-trimpath", "-o", l.onex, "github.com/omninode-ai/onex/cmd/onex"))
	for i := range *kills {
		must(l.round(modes()[i%len(modes())]))
	}
	l.print()
	if l.torn > 0 {
		os.Exit(1)
	}
}

// A mode is a way to stamp, and to check what it made.
type mode struct {
	name, form  string
	args, check []string
}

func modes() []mode {
	list := []mode{{name: "staged", form: "full", args: []string{"stamp", "--write", "--staged"}, check: []string{"check", "--staged"}}}
	for _, form := range []string{"detached", "compact", "full"} {
		args := []string{"stamp", "--write", "--form", form}
		list = append(list, mode{name: form, form: form, args: args, check: []string{"check", "--no-cache"}})
	}
	return list
}

func must(err error) {
	if err != nil {
		log.Fatal("bench/crash: ", err)
	}
}
