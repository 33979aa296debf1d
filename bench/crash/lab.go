//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A lab kills runs and counts what came of it.
type lab struct {
	dir, onex string
	rnd       *rand.Rand
	files     int

	takes map[string]time.Duration // a run that is not killed, by mode
	count map[string]*tally
	torn  int
}

// A tally is what came of the kills of one mode.
type tally struct{ kills, untouched, finished, resumed, rolledBack int }

// A state is the content of every file of a tree by its path, and of the index.
type state map[string]string

// round kills one run.
func (l *lab) round(m mode) error {
	tree := filepath.Join(l.dir, "tree")
	if err := errors.Join(os.RemoveAll(tree), l.plant(tree)); err != nil {
		return err
	}
	old, err := look(tree)
	if err != nil {
		return err
	}
	took, wanted, err := l.rehearse(m, tree)
	if err != nil {
		return err
	}
	if l.count == nil {
		l.count = map[string]*tally{}
	}
	t := l.count[m.name]
	if t == nil {
		t = &tally{}
		l.count[m.name] = t
	}
	t.kills++
	cmd := exec.Command(l.onex, m.args...)
	cmd.Dir = tree
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(time.Duration(l.rnd.Int64N(int64(took) * 6 / 5)))
	_ = cmd.Process.Kill() // it may be over
	_ = cmd.Wait()
	return l.inspect(m, t, tree, old, wanted)
}

// rehearse runs m on a copy of the tree to its end, and returns how long that
// took and what became of the tree.
func (l *lab) rehearse(m mode, tree string) (time.Duration, state, error) {
	dir := filepath.Join(l.dir, "copy")
	err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(tree)))
	if err != nil {
		return 0, nil, err
	}
	start := time.Now()
	if err := command(dir, append([]string{l.onex}, m.args...)...); err != nil {
		return 0, nil, err
	}
	took := time.Since(start)
	made, err := look(dir)
	return took, made, err
}

// inspect looks at what a killed run left.
func (l *lab) inspect(m mode, t *tally, tree string, old, wanted state) error {
	now, err := look(tree)
	if err != nil {
		return err
	}
	l.compare(m.name+", killed", now, old, wanted)
	way, want := "--resume", wanted
	if l.rnd.IntN(2) == 0 {
		way, want = "--rollback", old
	}
	cmd := exec.Command(l.onex, "stamp", way)
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil && strings.Contains(string(out), "NOTHING"):
		switch {
		case same(now, old):
			t.untouched++
		case same(now, wanted):
			t.finished++
		default:
			l.report("%s: partly done, and %s finds nothing to do", m.name, way)
		}
		return nil
	case err != nil:
		l.report("%s %s: %v\n%s", m.name, way, err, out)
		return nil
	case way == "--resume":
		t.resumed++
	default:
		t.rolledBack++
	}
	after, err := look(tree)
	l.compare(m.name+" "+way, after, want, want)
	return err
}

// same reports whether two trees are the same but for identities that are drawn
// and times.
func same(a, b state) bool {
	return slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))) &&
		!slices.ContainsFunc(slices.Collect(maps.Keys(a)), func(name string) bool { return plain(a[name]) != plain(b[name]) })
}

// compare reports the files that are neither as in a nor as in b.
func (l *lab) compare(what string, now, a, b state) {
	for name, text := range now {
		_, inA := a[name]
		_, inB := b[name]
		if !(inA && plain(text) == plain(a[name])) && !(inB && plain(text) == plain(b[name])) {
			l.report("%s: %s is torn, or left over", what, name)
		}
	}
	for name := range a {
		if _, ok := now[name]; !ok {
			l.report("%s: %s is gone", what, name)
		}
	}
}

func (l *lab) report(format string, args ...any) {
	l.torn++
	fmt.Printf(format+"\n", args...)
}

// plain is text without what differs between two runs.
func plain(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for _, field := range []string{"uuid: ", "created_at: ", "last_modified_at: ", "hash: ", "Metadata uuid="} {
			if i := strings.Index(line, field); i >= 0 {
				line = line[:i+len(field)] + "*\n"
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// look reads a tree, and what is staged in it.
func look(tree string) (state, error) {
	s := state{}
	staged := tree + "-staged"
	err := errors.Join(os.RemoveAll(staged), command(tree, "git", "checkout-index", "-aq", "--prefix="+staged+"/"))
	if err == nil {
		err = errors.Join(s.add("", tree), s.add("staged ", staged))
	}
	return s, err
}

// add reads the files of dir into s.
func (s state) add(prefix, dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		s[prefix+filepath.ToSlash(rel)] = string(data)
		return err
	})
}

// command runs a program in dir, which must succeed.
func command(dir string, argv ...string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%v: %w\n%s", argv, err, &out)
	}
	return nil
}

// print writes the table.
func (l *lab) print() {
	fmt.Println("\n| mode | kills | nothing changed yet | all done | resumed | rolled back |\n|---|---|---|---|---|---|")
	for _, m := range modes() {
		if t := l.count[m.name]; t != nil {
			fmt.Printf("| %s | %d | %d | %d | %d | %d |\n", m.name, t.kills, t.untouched, t.finished, t.resumed, t.rolledBack)
		}
	}
	fmt.Printf("\n%d files torn, left over or lost\n", l.torn)
}

// plant makes a tree in git, with files of several kinds.
func (l *lab) plant(tree string) error {
	project := "name: crash\nowner: Crash\nauthor: Crash\ncopyright: Crash\nlicense: MIT\n"
	err := errors.Join(os.MkdirAll(tree, 0o755), os.WriteFile(filepath.Join(tree, "project.onex.yaml"), []byte(project), 0o644))
	for i := range l.files {
		ext := []string{".py", ".md", ".go", ".css"}[i%4]
		dir := filepath.Join(tree, fmt.Sprintf("d%d", i%5))
		text := strings.Repeat(fmt.Sprintf("line of file %d\n", i), 50+l.rnd.IntN(400))
		err = errors.Join(err, os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%02d%s", i, ext)), []byte(text), 0o644))
	}
	return errors.Join(err, command(tree, "git", "init", "-q"), command(tree, "git", "add", "-A"))
}
