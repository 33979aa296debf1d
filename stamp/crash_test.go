package stamp_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("ONEX_TEST_STAMP_DIR"); dir != "" {
		os.Exit(stampForEver(dir))
	}
	// Each check of a property writes to a disk and syncs it.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// stampForEver is the child of the crash test: it changes and stamps the files
// of dir until it is killed.
func stampForEver(dir string) int {
	root, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready")
	for now := day1; ; now = now.Add(time.Hour) {
		p, err := stamp.Make(context.Background(), root, &stamp.Options{Now: now})
		if err == nil {
			_, err = p.Apply(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		for i := range crashFiles { // what was stamped is out of date again
			name := fmt.Sprintf("d/%d.py", i)
			data, _ := root.ReadFile(name)
			next := strings.Replace(string(data), "author: Ann", "author: Anna", 1)
			if next == string(data) {
				next = strings.Replace(next, "author: Anna", "author: Ann", 1)
			}
			if err := replaceFile(root, name, next); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
	}
}

// replaceFile is an editor that saves safely.
func replaceFile(root *os.Root, name, data string) error {
	if err := root.WriteFile("saving", []byte(data), 0o644); err != nil {
		return err
	}
	return root.Rename("saving", name)
}

const crashFiles = 40

// TestKilledRunsLeaveWholeFiles kills stamping processes at random moments.
// ONEX_TEST_ROUNDS=200 does so more often.
func TestKilledRunsLeaveWholeFiles(t *testing.T) {
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv("ONEX_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	files := map[string]string{}
	for i := range crashFiles {
		files[fmt.Sprintf("d/%d.py", i)] = body(i)
	}
	root := project(t, files)
	if err := root.Mkdir(".git", 0o755); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, uint64(rounds)))
	leftovers, interrupted := 0, 0
	for range rounds {
		killOne(t, root.Name(), time.Duration(rnd.IntN(60_000))*time.Microsecond)
		if _, err := root.Stat(".git/onex/stage"); err == nil {
			leftovers++
		}
		for i := range crashFiles {
			checkWhole(t, root, fmt.Sprintf("d/%d.py", i), body(i))
		}
		if recoverOne(t, root, rnd) {
			interrupted++
		}
	}
	if err := root.Remove("saving"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	write(t, root.Name(), "d/0.py", body(0)) // so that there is something to do
	if r := mustApply(t, root, &stamp.Options{NoGit: true}); r.Status != stamp.Success {
		t.Errorf("the next run: %v", r.Summary)
	}
	if _, err := root.Stat(".git/onex/stage"); !os.IsNotExist(err) {
		t.Errorf("the next run leaves the staging directory: %v", err)
	}
	t.Logf("%d of %d kills left a staging directory, %d a journal", leftovers, rounds, interrupted)
}

// recoverOne finishes or undoes what a killed run began, and reports whether
// there was anything. Then all files are in one state.
func recoverOne(t *testing.T, root *os.Root, rnd *rand.Rand) bool {
	t.Helper()
	recover, way := stamp.Resume, "resume"
	if rnd.IntN(2) == 0 {
		recover, way = stamp.Rollback, "rollback"
	}
	r, err := recover(t.Context(), root)
	if errors.Is(err, stamp.ErrNothing) {
		return false
	}
	if err != nil || r.Status != stamp.Success {
		t.Errorf("%s: %v, %v", way, err, actions(r.Files))
	}
	for _, i := range r.Files { // the others were not in that run
		checkWhole(t, root, i.Path, body(number(i.Path)))
		state := states(t, root, &stamp.Options{NoGit: true, Paths: []string{i.Path}})[i.Path]
		if isNew := state == ""; isNew != (way == "resume") {
			t.Errorf("after %s %s is %s", way, i.Path, state)
		}
	}
	return true
}

// number returns the 7 of d/7.py.
func number(name string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "d/"), ".py"))
	return n
}

func body(i int) string {
	return strings.Repeat(fmt.Sprintf("line = %d\n", i), 100+i)
}

func killOne(t *testing.T, dir string, after time.Duration) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ONEX_TEST_STAMP_DIR="+dir, "PATH=") // no git: the tree is none of its own
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal("the child does not start:", err)
	}
	<-time.After(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Error("the child ended by itself:", err)
	}
	_ = cmd.Wait()
}

// checkWhole reports a file that is neither unstamped nor stamped as it should.
func checkWhole(t *testing.T, root *os.Root, name, want string) {
	t.Helper()
	data, err := fs.ReadFile(root.FS(), name)
	if err != nil {
		t.Errorf("%s is gone: %v", name, err)
		return
	}
	typ, _ := filetype.Standard().Named("python")
	parts, err := typ.Split(data)
	if err != nil || string(parts.Body) != want {
		t.Errorf("%s is torn: %v\n%.300q", name, err, data)
	}
}
