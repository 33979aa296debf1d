package zmtp_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// benchSize is the body of a message: an event of the usual length.
const benchSize = 300

// BenchmarkPublish sends two frames from one publisher to one subscriber in this
// process, through the kernel, without loss.
func BenchmarkPublish(b *testing.B) {
	for _, transport := range []string{"tcp", "ipc"} {
		b.Run(transport, func(b *testing.B) { benchPublish(b, transport) })
	}
}

func benchPublish(b *testing.B, transport string) {
	const queue = 10_000
	pub := open(b, zmtp.PUB, &zmtp.Options{Policy: zmtp.Block, SendQueue: queue})
	sub := open(b, zmtp.SUB, &zmtp.Options{ReceiveQueue: queue})
	subscribe(b, sub, "t")
	connect(b, sub, bind(b, pub, endpoints(b)[transport]))
	soon.True(b, "subscription", func() bool { return pub.Subscribers("t") == 1 })
	m := zmtp.Message{[]byte("t"), bytes.Repeat([]byte("x"), benchSize)}
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			if err := pub.Send(b.Context(), m); err != nil {
				b.Error(err)
			}
		}
	}()
	for range b.N {
		if _, err := sub.Receive(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkLibzmq is the same with libzmq, in C: what BenchmarkPublish is to be
// compared with, in one run.
func BenchmarkLibzmq(b *testing.B) {
	program := filepath.Join(b.TempDir(), "libzmq")
	cc := peer.Find(b, "cc")
	if out, err := exec.CommandContext(b.Context(), cc, "-O2", "testdata/libzmq.c", "-o", program, "-lzmq", "-lpthread").CombinedOutput(); err != nil {
		b.Skipf("libzmq3-dev is missing: %v\n%s", err, out)
	}
	for _, transport := range []string{"tcp", "ipc"} {
		where := strings.Replace(endpoints(b)[transport], ":0", ":*", 1)
		b.Run(transport, func(b *testing.B) {
			out, err := exec.CommandContext(b.Context(), program, where, strconv.Itoa(b.N), strconv.Itoa(benchSize)).Output()
			if err != nil {
				b.Fatal(err)
			}
			rate, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(rate, "msg/s")
		})
	}
}

// BenchmarkRoundTrip asks and answers one question after the other.
func BenchmarkRoundTrip(b *testing.B) {
	for _, transport := range []string{"tcp", "ipc"} {
		b.Run(transport, func(b *testing.B) {
			asker, answerer := open(b, zmtp.REQ, nil), open(b, zmtp.REP, nil)
			connect(b, asker, bind(b, answerer, endpoints(b)[transport]))
			go func() {
				for {
					m, err := answerer.Receive(b.Context())
					if err != nil || answerer.Send(b.Context(), m) != nil {
						return // the benchmark is over
					}
				}
			}()
			m := zmtp.Message{bytes.Repeat([]byte("x"), benchSize)}
			b.ReportAllocs()
			for b.Loop() {
				if err := asker.Send(b.Context(), m); err != nil {
					b.Fatal(err)
				}
				if _, err := asker.Receive(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
