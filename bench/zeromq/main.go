// Command zeromq measures our ZeroMQ against libzmq in C and against the Go
// library go-zeromq, each in a process of its own, in alternation, on whatever
// machine this is. Run it from the root of the module.
//
//	go run ./bench/zeromq [-what speed,stuck] [-runs 5] [-count 300000]
//	go run ./bench/zeromq -what interop -count 1000000 [-done cells.txt]
//
// "speed" sends messages of two frames, 300 bytes, from one publisher to one
// subscriber through the kernel, without loss; the bus sends events through a
// forwarder, encoded and decoded. "stuck" has one subscriber that never reads
// beside one that does. "interop" sends messages to and from libzmq in every
// combination, and counts what did not arrive; -done makes it go on where it was
// interrupted.
//
// Absolute numbers on a shared machine mean little; ratios of one run mean
// something.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"strings"
)

func main() {
	log.SetFlags(0)
	what := flag.String("what", "speed,stuck", "what to measure: speed, stuck, interop")
	runs := flag.Int("runs", 5, "how often each program runs; the median counts")
	count := flag.Int("count", 300_000, "messages of one run")
	done := flag.String("done", "", "interop: a `file` of cells that are done")
	only := flag.String("only", "", "interop: only cells whose `name` contains this, as czmq/ipc")
	be := flag.String("be", "", "be one of the measured programs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *be != "" {
		must(beProgram(ctx, *be, flag.Args()))
		return
	}
	dir, err := os.MkdirTemp("", "onex-bench")
	must(err)
	defer os.RemoveAll(dir)
	for _, w := range strings.Split(*what, ",") {
		switch w {
		case "speed":
			must(speed(ctx, dir, *runs, *count))
		case "stuck":
			must(stuck(ctx, dir))
		case "interop":
			must(meet(ctx, dir, *count, *only, *done))
		default:
			log.Fatalf("%q is not one of speed, stuck, interop", w)
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
