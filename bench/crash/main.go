//go:build unix

// Command crash kills onex stamp with SIGKILL at random moments and looks at what
// is left: real processes, on a real tree.
//
//	go run ./bench/crash [-kills 200] [-files 60] [-seed N]
//
// Each round makes a tree of files, some stamped and out of date, and starts one
// run of onex: stamp --write in one of the three forms, or stamp --staged. It is
// killed after a random time, up to what such a run takes. Then every file must be
// what it was or what the run would have made of it, byte for byte, and after
// --resume or --rollback (by lot) all must be new, or all old, and nothing be left
// over. The seed is printed; the same seed makes the same choices, though not the
// same moments.
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
	files := flag.Int("files", 60, "files of the tree")
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

// A mode is a way to stamp.
type mode struct {
	name string
	args []string
}

func modes() []mode {
	return []mode{
		{"full", []string{"stamp", "--write", "--form", "full"}},
		{"compact", []string{"stamp", "--write", "--form", "compact"}},
		{"detached", []string{"stamp", "--write", "--form", "detached"}},
		{"staged", []string{"stamp", "--write", "--staged"}},
	}
}

func must(err error) {
	if err != nil {
		log.Fatal("bench/crash: ", err)
	}
}
