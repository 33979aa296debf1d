package ipcbus_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

// The contenders of a round run one after the other, publisher and subscriber in
// this process, what is between them in another. Run it with -benchtime 5x; the
// result is medians of the rounds. An event is 300 bytes on the wire; for raw and
// NATS it is bytes, and for hub, which is the hub between clients that do nothing
// but write and read frames; for ipc it is encoded, decoded and checked, too, and
// so it is for raw+codec. The ratios of processor time say more than those of rates on
// a machine that is not idle.
const (
	perRound  = 200_000
	trips     = 5_000
	flight    = 4096 // events on their way at most, where nothing else bounds them
	eventSize = 300
)

func BenchmarkThroughput(b *testing.B) {
	compare(b, "events/s", map[string]prepare{
		"raw": rawThroughput(false), "raw+codec": rawThroughput(true), "hub": hubThroughput, "ipc": ipcThroughput, "nats": natsThroughput,
	})
}

// A raw round trip is two hops; one over the bus four: to the hub and to the
// other, and back.
func BenchmarkRoundTrip(b *testing.B) {
	compare(b, "us-p50", map[string]prepare{"raw": rawRoundTrip, "ipc": ipcRoundTrip})
}

// prepare starts a contender and returns one round of it, and the process that is
// between its ends.
type prepare func(testing.TB) (round func() float64, between *process)

// compare reports the median of each contender and its ratio to raw.
func compare(b *testing.B, unit string, contenders map[string]prepare) {
	rounds, between := map[string]func() float64{}, map[string]*process{}
	got, cpu := map[string][]float64{}, map[string][]float64{}
	for name, prepare := range contenders {
		rounds[name], between[name] = prepare(b)
		rounds[name]() // not counted
	}
	for b.Loop() {
		for name, round := range rounds {
			before := cpuTime(b, between[name])
			got[name] = append(got[name], round())
			cpu[name] = append(cpu[name], (cpuTime(b, between[name]) - before).Seconds())
		}
	}
	raw, rawCPU := median(got["raw"]), median(cpu["raw"])
	for name, all := range got {
		b.ReportMetric(median(all), name+"-"+unit)
		if name != "raw" {
			b.ReportMetric(median(all)/raw, name+"/raw")
			b.ReportMetric(median(cpu[name])/rawCPU, name+"/raw-cpu")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// cpuTime returns the processor time that we and p have used.
func cpuTime(t testing.TB, p *process) time.Duration {
	t.Helper()
	total := time.Duration(0)
	for _, pid := range []int{os.Getpid(), p.cmd.Process.Pid} {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Skip("no /proc here")
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
		for _, ticks := range fields[11:13] { // utime and stime, in hundredths of a second
			n, _ := strconv.Atoi(ticks)
			total += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return total
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// sample is an event of eventSize bytes.
func sample(t testing.TB) event.Event {
	t.Helper()
	e := event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: []byte(`{"text":""}`)}, event.ID{})
	wire, err := event.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	e.Payload = event.Raw{Type: "TEST_NOTE", Data: fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("x", eventSize-len(wire)))}
	return e
}

func perSecond(began time.Time) float64 { return perRound / time.Since(began).Seconds() }

func ipcThroughput(t testing.TB) (func() float64, *process) {
	path := socket(t)
	hub := start(t, "hub", path)
	from, to := dialHub(t, path), dialHub(t, path)
	s, err := to.Subscribe(within(t), "test_note.*", &bus.Options{Queue: 2 * flight})
	if err != nil {
		t.Fatal(err)
	}
	e := sample(t)
	ctx := context.Background()
	return func() float64 {
		began := time.Now()
		window := make(chan struct{}, flight)
		go func() {
			for range perRound {
				window <- struct{}{}
				if _, err := from.Publish(ctx, "test_note.tester", e); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		for range perRound {
			if _, err := s.Next(ctx); err != nil {
				t.Fatal(err)
			}
			<-window
		}
		if d := s.Dropped(); d.Total() > 0 {
			t.Fatalf("dropped %v", d)
		}
		return perSecond(began)
	}, hub
}

func hubThroughput(t testing.TB) (func() float64, *process) {
	path := socket(t)
	hub := start(t, "hub", path)
	dialHub(t, path).Close(within(t))
	to, from := rawClient(t, path), rawClient(t, path)
	if _, err := to.Write(raw(3, 0, 1, `{"filter":"test_note.*","class":"ephemeral","queue":1000,"policy":"drop_oldest"}`)); err != nil {
		t.Fatal(err)
	}
	readFrame(t, to) // READY
	r, w := bufio.NewReaderSize(to, 64<<10), bufio.NewWriterSize(from, 64<<10)
	data := raw(5, 0, 0, rawEvent("test_note.tester", strings.Repeat("x", eventSize)))[4:]
	return func() float64 {
		began := time.Now()
		window := make(chan struct{}, flight)
		go func() {
			for range perRound {
				select {
				case window <- struct{}{}:
				default:
					w.Flush()
					window <- struct{}{}
				}
				if err := writeRaw(w, data); err != nil {
					t.Error(err)
					return
				}
			}
			w.Flush()
		}()
		if err := to.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 1<<17)
		for n := 0; n < perRound; {
			if _, err := readRaw(r, buf); err != nil {
				t.Fatal(err)
			}
			switch buf[0] {
			case 5:
				n++
				<-window
			case 8: // PING
				_, _ = to.Write(raw(9, 0, 0, "")) // it pings again
			default:
				t.Fatalf("frame of kind %d", buf[0])
			}
		}
		return perSecond(began)
	}, hub
}

func ipcRoundTrip(t testing.TB) (func() float64, *process) {
	path := socket(t)
	hub := start(t, "hub", path)
	asking, answering := dialHub(t, path), dialHub(t, path)
	ctx := context.Background()
	questions, err := answering.Subscribe(ctx, "test_note.asker", nil)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := asking.Subscribe(ctx, "test_note.answerer", nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for d, err := questions.Next(ctx); err == nil; d, err = questions.Next(ctx) {
			if _, err := answering.Publish(ctx, "test_note.answerer", d.Event); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	t.Cleanup(func() { questions.Close(); <-done })
	e := sample(t)
	return func() float64 {
		return timed(func() {
			if _, err := asking.Publish(ctx, "test_note.asker", e); err != nil {
				t.Fatal(err)
			}
			if _, err := answers.Next(ctx); err != nil {
				t.Fatal(err)
			}
		})
	}, hub
}

// timed returns the median of many calls of f, in microseconds.
func timed(f func()) float64 {
	var all []float64
	for range trips {
		began := time.Now()
		f()
		all = append(all, float64(time.Since(began).Nanoseconds())/1000)
	}
	return median(all)
}

// relay copies frames from the first connection that says "p" to the one that
// says "s", and echoes to those that say "e".
func relay(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	sinks := make(chan net.Conn, 1)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		role := make([]byte, 1)
		if _, err := io.ReadFull(c, role); err != nil {
			return err
		}
		switch role[0] {
		case 's':
			sinks <- c
		case 'e':
			go pump(c, c)
		default:
			go pump(c, <-sinks)
		}
	}
}

// pump copies frames, writing when there is nothing more to read at once.
func pump(from, to net.Conn) {
	r, w := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	buf := make([]byte, 64<<10)
	for {
		n, err := readRaw(r, buf)
		if err != nil {
			return
		}
		if writeRaw(w, buf[:n]) != nil || r.Buffered() < 4 && w.Flush() != nil {
			return
		}
	}
}

func readRaw(r io.Reader, buf []byte) (int, error) {
	if _, err := io.ReadFull(r, buf[:4]); err != nil {
		return 0, err
	}
	n := int(binary.BigEndian.Uint32(buf))
	_, err := io.ReadFull(r, buf[:n])
	return n, err
}

func writeRaw(w *bufio.Writer, data []byte) error {
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(data)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

func rawDial(t testing.TB, path, role string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err == nil {
		_, err = c.Write([]byte(role))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// rawThroughput is frames of bytes, or of events that are encoded and decoded.
func rawThroughput(codec bool) prepare {
	return func(t testing.TB) (func() float64, *process) {
		path := socket(t)
		between := start(t, "relay", path)
		between.await()
		sink, source := rawDial(t, path, "s"), rawDial(t, path, "p")
		r, w := bufio.NewReaderSize(sink, 64<<10), bufio.NewWriterSize(source, 64<<10)
		e, data := sample(t), make([]byte, eventSize)
		return func() float64 {
			began := time.Now()
			go func() {
				for range perRound {
					if codec {
						data, _ = event.AppendTo(data[:0], e)
					}
					if err := writeRaw(w, data); err != nil {
						t.Error(err)
						return
					}
				}
				w.Flush()
			}()
			for range perRound {
				buf := make([]byte, eventSize+4)
				n, err := readRaw(r, buf)
				if err == nil && codec {
					_, err = event.Decode(buf[:n])
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			return perSecond(began)
		}, between
	}
}

func rawRoundTrip(t testing.TB) (func() float64, *process) {
	path := socket(t)
	between := start(t, "relay", path)
	between.await()
	c := rawDial(t, path, "e")
	r, w := bufio.NewReader(c), bufio.NewWriter(c)
	data, buf := make([]byte, eventSize), make([]byte, 64<<10)
	return func() float64 {
		return timed(func() {
			if err := writeRaw(w, data); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			if _, err := readRaw(r, buf); err != nil {
				t.Fatal(err)
			}
		})
	}, between
}

// serveNATS is the peer: a NATS server of its own process, over TCP.
func serveNATS() error {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return fmt.Errorf("the NATS server is not ready")
	}
	fmt.Println(s.ClientURL())
	s.WaitForShutdown()
	return nil
}

func natsThroughput(t testing.TB) (func() float64, *process) {
	p := start(t, "nats", "")
	url, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	connect := func() *nats.Conn {
		c, err := nats.Connect(strings.TrimSpace(url))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	from, to := connect(), connect()
	arrived := make(chan struct{}, flight)
	if _, err := to.Subscribe("n", func(*nats.Msg) { arrived <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, eventSize)
	return func() float64 {
		began := time.Now()
		window := make(chan struct{}, flight)
		go func() {
			for range perRound {
				window <- struct{}{}
				if err := from.Publish("n", data); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		for range perRound {
			<-arrived
			<-window
		}
		return perSecond(began)
	}, p
}
