// Torture kills processes of the bus at random and counts what is lost.
//
//	go run ./bench/torture                   # 1,000 kills
//	go run ./bench/torture -kills 0 -away 30s
//	go run ./bench/torture -seed 42          # the same victims again
//
// A publisher, the server of `onex up` and a consumer run as processes of their
// own, under load; one of them after the other, chosen at random, is killed
// with SIGKILL and started again. Every event that was acknowledged to the
// publisher must be in the store once and must have reached the consumer; whatever
// comes twice must come with the same id. With -away the server is gone for a
// while, and everybody must find it again without having been told.
//
// It prints its seed first and one line of results last, and fails when anything
// is lost. It says nothing about power failures: the page cache survives
// a killed process.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		exit(play(role, os.Args[1], os.Args[2:]))
	}
	kills := flag.Int("kills", 1000, "processes to kill")
	away := flag.Duration("away", 0, "how long to take the server away, once")
	seed := flag.Uint64("seed", 0, "of the victims and moments; 0 takes one at random")
	flag.Parse()
	exit(run(*kills, *away, *seed))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(kills int, away time.Duration, seed uint64) (err error) {
	if seed == 0 {
		seed = rand.Uint64()
	}
	fmt.Printf("seed %d\n", seed)
	dir, err := os.MkdirTemp("", "torture")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t := newTorture(dir, seed)
	defer t.end()
	began := time.Now()
	if err := t.torment(kills, away); err != nil {
		return err
	}
	fmt.Printf("%d kills (%v) in %v: %d events acknowledged, %d lost, %d delivered again with the same id, %d published again and stored once\n",
		t.kills["publisher"]+t.kills["server"]+t.kills["consumer"], t.kills, time.Since(began).Round(time.Second),
		len(t.acknowledged), t.missing(), t.counts.again, t.counts.resent)
	for _, role := range roles[1:] {
		h := t.health[role]
		fmt.Printf("%s, its last life: %d reconnects, %d errors\n", role, h.Reconnects, h.Errors)
	}
	return nil
}

func (t *torture) torment(kills int, away time.Duration) error {
	if err := t.start(); err != nil {
		return err
	}
	for range kills {
		if err := t.killAtRandom(); err != nil {
			return err
		}
	}
	if away > 0 {
		if err := t.awaitLoad(); err != nil {
			return err
		}
		if err := t.takeAway(away); err != nil {
			return err
		}
	}
	return t.finish()
}
