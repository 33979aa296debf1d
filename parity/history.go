package parity

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/omninode-ai/onex/node"
)

// maxHistory bounds how many runs are read; years of runs in CI.
const maxHistory = 100_000

// An Entry is one line of the history of a project: the sum of a report.
type Entry struct {
	Time     time.Time   `json:"completed_at"`
	Status   node.Result `json:"status"`
	Nodes    int         `json:"total_nodes"`
	Passed   int         `json:"passed"`
	Warned   int         `json:"warned"`
	Failed   int         `json:"failed"`
	Accepted int         `json:"accepted"`
	Calls    int         `json:"executed"`
	Duration float64     `json:"total_execution_time_ms"`
	Failing  []string    `json:"failing"` // the nodes that failed, by name
}

// Entry returns the line of the history that r makes.
func (r Report) Entry() Entry {
	run := Entry{
		Time: r.Time, Status: r.Status, Nodes: r.Summary.Nodes, Passed: r.Summary.Passed, Warned: r.Summary.Warned, Failed: r.Summary.Failed,
		Accepted: r.Summary.Accepted, Calls: r.Summary.Executed, Duration: r.Duration, Failing: []string{},
	}
	for _, n := range r.Nodes {
		if n.Failed > 0 {
			run.Failing = append(run.Failing, n.Name)
		}
	}
	return run
}

// Append adds a run to the history in a file: a line of JSON, written at once, so
// that two runs at the same time do not mix.
func (run Entry) Append(file string) (err error) {
	line, err := json.Marshal(run)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(append(line, '\n'))
	return err
}

// ReadHistory returns the runs of a history, oldest first. A last line that was
// cut off is left out; any other that cannot be read is an error.
func ReadHistory(r io.Reader) ([]Entry, error) {
	var all []Entry
	lines := bufio.NewReader(r)
	for n := 1; n <= maxHistory; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			if errors.Is(err, io.EOF) {
				return all, nil
			}
			return all, err
		}
		var run Entry
		if err := json.Unmarshal([]byte(line), &run); err != nil {
			return all, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, run)
	}
	return all, nil
}

// Trend says what became of the nodes between the last two runs of a history, and
// how the last ones went.
func Trend(all []Entry) string {
	if len(all) == 0 {
		return "no runs yet\n"
	}
	const shown = 10
	var b strings.Builder
	for _, run := range all[max(0, len(all)-shown):] {
		fmt.Fprintf(&b, "%s  %-7s  %4d passed  %3d failed  %3d warnings  %d nodes  %.1f s\n",
			run.Time.Format(time.RFC3339), run.Status, run.Passed, run.Failed, run.Warned, run.Nodes, run.Duration/1000)
	}
	last := all[len(all)-1]
	if len(all) > 1 {
		before := all[len(all)-2]
		for _, name := range last.Failing {
			if !slices.Contains(before.Failing, name) {
				fmt.Fprintf(&b, "regression: %s failed, and did not before\n", name)
			}
		}
		for _, name := range before.Failing {
			if !slices.Contains(last.Failing, name) {
				fmt.Fprintf(&b, "mended: %s\n", name)
			}
		}
	}
	return b.String()
}
