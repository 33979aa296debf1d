// Command gozmq does with go-zeromq what its parent measures: it prints messages
// per second (speed ENDPOINT COUNT SIZE), or what a fast subscriber got beside
// a stuck one (stuck).
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

const size = 300

func main() {
	ctx := context.Background()
	pub, sub := zmq4.NewPub(ctx), zmq4.NewSub(ctx)
	where := "tcp://127.0.0.1:0"
	if os.Args[1] == "speed" {
		where = strings.Replace(os.Args[2], ":*", ":0", 1)
	}
	must(pub.Listen(where))
	address := pub.Addr().String()
	if os.Args[1] == "stuck" {
		defer silent(address).Close()
	}
	if !strings.HasPrefix(where, "ipc:") {
		where = "tcp://" + address
	}
	must(sub.Dial(where))
	must(sub.SetOption(zmq4.OptionSubscribe, "t"))
	time.Sleep(500 * time.Millisecond) // nothing tells when the subscription is there
	message := zmq4.NewMsgFrom([]byte("t"), bytes.Repeat([]byte("x"), size))
	if os.Args[1] == "stuck" {
		stuck(pub, sub, message)
		return
	}
	count, err := strconv.Atoi(os.Args[3])
	must(err)
	began := time.Now()
	go func() {
		for range count {
			must(pub.Send(message))
		}
	}()
	for range count {
		_, err := sub.Recv()
		must(err)
	}
	fmt.Printf("%.0f\n", float64(count)/time.Since(began).Seconds())
}

func stuck(pub, sub zmq4.Socket, message zmq4.Msg) {
	var got atomic.Int64
	go func() {
		for {
			if _, err := sub.Recv(); err != nil {
				return
			}
			got.Add(1)
		}
	}()
	before, sent := resident(), 0
	tick := time.NewTicker(time.Millisecond)
	for began := time.Now(); time.Since(began) < 5*time.Second; <-tick.C {
		for range 75 {
			_ = pub.Send(message)
			sent++
		}
	}
	for last := int64(-1); last != got.Load(); time.Sleep(300 * time.Millisecond) {
		last = got.Load()
	}
	fmt.Println(sent, got.Load(), before, resident())
	os.Exit(0)
}

// silent subscribes to everything and never reads.
func silent(address string) net.Conn {
	conn, err := net.Dial("tcp", address)
	must(err)
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	ready := append([]byte("\x05READY\x0bSocket-Type"), binary.BigEndian.AppendUint32(nil, 3)...)
	ready = append(ready, "SUB"...)
	_, err = conn.Write(bytes.Join([][]byte{greeting, {4, byte(len(ready))}, ready, {0, 1, 1}}, nil))
	must(err)
	return conn
}

func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	must(err)
	var total, pages float64
	_, _ = fmt.Sscan(string(text), &total, &pages)
	return pages * float64(os.Getpagesize()) / (1 << 20)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
