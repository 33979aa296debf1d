package lint

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/tree"
)

// MaxBytes is how much a run reads at most, over all files: rules compare files, so
// they are held in memory. The Go distribution has 100 MB of source.
const MaxBytes = 1 << 30

// Options says what to look at. The zero value looks at the whole root.
type Options struct {
	// Paths are files and directories below the root, with slashes; none means all.
	// Rules about the whole project look at all of it, and report what they find here.
	Paths []string

	// Only and Skip are ids or names of rules, over those of the configuration.
	Only, Skip []string

	// Config is what the project says.
	Config Config

	// NoGit lists files without git even in a work tree.
	NoGit bool
}

// A Skipped is a file that rules did not look into, and why: all rules, or, when it is no
// valid Go, those that read it as such.
type Skipped struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	Partly bool   `json:"partly,omitempty"` // the other rules did
}

// A Report is what a run found.
type Report struct {
	Set      Set          `json:"set"`
	Rules    []string     `json:"rules"`    // ids of those that ran
	Files    int          `json:"files"`    // that a rule looked at
	Findings []Diagnostic `json:"findings"` // by path, line, column and rule
	Excused  int          `json:"excused"`  // findings that have an excuse with a reason
	Idle     []string     `json:"idle"`     // rules that had no file to look at
	Skipped  []Skipped    `json:"skipped,omitempty"`

	// PassedOver are files that Options.Paths names and no rule that ran looks at.
	PassedOver []string `json:"passed_over,omitempty"`

	seen map[string][]byte // of files with fixes: what was looked at
}

// Failed reports whether the run found more than notes.
func (r *Report) Failed() bool {
	return slices.ContainsFunc(r.Findings, func(d Diagnostic) bool { return d.Level != Note })
}

// Fixable returns how many findings have a fix.
func (r *Report) Fixable() int {
	n := 0
	for _, d := range r.Findings {
		if d.Fix != nil {
			n++
		}
	}
	return n
}

// Run applies the rules to the files of root. See the package comment for what it
// guarantees. The error is one of this package, or that of package tree or a rule.
func Run(ctx context.Context, root *os.Root, rules []*Rule, o *Options) (Report, error) {
	r := runner{ctx: ctx, root: root}
	if o != nil {
		r.o = *o
	}
	r.o.Config = r.o.Config.orDefault()
	if err := Validate(rules); err != nil {
		return Report{}, err
	}
	var err error
	if r.rules, err = choose(rules, r.set(), r.o); err != nil {
		return Report{}, err
	}
	if err := r.read(); err != nil {
		return Report{}, err
	}
	found, err := r.apply()
	if err != nil {
		return Report{}, err
	}
	return r.report(found)
}

// choose returns the rules that are to run.
func choose(rules []*Rule, set Set, o Options) ([]*Rule, error) {
	only, skip := o.Only, slices.Concat(o.Skip, o.Config.Skip)
	if len(only) == 0 {
		only = o.Config.Only
	}
	for _, name := range slices.Concat(only, skip) {
		if _, ok := Find(slices.Concat(rules, Own()), name); !ok {
			return nil, ErrNoRule.With("%q", name)
		}
	}
	named := func(r *Rule, names []string) bool { return slices.ContainsFunc(names, r.called) }
	var chosen []*Rule
	for _, r := range rules {
		inSet := r.Set == Default || set == Onex
		if (len(only) == 0 && inSet || named(r, only)) && (!named(r, skip) || named(r, o.Only)) {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) == 0 {
		return nil, ErrNothing.With("no rule is left of %d", len(rules))
	}
	return chosen, nil
}

type runner struct {
	ctx     context.Context
	root    *os.Root
	o       Options
	rules   []*Rule
	project *Project
	skipped []Skipped
	passed  []string // files that were named and that no rule looks at
	idle    []string // rules that said so
}

// set returns the set of rules that the project keeps.
func (r *runner) set() Set {
	if r.o.Config.Set != "" {
		return r.o.Config.Set
	}
	for _, name := range []string{"onex.yaml", "project.onex.yaml"} {
		if _, err := r.root.Lstat(name); err == nil {
			return Onex
		}
	}
	return Default
}

// read reads the files that a rule looks at.
func (r *runner) read() error {
	listed, _, err := tree.List(r.ctx, r.root, &tree.Options{Exclude: r.o.Config.Exclude, Tool: "lint", NoGit: r.o.NoGit})
	if err != nil {
		return err
	}
	if err := r.present(listed); err != nil {
		return err
	}
	reader, err := atomicfile.NewReader(r.root, tree.MaxSize)
	if err != nil {
		return ErrRead.Wrap(err, "%s", r.root.Name())
	}
	defer reader.Close()
	var files []*File
	total := 0
	for _, f := range listed {
		if !slices.ContainsFunc(r.rules, func(rule *Rule) bool { return r.looks(rule, f.Path) }) {
			if r.named(f.Path) {
				r.passed = append(r.passed, f.Path)
			}
			continue
		}
		data, _, err := reader.Read(f.Path)
		if err != nil {
			r.skipped = append(r.skipped, Skipped{Path: f.Path, Reason: err.Error()})
			continue
		}
		if total += len(data); total > MaxBytes {
			return ErrRead.With("%s has more than %d bytes to look at", r.root.Name(), MaxBytes).
				Hinted("leave files out by exclude under lint in onex.yaml")
		}
		files = append(files, newFile(f.Path, slices.Clone(data)))
	}
	r.project = newProject(files, r.o.Config)
	if !slices.ContainsFunc(files, func(f *File) bool { return r.selected(f.Path) }) {
		return ErrNothing.With("none of %d files is one that %d rule(s) look at", len(listed), len(r.rules))
	}
	return nil
}

// present refuses paths that name nothing.
func (r *runner) present(listed []tree.File) error {
	for _, p := range r.o.Paths {
		p = path.Clean(p)
		if p != "." && !slices.ContainsFunc(listed, func(f tree.File) bool { return f.Path == p || strings.HasPrefix(f.Path, p+"/") }) {
			return ErrNothing.With("%s names no file of the project; ignored ones are not looked at", p)
		}
	}
	return nil
}

// named reports whether a person named the file itself, not only its directory.
func (r *runner) named(name string) bool {
	return slices.ContainsFunc(r.o.Paths, func(p string) bool { return path.Clean(p) == name })
}

// selected reports whether findings in the file are wanted.
func (r *runner) selected(name string) bool {
	return len(r.o.Paths) == 0 || slices.ContainsFunc(r.o.Paths, func(p string) bool {
		p = path.Clean(p)
		return p == "." || name == p || strings.HasPrefix(name, p+"/")
	})
}

// looks reports whether the rule looks at the file. Of what is not the project's
// own code it sees only what was named.
func (r *runner) looks(rule *Rule, name string) bool {
	if !rule.wants(name) {
		return false
	}
	if rule.Everything || !foreign(name) {
		return true
	}
	return slices.ContainsFunc(r.o.Paths, func(p string) bool {
		p = path.Clean(p)
		return foreign(p+"/") && (name == p || strings.HasPrefix(name, p+"/"))
	})
}

// Foreign returns the names of directories whose files are not code of the project
// itself, but test data or other people's, or plugins: the source of a rule contains
// what it looks for.
func Foreign() []string {
	return []string{"testdata", ".onex", "vendor", "_vendor", "vendored", "third_party", "node_modules", "site-packages"}
}

func foreign(name string) bool {
	dirs := strings.Split(name, "/")
	return slices.ContainsFunc(dirs[:len(dirs)-1], func(dir string) bool { return slices.Contains(Foreign(), dir) })
}

// apply runs every rule, and returns what they found.
func (r *runner) apply() ([]Diagnostic, error) {
	tasks := r.tasks()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(tasks)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(tasks) && r.ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				tasks[i].run()
			}
		})
	}
	wg.Wait()
	var found []Diagnostic
	for _, t := range tasks {
		if len(t.errors) > 0 {
			return nil, fmt.Errorf("rule %s: %w", t.Rule.ID, t.errors[0])
		}
		found = append(found, t.found...)
		if t.idle {
			r.idle = append(r.idle, t.Rule.ID)
		}
	}
	return found, r.ctx.Err()
}

// tasks returns what is to be done, the longest first: rules that look at the
// whole project.
func (r *runner) tasks() []*Pass {
	var whole, single []*Pass
	for _, rule := range r.rules {
		var files []*File
		for _, f := range r.project.Files {
			if r.looks(rule, f.Path) {
				files = append(files, f)
			}
		}
		if rule.Project != nil {
			if len(files) > 0 {
				whole = append(whole, &Pass{Rule: rule, Files: files, Project: r.project})
			}
			continue
		}
		for _, f := range files {
			if r.selected(f.Path) {
				single = append(single, &Pass{Rule: rule, File: f, Project: r.project})
			}
		}
	}
	return append(whole, single...)
}

// run calls the rule. One that panics has a mistake of its own, which must not hide
// what others find.
func (p *Pass) run() {
	defer func() {
		if v := recover(); v != nil {
			where := "the project"
			if p.File != nil {
				where = p.File.Path
			}
			p.Fail(ErrRule.With("%s panicked at %s: %v", p.Rule.ID, where, v))
		}
	}()
	if p.Rule.Project != nil {
		p.Rule.Project(p)
		return
	}
	p.Rule.File(p)
}

// report excuses, sorts and counts.
func (r *runner) report(found []Diagnostic) (Report, error) {
	report := Report{Set: r.set(), Findings: []Diagnostic{}, Idle: []string{}, Rules: []string{}, Skipped: r.skipped,
		PassedOver: r.passed, seen: map[string][]byte{}}
	for _, rule := range r.rules {
		report.Rules = append(report.Rules, rule.ID)
		if slices.Contains(r.idle, rule.ID) || !slices.ContainsFunc(r.project.Files, func(f *File) bool { return r.looks(rule, f.Path) }) {
			report.Idle = append(report.Idle, rule.ID)
		}
	}
	left, err := r.excuse(found)
	if err != nil {
		return Report{}, err
	}
	report.Excused = len(found)
	for _, d := range left {
		if !isOwn(d.Rule) {
			report.Excused--
		}
		if !r.selected(d.Path) && d.Path != r.o.Config.Exceptions {
			continue
		}
		report.Findings = append(report.Findings, d)
		if f, ok := r.project.Lookup(d.Path); ok && d.Fix != nil {
			report.seen[d.Path] = f.Data
		}
	}
	for _, f := range r.project.Files {
		if !r.selected(f.Path) {
			continue
		}
		report.Files++
		if !f.asGo.Load() || foreign(f.Path) {
			continue
		}
		if _, err := f.golang(); err != nil {
			report.Skipped = append(report.Skipped, Skipped{Path: f.Path, Reason: "it is no valid Go: " + err.Error(), Partly: true})
		}
	}
	sortFindings(report.Findings)
	report.Findings = slices.CompactFunc(report.Findings, same)
	return report, nil
}

func sortFindings(found []Diagnostic) {
	slices.SortStableFunc(found, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
}

// same reports whether two findings say one thing: a rule may come to a place twice.
func same(a, b Diagnostic) bool {
	return a.Rule == b.Rule && a.Line > 0 && a.Position() == b.Position() && a.Message == b.Message
}
