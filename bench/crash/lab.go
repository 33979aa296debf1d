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
	"runtime"
	"slices"
	"strings"
	"time"
)

// journal is there while a run puts files in their places.
const journal = ".git/onex/stage/journal"

// A lab kills runs and counts what came of it.
type lab struct {
	dir, onex string
	rnd       *rand.Rand
	files     int

	count map[string]*tally
	torn  int
}

// A tally is what came of the kills of one mode. Interrupted are those of which a
// journal was left; partly, those of them that left old files beside new ones.
type tally struct{ kills, untouched, finished, interrupted, partly, resumed, rolledBack int }

// stagedPrefix is before the name of a file of git's index in a state.
const stagedPrefix = "staged "

// A state is the content of every file of a tree by its path, and of the index.
type state map[string]string

// A rehearsal is what a run does that is not killed.
type rehearsal struct {
	took, commit time.Duration // all of it; the time with a journal, 0 if it was too short to be seen
	made         state
}

// round kills one run.
func (l *lab) round(m mode) error {
	tree := filepath.Join(l.dir, "tree")
	if err := errors.Join(os.RemoveAll(tree), l.plant(tree, m)); err != nil {
		return err
	}
	old, err := look(tree)
	if err != nil {
		return err
	}
	r, err := l.rehearse(m, tree)
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
	if err := l.kill(m, tree, old, r); err != nil {
		return err
	}
	return l.inspect(m, t, tree, old, r.made)
}

// kill starts a run and kills it: one in four at any time, one while there is a
// journal, two when some file has been put in its place.
func (l *lab) kill(m mode, tree string, old state, r rehearsal) error {
	after, until := r.took, func() bool { return true }
	switch l.rnd.IntN(4) {
	case 0:
	case 1:
		after, until = max(r.commit, time.Millisecond), func() bool { return exists(filepath.Join(tree, journal)) }
	default:
		after, until = 100*time.Microsecond, changes(filepath.Join(tree, l.changing(old, r.made)))
	}
	after = time.Duration(l.rnd.Int64N(int64(after) * 6 / 5))
	cmd := exec.Command(l.onex, m.args...)
	cmd.Dir = tree
	if err := cmd.Start(); err != nil {
		return err
	}
	spin(r.took*3, until)
	spin(after, func() bool { return false })
	_ = cmd.Process.Kill() // it may be over
	_ = cmd.Wait()
	return nil
}

// changing returns one of the files in the work tree that a run makes or changes.
func (l *lab) changing(old, made state) string {
	var names []string
	for name, text := range made {
		if !strings.HasPrefix(name, stagedPrefix) && text != old[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[l.rnd.IntN(len(names))]
}

// changes returns a function that reports whether name is no longer the file that
// it is now.
func changes(name string) func() bool {
	was, _ := os.Lstat(name)
	return func() bool {
		now, err := os.Lstat(name)
		return err == nil && (was == nil || !os.SameFile(was, now))
	}
}

// spin waits for a time, or until done, without going to sleep, which takes
// longer than some runs put their files in place.
func spin(atMost time.Duration, done func() bool) {
	for start := time.Now(); time.Since(start) < atMost && !done(); {
		runtime.Gosched()
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// rehearse runs m on a copy of the tree to its end.
func (l *lab) rehearse(m mode, tree string) (r rehearsal, err error) {
	dir := filepath.Join(l.dir, "copy")
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(tree))); err != nil {
		return r, err
	}
	start := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- command(dir, append([]string{l.onex}, m.args...)...) }()
	var began, over time.Time
	for running := true; running; {
		switch there := exists(filepath.Join(dir, journal)); {
		case there && began.IsZero():
			began = time.Now()
		case !there && !began.IsZero() && over.IsZero():
			over = time.Now()
		}
		select {
		case err = <-ended:
			running = false
		default:
			runtime.Gosched()
		}
	}
	if err != nil {
		return r, err
	}
	r.took, r.commit = time.Since(start), over.Sub(began)
	r.made, err = look(dir)
	return r, err
}

// inspect looks at what a killed run left.
func (l *lab) inspect(m mode, t *tally, tree string, old, wanted state) error {
	now, err := look(tree)
	if err != nil {
		return err
	}
	l.compare(m.name+", killed", now, old, wanted)
	way := "--resume"
	if t.resumed > t.rolledBack {
		way = "--rollback"
	}
	cmd := exec.Command(l.onex, "stamp", way)
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	untouched, finished := maps.Equal(now, old), isNew(now, old, wanted)
	switch {
	case err != nil && strings.Contains(string(out), "NOTHING"):
		switch {
		case untouched:
			t.untouched++
		case finished:
			t.finished++
		default:
			l.report("%s: partly done, and %s finds nothing to do", m.name, way)
		}
		return nil
	case err != nil:
		l.report("%s %s: %v\n%s", m.name, way, err, out)
		return nil
	}
	t.interrupted++
	if !untouched && !finished {
		t.partly++
	}
	return l.recovered(m, t, way, tree, old, wanted)
}

// recovered looks at what --resume or --rollback made of a tree: all of it is new,
// or all of it is old to the byte.
func (l *lab) recovered(m mode, t *tally, way, tree string, old, wanted state) error {
	after, err := look(tree)
	if err != nil {
		return err
	}
	if way == "--rollback" {
		t.rolledBack++
		if !maps.Equal(after, old) {
			l.report("%s: after --rollback something is not what it was", m.name)
			l.compare(m.name+" "+way, after, old, nil)
		}
		return nil
	}
	t.resumed++
	if !isNew(after, old, wanted) {
		l.report("%s: after --resume something is not new", m.name)
		l.compare(m.name+" "+way, after, nil, wanted)
	}
	if err := command(tree, append([]string{l.onex}, m.check...)...); err != nil { // the hashes, too
		l.report("%s %s: %v", m.name, way, err)
	}
	return nil
}

// isNew reports whether a tree is what the run was to make of old: wanted, but for
// identities that are drawn, and times.
func isNew(now, old, wanted state) bool {
	for name, text := range wanted {
		got, ok := now[name]
		if !ok || plain(got) != plain(text) || got == old[name] && text != old[name] {
			return false
		}
	}
	return len(now) == len(wanted)
}

// compare reports the files that are neither as in old nor as in wanted.
func (l *lab) compare(what string, now, old, wanted state) {
	for name, text := range now {
		was, inOld := old[name]
		made, inWanted := wanted[name]
		if !(inOld && text == was) && !(inWanted && plain(text) == plain(made)) {
			l.report("%s: %s is torn, or left over", what, name)
		}
	}
	for name := range old {
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
		err = errors.Join(s.add("", tree), s.add(stagedPrefix, staged))
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
	fmt.Println("\n| mode | kills | nothing changed yet | all done | a journal left | of these old and new side by side | resumed | rolled back |\n|---|---|---|---|---|---|---|---|")
	for _, m := range modes() {
		if t := l.count[m.name]; t != nil {
			fmt.Printf("| %s | %d | %d | %d | %d | %d | %d | %d |\n", m.name, t.kills, t.untouched, t.finished, t.interrupted, t.partly, t.resumed, t.rolledBack)
		}
	}
	fmt.Printf("\n%d files torn, left over or lost\n", l.torn)
}

// plant makes a tree in git, with files of several kinds, five in a directory. Of
// two of these the block is there and out of date.
func (l *lab) plant(tree string, m mode) error {
	project := "name: crash\nowner: Crash\nauthor: Crash\ncopyright: Crash\nlicense: MIT\n"
	err := errors.Join(os.MkdirAll(tree, 0o755), os.WriteFile(filepath.Join(tree, "project.onex.yaml"), []byte(project), 0o644))
	var stamped []string
	for i := range l.files {
		name := fmt.Sprintf("d%d/f%02d%s", i/5, i, []string{".py", ".md", ".go", ".css"}[i%4])
		text := strings.Repeat(fmt.Sprintf("line of file %d\n", i), 50+l.rnd.IntN(100))
		if i%5 < 2 {
			stamped = append(stamped, name)
		}
		err = errors.Join(err, os.MkdirAll(filepath.Join(tree, filepath.Dir(name)), 0o755), os.WriteFile(filepath.Join(tree, name), []byte(text), 0o644))
	}
	stamp := append([]string{l.onex, "stamp", "--write", "--form", m.form}, stamped...)
	if err = errors.Join(err, command(tree, "git", "init", "-q"), command(tree, stamp...)); err != nil {
		return err
	}
	for _, name := range stamped {
		err = errors.Join(err, appendTo(filepath.Join(tree, name), "one more line\n"))
	}
	return errors.Join(err, command(tree, "git", "add", "-A"))
}

func appendTo(name, text string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
