package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/audit"
	"github.com/omninode-ai/onex/node"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func call(tool node.ToolName) event.Event {
	return event.New("5a0f2e7c-9d1b-4c3e-8f60-112233445566", event.ToolProxyAccepted{ToolName: tool, NodeID: "n"}, event.ID{})
}

func open(t testing.TB, dir string, o *audit.Options) *audit.Writer {
	t.Helper()
	w, err := audit.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// write makes a log of n lines.
func write(t testing.TB, dir string, n int, o *audit.Options) {
	t.Helper()
	w := open(t, dir, o)
	for range n {
		if err := w.Append(call("greet")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestALogGoesOnWhereItEnded(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 2, nil)
	write(t, dir, 3, nil)
	r, err := audit.Verify(dir)
	if err != nil || r.Lines != 5 || r.First != 1 || r.Last != 5 || r.Files != 1 || r.Since != "" {
		t.Errorf("got %+v, %v", r, err)
	}
	w := open(t, dir, nil)
	if seq, head := w.Head(); seq != r.Last || head != r.Head {
		t.Errorf("writer is at %d %s, the log at %+v", seq, head, r)
	}
}

func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, nil)
	if _, err := audit.Open(dir, nil); !errors.Is(err, audit.ErrInUse) {
		t.Errorf("got %v", err)
	}
}

func TestOldFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 10, &audit.Options{MaxFile: 1, MaxFiles: 3})
	r, err := audit.Verify(dir)
	if err != nil || r.Lines != 3 || r.First != 8 || r.Last != 10 || r.Files != 3 || r.Since == "" {
		t.Errorf("got %+v, %v", r, err)
	}
	write(t, dir, 1, nil)
	if r, err := audit.Verify(dir); err != nil || r.Last != 11 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestALineThatACrashCutOff(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 3, nil)
	name := filepath.Join(dir, "000001.ndjson")
	whole, _ := os.ReadFile(name)
	for _, cut := range []int{1, 2, 100} {
		if err := os.WriteFile(name, whole[:len(whole)-cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := audit.Verify(dir); err != nil || r.Last != 2 {
			t.Errorf("cut by %d: %+v, %v", cut, r, err)
		}
		write(t, dir, 1, nil)
		if r, err := audit.Verify(dir); err != nil || r.Last != 3 {
			t.Errorf("cut by %d, then written: %+v, %v", cut, r, err)
		}
	}
}

// Every way to tamper must be named with the line where it shows.
func TestTamperingIsNoticed(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(lines [][]byte) [][]byte
		want string
	}{
		"a byte changed": {func(l [][]byte) [][]byte {
			l[2] = bytes.Replace(l[2], []byte("ACCEPTED"), []byte("REJECTED"), 1)
			return l
		}, "000001.ndjson:3"},
		"a line removed": {func(l [][]byte) [][]byte { return slices.Delete(l, 2, 3) }, "000001.ndjson:3: line 4 follows line 2"},
		"a line twice":   {func(l [][]byte) [][]byte { return slices.Insert(l, 2, l[1]) }, "000001.ndjson:3: line 2 follows line 2"},
		"lines swapped":  {func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l }, "000001.ndjson:2: line 3 follows line 1"},
		"a line put in":  {func(l [][]byte) [][]byte { return slices.Insert(l, 1, []byte("{}\n")) }, "000001.ndjson:2: it does not end with its hash"},
		"the hash itself": {func(l [][]byte) [][]byte {
			digit := map[bool]string{true: "1", false: "0"}[l[4][len(l[4])-4] == '0'] // another than it ends with
			l[4] = append(l[4][:len(l[4])-4], digit+"\"}\n"...)
			return l
		}, "000001.ndjson:5"},
		"an unknown key": {func(l [][]byte) [][]byte {
			l[0] = bytes.Replace(l[0], []byte(`"seq"`), []byte(`"x":1,"seq"`), 1)
			return l
		}, "000001.ndjson:1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, 5, nil)
			file := filepath.Join(dir, "000001.ndjson")
			data, _ := os.ReadFile(file)
			changed := bytes.Join(tt.do(bytes.SplitAfter(data, []byte("\n"))), nil)
			if err := os.WriteFile(file, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := audit.Verify(dir)
			if !errors.Is(err, audit.ErrBroken) || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAMissingFileIsNoticed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 4, &audit.Options{MaxFile: 1})
	if err := os.Remove(filepath.Join(dir, "000002.ndjson")); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Verify(dir); !errors.Is(err, audit.ErrBroken) || !strings.Contains(err.Error(), "000002.ndjson is missing") {
		t.Errorf("got %v", err)
	}
}

func TestTheChainIsCheckedWithoutONEX(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 2, nil)
	const script = `tail -n1 000001.ndjson | sed -E 's/,"hash":"[0-9a-f]{64}"\}$//' | tr -d '\n' | sha256sum`
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Skip("no sed, tail or sha256sum here")
	}
	r, err := audit.Verify(dir)
	if got, _, _ := strings.Cut(string(out), " "); err != nil || got != r.Head {
		t.Errorf("the shell says %s, Verify %s (%v)", got, r.Head, err)
	}
}

func FuzzVerify(f *testing.F) {
	dir := f.TempDir()
	write(f, dir, 2, nil)
	data, _ := os.ReadFile(filepath.Join(dir, "000001.ndjson"))
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "000001.ndjson"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := audit.Verify(dir)
		if err != nil {
			return
		}
		w, err := audit.Open(dir, nil)
		if err != nil {
			t.Fatalf("verified, and cannot be opened: %v", err)
		}
		defer w.Close()
		if err := w.Append(call("greet")); err != nil {
			t.Fatal(err)
		}
		if again, err := audit.Verify(dir); err != nil || again.Last != r.Last+1 {
			t.Fatalf("after a line more: %+v, %v; before %+v", again, err, r)
		}
	})
}
