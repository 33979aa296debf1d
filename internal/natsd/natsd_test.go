package natsd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/natsd/natsdtest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("NATSD_TEST_HOLD"); dir != "" {
		hold(dir)
	}
	natsdtest.VerifyMain(m)
}

// hold serves dir until the process is killed.
func hold(dir string) {
	_, err := natsd.Start(context.Background(), natsd.Options{Dir: dir, Socket: filepath.Join(dir, "s"), Log: quiet()})
	fmt.Println(err)
	select {}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// shortDir returns a directory whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "natsd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func start(t *testing.T, o natsd.Options) *natsd.Server {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet()
	}
	s, err := natsd.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

type dialer func() (net.Conn, error)

func (d dialer) Dial(string, string) (net.Conn, error) { return d() }

func connect(t *testing.T, dial dialer, options ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect("nats://127.0.0.1:1", append(options, nats.SetCustomDialer(dial))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func TestServesInProcessAndThroughTheSocket(t *testing.T) {
	dir := shortDir(t)
	socket := filepath.Join(dir, "bus.sock")
	began := time.Now()
	s := start(t, natsd.Options{Dir: filepath.Join(dir, "data"), Socket: socket})
	t.Logf("ready in %v", time.Since(began))

	inside := connect(t, s.Dial)
	outside := connect(t, func() (net.Conn, error) { return natsd.DialSocket(socket) })
	sub, err := inside.SubscribeSync("greet")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(inside.Flush(), outside.Publish("greet", []byte("hello"))); err != nil {
		t.Fatal(err)
	}
	m, err := sub.NextMsg(10 * time.Second)
	if err != nil || string(m.Data) != "hello" {
		t.Errorf("received %v, %v", m, err)
	}
	if got := s.Address(); got != "" {
		t.Errorf("listens on %q", got)
	}
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestSecondServerOnTheSameDirectoryIsRefused(t *testing.T) {
	dir := shortDir(t)
	s := start(t, natsd.Options{Dir: dir})
	_, err := natsd.Start(t.Context(), natsd.Options{Dir: dir, Log: quiet()})
	if !errors.Is(err, natsd.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("second start: %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	start(t, natsd.Options{Dir: dir})
}

func TestASuccessorWaits(t *testing.T) {
	dir := shortDir(t)
	s := start(t, natsd.Options{Dir: dir})
	s.Leaving()
	waits := make(chan struct{})
	next := make(chan error)
	go func() {
		log := slog.New(slog.NewTextHandler(closing(waits), nil))
		successor, err := natsd.Start(t.Context(), natsd.Options{Dir: dir, Log: log})
		if err == nil {
			err = successor.Close(t.Context())
		}
		next <- err
	}()
	select {
	case err := <-next:
		t.Fatalf("the successor did not wait: %v", err)
	case <-waits:
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-next; err != nil {
		t.Error(err)
	}
}

// closing is closed by the first line that is written into it.
type closing chan struct{}

func (c closing) Write(line []byte) (int, error) {
	select {
	case <-c:
	default:
		close(c)
	}
	return len(line), nil
}

func TestSocketOfALiveServerIsNotTaken(t *testing.T) {
	dir := shortDir(t)
	socket := filepath.Join(dir, "s")
	s := start(t, natsd.Options{Dir: filepath.Join(dir, "a"), Socket: socket})
	_, err := natsd.Start(t.Context(), natsd.Options{Dir: filepath.Join(dir, "b"), Socket: socket, Log: quiet()})
	if !errors.Is(err, natsd.ErrSocket) {
		t.Errorf("second socket: %v", err)
	}
	connect(t, func() (net.Conn, error) { return natsd.DialSocket(socket) }).Close()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("socket is left: %v", err)
	}
}

// Of several starts that find a socket left behind one gets it, and keeps it.
func TestStaleSocketIsReplacedOnce(t *testing.T) {
	const starts = 4
	socket := filepath.Join(shortDir(t), "s")
	for range 5 {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
		servers, errs := make([]*natsd.Server, starts), make([]error, starts)
		var tasks sync.WaitGroup
		for i := range starts {
			tasks.Go(func() {
				servers[i], errs[i] = natsd.Start(context.Background(),
					natsd.Options{Profile: natsd.ProfileMemory, Socket: socket, Log: quiet()})
			})
		}
		tasks.Wait()
		if conn, err := natsd.DialSocket(socket); err != nil {
			t.Errorf("the socket is dead: %v", err)
		} else {
			conn.Close()
		}
		winners := 0
		for i, s := range servers {
			switch {
			case errs[i] == nil:
				winners++
				if err := s.Close(context.Background()); err != nil {
					t.Error(err)
				}
			case !errors.Is(errs[i], natsd.ErrSocket):
				t.Errorf("refused with %v, want %v", errs[i], natsd.ErrSocket)
			}
		}
		if winners != 1 {
			t.Errorf("%d servers have the socket, want 1", winners)
		}
	}
}

func TestWhatIsNotASocketIsNotRemoved(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "precious")
	if err := os.WriteFile(path, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := natsd.Start(t.Context(), natsd.Options{Dir: filepath.Join(dir, "a"), Socket: path, Log: quiet()})
	if got, _ := os.ReadFile(path); !errors.Is(err, natsd.ErrSocket) || string(got) != "keep" {
		t.Errorf("file %q, %v", got, err)
	}
}

// A killed server leaves lock file and socket behind; neither stops the next.
func TestKilledServerIsReplaced(t *testing.T) {
	dir := shortDir(t)
	held := holder(t, dir)
	_, err := natsd.Start(t.Context(), natsd.Options{Dir: dir, Log: quiet()})
	if !errors.Is(err, natsd.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", held.Process.Pid)) {
		t.Errorf("start beside process %d: %v", held.Process.Pid, err)
	}
	end(t, held)
	start(t, natsd.Options{Dir: dir, Socket: filepath.Join(dir, "s")})
}

// holder starts another process that serves dir, on the socket s in it.
func holder(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	held := exec.Command(os.Args[0])
	held.Env = append(os.Environ(), "NATSD_TEST_HOLD="+dir)
	out, err := held.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	if n, _ := out.Read(line); string(line[:n]) != "<nil>\n" {
		t.Fatalf("holder: %s", line[:n])
	}
	return held
}

func end(t *testing.T, held *exec.Cmd) {
	t.Helper()
	if err := held.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = held.Wait() // says that it was killed
}

func TestListenAsksForTheToken(t *testing.T) {
	s := start(t, natsd.Options{Profile: natsd.ProfileMemory, Listen: "127.0.0.1:0", Token: "open sesame"})
	if _, err := nats.Connect("nats://" + s.Address()); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("without a token: %v", err)
	}
	nc, err := nats.Connect("nats://"+s.Address(), nats.Token("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	connect(t, s.Dial)
}

func TestStartRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, tt := range []struct {
		o    natsd.Options
		want error
	}{
		{natsd.Options{Profile: "careless"}, natsd.ErrProfile},
		{natsd.Options{Dir: file}, natsd.ErrStart},
		{natsd.Options{Listen: "0.0.0.0:0"}, natsd.ErrListen},
		{natsd.Options{Listen: "example.com:1"}, natsd.ErrListen},
		{natsd.Options{Listen: "127.0.0.1"}, natsd.ErrListen},
		{natsd.Options{Listen: "127.0.0.1:99999"}, natsd.ErrListen},
		{natsd.Options{Listen: taken.Addr().String()}, natsd.ErrStart},
		{natsd.Options{Listen: "127.0.0.1:0", Cert: file, Key: file}, natsd.ErrListen},
		{natsd.Options{Listen: "0.0.0.0:0", ClientCA: file}, natsd.ErrListen},
	} {
		if tt.o.Dir == "" {
			tt.o.Dir = t.TempDir()
		}
		tt.o.Log = quiet()
		if _, err := natsd.Start(t.Context(), tt.o); !errors.Is(err, tt.want) {
			t.Errorf("Start(%+v): %v, want %v", tt.o, err, tt.want)
		}
	}
}

func TestStoreKeepsTheLastOfEachKey(t *testing.T) {
	dir := t.TempDir()
	s := start(t, natsd.Options{Dir: dir})
	store := open(t, s)
	if got, err := store.Load(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("empty store: %v, %v", got, err)
	}
	save := func(puts map[string][]byte, deletes ...string) {
		t.Helper()
		if err := store.Save(t.Context(), puts, deletes); err != nil {
			t.Fatal(err)
		}
	}
	save(map[string][]byte{"node/a.b *": []byte("1"), "ü": {}, "gone": []byte("x")})
	save(map[string][]byte{"node/a.b *": []byte("2")}, "gone", "never was")
	save(nil)
	if err := store.Save(t.Context(), map[string][]byte{"": nil}, nil); !errors.Is(err, natsd.ErrKey) {
		t.Errorf("empty key: %v", err)
	}
	want := map[string][]byte{"node/a.b *": []byte("2"), "ü": {}}
	for _, when := range []string{"now", "after a restart"} {
		got, err := store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		s = start(t, natsd.Options{Dir: dir})
		store = open(t, s)
	}
}

func open(t *testing.T, s *natsd.Server) *natsd.Store {
	t.Helper()
	store, err := natsd.OpenStore(t.Context(), connect(t, s.Dial), "registry")
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStoreSettlesAStorm(t *testing.T) {
	s := start(t, natsd.Options{Dir: t.TempDir()})
	store := open(t, s)
	puts := map[string][]byte{}
	for n := range 10_000 {
		puts[fmt.Sprintf("node/%05d", n)] = make([]byte, 500)
	}
	began := time.Now()
	if err := store.Save(t.Context(), puts, nil); err != nil {
		t.Fatal(err)
	}
	saved := time.Now()
	got, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("saved 10,000 records in %v, loaded them in %v", saved.Sub(began), time.Since(saved))
	if !maps.EqualFunc(puts, got, bytes.Equal) {
		t.Errorf("loaded %d records that differ from the %d saved", len(got), len(puts))
	}
}

// A client whose connection ends departs from what only it listened to, whether it
// came through the door or through the network.
func TestDepartures(t *testing.T) {
	dir := shortDir(t)
	departed := make(chan string, 10)
	s := start(t, natsd.Options{
		Profile: natsd.ProfileMemory, Socket: filepath.Join(dir, "s"), Listen: "127.0.0.1:0", Token: "open sesame",
		Departed: func(subject string) { departed <- subject },
	})
	door := dialer(func() (net.Conn, error) { return natsd.DialSocket(filepath.Join(dir, "s")) })
	tcp := func() (net.Conn, error) { return net.Dial("tcp", s.Address()) }
	watcher := connect(t, s.Dial)
	known := map[string]bool{}
	next := func(t *testing.T) string { // a departure may be told again when another follows at once
		for {
			if got := await(t, departed); !known[got] {
				known[got] = true
				return got
			}
		}
	}
	for name, dial := range map[string]dialer{"door": door, "network": tcp} {
		t.Run(name, func(t *testing.T) {
			listen(t, watcher, "e.>") // others who would hear it do not count
			alone, twice, again := "e.*.*."+name+"1", "e.*.*."+name+"2", connect(t, dial, nats.Token("open sesame"))
			nc := connect(t, dial, nats.Token("open sesame"))
			listen(t, nc, alone, twice, "e.plain")
			listen(t, again, twice)
			nc.Close()
			if got := next(t); got != alone {
				t.Errorf("departed: %q, want %q", got, alone)
			}
			again.Close()
			if got := next(t); got != twice {
				t.Errorf("departed: %q, want %q", got, twice)
			}
		})
	}
	if _, err := nats.Connect("nats://"+s.Address(), nats.UserInfo("onex-system", "guess")); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("as the system's user: %v", err)
	}
}

func listen(t *testing.T, nc *nats.Conn, subjects ...string) {
	t.Helper()
	for _, s := range subjects {
		if _, err := nc.SubscribeSync(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}

func await[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
	}
	return v
}
