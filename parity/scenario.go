package parity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
)

// The directories beside a node's scenarios.
const (
	mocksDir    = "mocks"    // programs that stand in for others
	fixturesDir = "fixtures" // files that lie in the node's directory when a scenario begins
)

// Cases reads the scenarios of a node's directory, sorted by name. The error lists
// the files that are no scenarios, and those of mocks and fixtures that no
// scenario names: [ErrScenario]. Hidden files, and metadata beside the files, are
// left out.
func Cases(dir string) ([]node.Case, error) {
	entries, err := os.ReadDir(filepath.Join(dir, node.CasesDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []node.Case
	var problems []error
	for _, e := range entries {
		name, isCase := node.CaseName(e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
			continue
		case e.IsDir() && (e.Name() == mocksDir || e.Name() == fixturesDir):
			continue
		case e.IsDir() || !isCase:
			problems = append(problems, fmt.Errorf("%s is neither a scenario (NAME.yaml) nor one of %s and %s", e.Name(), mocksDir, fixturesDir))
			continue
		}
		c, err := readCase(filepath.Join(dir, node.CasesDir, e.Name()), name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		all = append(all, c)
	}
	if len(problems) == 0 { // a scenario that cannot be read may name what looks orphaned
		problems = orphans(dir, all)
	}
	if len(problems) > 0 {
		return all, ErrScenario.Wrap(errors.Join(problems...), "%s", node.CasesDir)
	}
	return all, nil
}

func readCase(path, name string) (node.Case, error) {
	data, err := atomicfile.ReadFile(path)
	if err != nil {
		return node.Case{}, err
	}
	c, err := node.ParseCase(data)
	switch {
	case err != nil:
		return c, fmt.Errorf("%s.yaml: %w", name, err)
	case c.Name != name:
		return c, fmt.Errorf("%s.yaml says that it is %q", name, c.Name)
	}
	return c, nil
}

// orphans finds mocks and fixtures that no scenario names, and names without one.
func orphans(dir string, all []node.Case) (problems []error) {
	used := map[string]bool{}
	for _, c := range all {
		for _, name := range append(under(mocksDir, c.Mocks), under(fixturesDir, c.Fixtures)...) {
			used[name] = true
			if _, err := os.Stat(filepath.Join(dir, node.CasesDir, filepath.FromSlash(name))); err != nil {
				problems = append(problems, fmt.Errorf("%s.yaml names %s, which is not there", c.Name, name))
			}
		}
	}
	for _, part := range []string{mocksDir, fixturesDir} {
		root := filepath.Join(dir, node.CasesDir)
		_ = filepath.WalkDir(filepath.Join(root, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == meta.ManifestFile {
				return nil
			}
			name, err := filepath.Rel(root, path)
			if err == nil && !covered(filepath.ToSlash(name), used) {
				problems = append(problems, fmt.Errorf("no scenario names %s", filepath.ToSlash(name)))
			}
			return nil
		})
	}
	return problems
}

func under(dir string, names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, dir+"/"+n)
	}
	return out
}

// covered reports whether a file, or a directory above it, is used.
func covered(name string, used map[string]bool) bool {
	for ; name != "."; name = filepath.ToSlash(filepath.Dir(name)) {
		if used[name] {
			return true
		}
	}
	return false
}

// RunScenarios replays the scenarios of nodes, each in a fresh copy of its node's
// directory, and compares every answer and every file with what is expected. Its
// report and its errors are those of [Run]; [Options].Example selects one by name.
// [ErrNoMatch] says that there was none.
func RunScenarios(ctx context.Context, nodes []Node, o *Options) (_ Report, err error) {
	r := &runner{o: o.complete(), begin: time.Now(), program: func() string { return "" }}
	r.report.Version = ReportVersion
	r.report.Paths, r.replay = []PathInfo{{Direct, "host.Call in this process"}}, true
	if len(nodes) == 0 {
		return r.end(ErrNoNodes)
	}
	if nodes, err = selected(nodes, r.o.Filters); err != nil {
		return r.end(err)
	}
	if r.dir, err = os.MkdirTemp("", "onex-scenario-"); err != nil {
		return r.end(err)
	}
	defer os.RemoveAll(r.dir)
	r.checkAll(ctx, nodes)
	switch {
	case ctx.Err() != nil:
		return r.end(ErrInterrupted.Wrap(ctx.Err(), "after %d checks", len(r.report.Results)))
	case len(r.report.Results) == 0:
		return r.end(ErrNoMatch.With("no node has scenarios").Hinted("record one with onex scenario record"))
	case r.o.Example != "" && r.report.Summary.Executed == 0 && !r.stopped.Load() && r.report.failures() == 0:
		return r.end(ErrNoMatch.With("no node has the scenario %q", r.o.Example))
	}
	return r.end(nil)
}

func (r Report) failures() int {
	n := 0
	for _, c := range r.Results {
		if c.Verdict == Fail {
			n++
		}
	}
	return n
}

// replay runs the scenarios of the node.
func (c *checker) replay(ctx context.Context) {
	for _, dir := range append([]string{c.Dir}, c.More...) {
		if dir == "" {
			continue
		}
		all, err := Cases(dir)
		if err != nil {
			c.fail(CheckScenario, err)
		}
		for _, s := range all {
			if c.r.halted(ctx) {
				return
			}
			if c.r.o.Example == "" || c.r.o.Example == s.Name {
				c.replayOne(ctx, dir, s)
			}
		}
	}
}

func (c *checker) replayOne(ctx context.Context, dir string, s node.Case) {
	begin := time.Now()
	got, trials, err := c.perform(ctx, dir, s, "replay-"+strconv.Itoa(slices.Index(c.More, dir)+1))
	if err != nil {
		c.add(Result{Check: CheckScenario, Example: s.Name, Path: Direct, Verdict: Fail}, ErrScenario.Wrap(err, "%s", s.Name))
		return
	}
	for i, o := range got {
		want, err := wanted(trials[i], s.Steps[i].Expect, o)
		if err != nil {
			c.add(Result{Check: CheckScenario, Example: s.Name, Path: Direct, Verdict: Fail}, err)
			continue
		}
		t := trials[i]
		t.name = s.Name
		c.compare(t, CheckScenario, Direct, "recorded", want, fmt.Sprintf("step %d", i+1), o, time.Since(begin)/time.Duration(len(got)))
	}
}

// perform makes the calls of a scenario, which lies in dir, in a place of its own.
func (c *checker) perform(ctx context.Context, dir string, s node.Case, take string) ([]Observation, []trial, error) {
	at, err := c.place(Path(s.Name + "-" + take))
	if err != nil {
		return nil, nil, err
	}
	if at.inPlace {
		return nil, nil, errors.New("the node cannot be copied, so that its files would be changed")
	}
	scenarios := filepath.Join(dir, node.CasesDir)
	for _, name := range s.Fixtures {
		if err := lay(filepath.Join(at.root, filepath.FromSlash(name)), filepath.Join(scenarios, fixturesDir, filepath.FromSlash(name))); err != nil {
			return nil, nil, err
		}
	}
	stand := ""
	if s.Dependencies == node.Mock {
		if stand, err = c.standIns(filepath.Join(scenarios, mocksDir), s, take); err != nil {
			return nil, nil, err
		}
	}
	h, err := c.hostWith(ctx, at, nil, &host.Options{Log: c.r.o.Log, Path: stand})
	if err != nil {
		return nil, nil, err
	}
	defer h.Close()
	return c.steps(ctx, h, at, s)
}

func (c *checker) steps(ctx context.Context, h *host.Host, at place, s node.Case) (got []Observation, trials []trial, err error) {
	call := c.directly(h, at)
	for i, step := range s.Steps {
		tool, ok := h.Contract().Tool(step.Tool)
		if !ok {
			return nil, nil, fmt.Errorf("step %d calls tool %q, which the node does not have", i+1, step.Tool)
		}
		t := trial{tool, fmt.Sprint(i + 1), CheckScenario, node.Scenario{Input: step.Input}}
		trials, got = append(trials, t), append(got, c.timed(ctx, t, call))
	}
	return got, trials, nil
}

// lay copies a fixture, a file or a directory, over what is there.
func lay(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == meta.ManifestFile {
				return err
			}
			name, err := filepath.Rel(from, path)
			return errors.Join(err, lay(filepath.Join(to, name), path))
		})
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// standIns returns a directory that holds the mocks of s and nothing else.
func (c *checker) standIns(mocks string, s node.Case, take string) (string, error) {
	dir := filepath.Join(c.dir, s.Name+"-"+take+"-mocks")
	for _, name := range s.Mocks {
		if err := lay(filepath.Join(dir, name), filepath.Join(mocks, name)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// wanted is the observation that an expectation describes.
func wanted(t trial, e node.Expectation, got Observation) (Observation, error) {
	want := Observation{Status: e.Status, Exit: e.Status.ExitStatus()}
	if e.Error != "" {
		want.Error = &Code{Code: fault.Code(e.Error)}
		if got.Error != nil {
			want.Error.Class = got.Error.Class
		}
	}
	if len(e.Output) > 0 && string(e.Output) != "null" {
		canonical, err := canonicalWithout(e.Output, t.tool.Volatile)
		if err != nil {
			return want, ErrCanonical.Wrap(err, "the output of step %s", t.name)
		}
		want.Result = canonical
	}
	for _, f := range e.Files {
		want.Files = append(want.Files, changeSign(f.Change)+" "+f.Name)
		if f.Contents != nil && !t.unsteady(f.Name) {
			if want.Contents == nil {
				want.Contents = map[string]string{}
			}
			want.Contents[f.Name] = *f.Contents
		}
	}
	slices.SortFunc(want.Files, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return want, nil
}

func changeSign(c node.Change) string {
	switch c {
	case node.Added:
		return "+"
	case node.Removed:
		return "-"
	}
	return "~"
}

// Record performs the calls of a scenario and returns it with what they answered
// as the expectation. It performs them twice: a scenario that answers otherwise
// the second time cannot be recorded ([ErrUnsteady]), nor can one with an error
// that the contract does not declare ([ErrUndeclared]): a defect is not what
// anybody expects.
func Record(ctx context.Context, n Node, s node.Case, o *Options) (node.Case, error) {
	r := &runner{o: o.complete(), begin: time.Now(), program: func() string { return "" }}
	var err error
	if r.dir, err = os.MkdirTemp("", "onex-scenario-"); err != nil {
		return s, err
	}
	defer os.RemoveAll(r.dir)
	c := &checker{Node: n, r: r, dir: r.dir}
	if c.read(ctx); c.broken {
		return s, ErrScenario.With("%s: %s", n.Name, c.results[len(c.results)-1].Message)
	}
	first, trials, err := c.perform(ctx, c.Dir, s, "first")
	if err != nil {
		return s, ErrScenario.Wrap(err, "%s", s.Name)
	}
	second, _, err := c.perform(ctx, c.Dir, s, "second")
	if err != nil {
		return s, ErrScenario.Wrap(err, "%s", s.Name)
	}
	s.Steps = slices.Clone(s.Steps)
	for i, o := range first {
		if o.Error != nil && !trials[i].declares(o.Error) || o.err != nil && o.err.Class == fault.Internal {
			return s, ErrUndeclared.With("step %d: %s: %s", i+1, o.Error.Code, o.err.Message)
		}
		if fields := differences(o, second[i]); len(fields) > 0 {
			return s, ErrUnsteady.With("step %d differs in %s\n%s", i+1, join(fields), unified("first time", "second time", o.text(), second[i].text()))
		}
		s.Steps[i].Expect = expectationOf(o)
	}
	return s, nil
}

func expectationOf(o Observation) node.Expectation {
	e := node.Expectation{Status: o.Status, Output: o.Result}
	if o.Error != nil {
		e.Error = string(o.Error.Code)
	}
	for _, f := range o.Files {
		change := node.FileChange{Name: f[2:], Change: map[byte]node.Change{'+': node.Added, '-': node.Removed, '~': node.Written}[f[0]]}
		if text, ok := o.Contents[change.Name]; ok {
			change.Contents = &text
		}
		e.Files = append(e.Files, change)
	}
	return e
}
