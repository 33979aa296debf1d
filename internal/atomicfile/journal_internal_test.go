package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const stageDir = "stage"

// interrupted makes a root in which a batch of four files was killed after two
// of them had been put in their places.
func interrupted(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	for _, name := range []string{"a", "b", "c"} {
		if err := root.WriteFile(name, []byte("old "+name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := Begin(root, stageDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "new", "b", "c"} {
		was, _, err := current(root, name)
		if err == nil {
			err = b.Stage(name, []byte("new "+name), was)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(b.writeJournal(), b.exchange(b.staged[0]), b.exchange(b.staged[1]), b.release()); err != nil {
		t.Fatal(err)
	}
	return root
}

func texts(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, name := range []string{"a", "b", "c", "new"} {
		data, err := root.ReadFile(name)
		if err == nil {
			got[name] = string(data)
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return got
}

func TestAnInterruptedBatchBlocksTheNext(t *testing.T) {
	root := interrupted(t)
	before := texts(t, root)
	if _, err := Begin(root, stageDir); !errors.Is(err, ErrInterrupted) {
		t.Errorf("Begin = %v", err)
	}
	if diff := cmp.Diff(before, texts(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestResumeAndRollback(t *testing.T) {
	root := interrupted(t)
	r, err := Resume(t.Context(), root, stageDir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Recovery{Changed: []string{"b", "c"}, Already: []string{"a", "new"}}, r); diff != "" {
		t.Errorf("resume (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a": "new a", "b": "new b", "c": "new c", "new": "new new"}, texts(t, root)); diff != "" {
		t.Errorf("resume (-want +got):\n%s", diff)
	}
	if _, err := Resume(t.Context(), root, stageDir); !errors.Is(err, ErrNoJournal) {
		t.Errorf("again: %v", err)
	}

	root = interrupted(t)
	if r, err = Rollback(t.Context(), root, stageDir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Recovery{Changed: []string{"a", "new"}, Already: []string{"b", "c"}}, r); diff != "" {
		t.Errorf("rollback (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a": "old a", "b": "old b", "c": "old c"}, texts(t, root)); diff != "" {
		t.Errorf("rollback (-want +got):\n%s", diff)
	}
	if _, err := root.Stat(stageDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the staging directory stays: %v", err)
	}
}

func TestRecoveryKeepsWhatSomebodyWrote(t *testing.T) {
	for name, recover := range map[string]func(*os.Root) (Recovery, error){
		"resume":   func(root *os.Root) (Recovery, error) { return Resume(t.Context(), root, stageDir) },
		"rollback": func(root *os.Root) (Recovery, error) { return Rollback(t.Context(), root, stageDir) },
	} {
		root := interrupted(t)
		for _, theirs := range []string{"a", "b"} {
			if err := root.WriteFile(theirs, []byte("theirs, and longer"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := root.Remove("c"); err != nil {
			t.Fatal(err)
		}
		r, err := recover(root)
		if err != nil {
			t.Fatal(err)
		}
		got := texts(t, root)
		if diff := cmp.Diff([]string{"a", "b", "c"}, r.Kept); diff != "" || got["a"] != got["b"] || got["a"] != "theirs, and longer" || got["c"] != "" {
			t.Errorf("%s: %s %v", name, diff, got)
		}
	}
}

func TestDamagedJournals(t *testing.T) {
	for text, want := range map[string]error{
		"": ErrNoJournal, `{"name":"a","tmp":"0"}` + "\n": ErrNoJournal, "end\n": ErrNoJournal,
		"{}\nend\n": ErrJournal, `{"name":"../x","tmp":"0"}` + "\nend\n": ErrJournal, `{"name":"x","tmp":"../0"}` + "\nend\n": ErrJournal,
	} {
		root := interrupted(t)
		if err := root.WriteFile(stageDir+"/"+journalName, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		before := texts(t, root)
		if _, err := Rollback(t.Context(), root, stageDir); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
		if diff := cmp.Diff(before, texts(t, root)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// Killed at each step of an exchange by links, the file can be had either way.
func TestExchangeByLinksIsSettled(t *testing.T) {
	for step, half := range []func(root *os.Root) error{
		func(root *os.Root) error { return root.Link("b", "stage/2.old") },
		func(root *os.Root) error {
			return errors.Join(root.Link("b", "stage/2.old"), root.Rename("stage/2", "b"))
		},
	} {
		for want, recover := range map[string]func(*os.Root) (Recovery, error){
			"new b": func(root *os.Root) (Recovery, error) { return Resume(t.Context(), root, stageDir) },
			"old b": func(root *os.Root) (Recovery, error) { return Rollback(t.Context(), root, stageDir) },
		} {
			root := interrupted(t)
			if err := half(root); err != nil {
				t.Fatal(err)
			}
			if _, err := recover(root); err != nil {
				t.Fatal(err)
			}
			if got := texts(t, root)["b"]; got != want {
				t.Errorf("step %d: %q, want %q", step, got, want)
			}
		}
	}
}
