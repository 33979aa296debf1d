package parity

import (
	"context"
	"errors"
	"os"
	"path"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/host"
)

// Run checks nodes. What is wrong with them is in the report; the error is about
// the run itself: [ErrNoNodes], [ErrNoMatch], [ErrFilter], [ErrOptions], or
// [ErrInterrupted] when ctx ended, together with what was found until then.
//
// Nodes are checked side by side, the paths of one node one after the other. All
// that Run starts has ended when it returns, and its scratch directory is gone.
func Run(ctx context.Context, nodes []Node, o *Options) (_ Report, err error) {
	r := &runner{o: o.complete(), begin: time.Now()}
	r.program = sync.OnceValue(r.hash)
	r.report.Version = ReportVersion
	if len(nodes) == 0 {
		return r.end(ErrNoNodes)
	}
	if err := r.uniqueBuses(); err != nil {
		return r.end(err)
	}
	if r.report.Paths, err = r.paths(); err != nil {
		return r.end(err)
	}
	if nodes, err = selected(nodes, r.o.Filters); err != nil {
		return r.end(err)
	}
	if r.dir, err = os.MkdirTemp("", "onex-parity-"); err != nil {
		return r.end(err)
	}
	defer os.RemoveAll(r.dir)
	defer func() { err = errors.Join(err, r.closeStages()) }()
	for _, t := range r.o.Buses {
		ways := r.ways(t)
		if len(ways) == 0 {
			continue
		}
		s, err := r.open(ctx, t)
		if err != nil {
			return r.end(err)
		}
		s.ways = ways
		r.stages = append(r.stages, s)
	}
	r.checkAll(ctx, nodes)
	switch {
	case ctx.Err() != nil:
		return r.end(ErrInterrupted.Wrap(ctx.Err(), "after %d checks", len(r.report.Results)))
	case r.o.Example != "" && r.report.Summary.Executed == 0 && !r.stopped.Load():
		return r.end(ErrNoMatch.With("no node has the example %q", r.o.Example))
	}
	return r.end(nil)
}

// A runner is one run.
type runner struct {
	o       Options
	begin   time.Time
	dir     string // scratch
	stages  []*stage
	program func() string // hash of the program that nodes in Go are part of
	replay  bool          // scenarios, and not examples
	stopped atomic.Bool   // by the first failure

	mu     sync.Mutex
	report Report
}

// end completes the report.
func (r *runner) end(err error) (Report, error) {
	r.report.Stopped = r.stopped.Load() || errors.Is(err, ErrInterrupted)
	r.report.Duration = ms(time.Since(r.begin))
	r.report.Time = time.Now().UTC().Truncate(time.Second)
	r.report.conclude()
	return r.report, err
}

// hash returns the hash of the command line's program; empty when there is none.
func (r *runner) hash() string {
	if len(r.o.CLI) == 0 {
		return ""
	}
	sum, err := host.FileHash(r.o.CLI[0])
	if err != nil {
		return ""
	}
	return sum
}

func (r *runner) uniqueBuses() error {
	seen := []string{string(Direct), string(CLI)}
	for _, t := range r.o.Buses {
		if t.Name == "" || slices.Contains(seen, t.Name) {
			return ErrOptions.With("a bus has the name %q, which is empty or taken", t.Name)
		}
		seen = append(seen, t.Name)
	}
	return nil
}

// selected returns the nodes that a filter names.
func selected(nodes []Node, filters []string) ([]Node, error) {
	if len(filters) == 0 {
		return nodes, nil
	}
	var out []Node
	used := make([]bool, len(filters))
	for _, n := range nodes {
		chosen := false
		for i, f := range filters {
			match, err := path.Match(f, path.Base(n.Name))
			if err != nil {
				return nil, ErrFilter.Wrap(err, "%q", f)
			}
			if match || f == n.Name {
				used[i], chosen = true, true
			}
		}
		if chosen {
			out = append(out, n)
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, ErrNoMatch.With("%q", filters[i])
	}
	return out, nil
}

// checkAll checks nodes, some at once, and keeps their order in the report.
func (r *runner) checkAll(ctx context.Context, nodes []Node) {
	checkers := make([]*checker, len(nodes))
	for i, n := range nodes {
		checkers[i] = &checker{Node: n, r: r, dir: r.dir + "/" + strconv.Itoa(i)}
		checkers[i].read(ctx)
	}
	if r.replay {
		for _, c := range checkers {
			c.results = slices.DeleteFunc(c.results, func(x Result) bool { return x.Verdict != Fail })
		}
	} else {
		identities(checkers)
		homogeneous(checkers)
	}
	var all sync.WaitGroup
	turns := make(chan struct{}, r.o.Parallel)
	for _, c := range checkers {
		turns <- struct{}{}
		if r.halted(ctx) {
			break
		}
		all.Go(func() {
			defer func() { <-turns }()
			c.check(ctx)
			r.done(c)
		})
	}
	all.Wait()
	for _, c := range checkers {
		r.report.Nodes = append(r.report.Nodes, c.subject())
		for _, result := range c.results {
			result.Version = c.manifest.Version // a node in Go tells it when it runs
			r.report.Results = append(r.report.Results, result)
		}
		r.report.Summary.Executed += c.executed
	}
}

func (r *runner) done(c *checker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.o.Done(c.subject())
}

// halted reports whether nothing more is to be begun.
func (r *runner) halted(ctx context.Context) bool { return r.stopped.Load() || ctx.Err() != nil }

func (r *runner) closeStages() error {
	var errs []error
	for _, s := range r.stages {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
