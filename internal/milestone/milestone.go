// Package milestone reads docs/milestone-1.yaml: every line of the milestone 1
// checklist, what became of it, and what proves it.
//
// The checklist itself is not in this repository. The file says how many lines
// it has and which of them carry no item, so that nothing can be left out
// unnoticed: [Checklist.Validate] wants each line exactly once.
package milestone

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A State is what became of an item. The set is closed.
type State string

// The states of an item.
const (
	Open      State = "open"              // not yet, or not yet proved
	Done      State = "done"              // the proofs show it
	Otherwise State = "decided otherwise" // Why says what is done instead
	NotOurs   State = "not ours"          // Why says whose it is, or what it was
)

// States returns all states, in the order of the completion report.
func States() []State { return []State{Done, Otherwise, NotOurs, Open} }

// A Checklist is the whole file.
type Checklist struct {
	Title    string    `yaml:"title"`
	Lines    int       `yaml:"lines"`   // how many lines the checklist has
	NoItem   []Blank   `yaml:"no_item"` // the lines that carry no item
	Sections []Section `yaml:"sections"`
}

// A Blank is a range of lines that ask for nothing.
type Blank struct {
	Lines Range  `yaml:"lines"`
	What  string `yaml:"what"`
}

// A Range is one line or several: "7" or "7-9".
type Range struct{ First, Last int }

// UnmarshalYAML reads "7" or "7-9".
func (r *Range) UnmarshalYAML(n *yaml.Node) error {
	first, last, several := strings.Cut(n.Value, "-")
	if !several {
		last = first
	}
	var err1, err2 error
	r.First, err1 = strconv.Atoi(first)
	r.Last, err2 = strconv.Atoi(last)
	if err := errors.Join(err1, err2); err != nil || r.First < 1 || r.Last < r.First {
		return fmt.Errorf("line %d: %q is not a line or a range of lines", n.Line, n.Value)
	}
	return nil
}

// A Section is one headed part of the checklist.
type Section struct {
	Title string `yaml:"title"`
	Items []Item `yaml:"items"`
}

// An Item is one thing asked for. Lines that ask for the same thing share one.
type Item struct {
	Lines []int    `yaml:"lines,flow"`
	Text  string   `yaml:"text"`
	State State    `yaml:"state"`
	Go    string   `yaml:"go,omitempty"`    // what it is in Go
	Why   string   `yaml:"why,omitempty"`   // why it is decided otherwise or not ours
	Proof []string `yaml:"proof,omitempty"` // tests ("bus.TestOrder") or scripts ("cmd/onex/testdata/script/up.txtar")
}

// Parse reads a checklist strictly and validates it.
func Parse(data []byte) (*Checklist, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var c Checklist
	if err := dec.Decode(&c); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	return &c, c.Validate()
}

// Items returns the items of all sections.
func (c *Checklist) Items() []Item {
	var all []Item
	for _, s := range c.Sections {
		all = append(all, s.Items...)
	}
	return all
}

// Count returns how many items are in each state.
func (c *Checklist) Count() map[State]int {
	count := map[State]int{}
	for _, item := range c.Items() {
		count[item.State]++
	}
	return count
}

// Validate lists every line that is named twice, not at all, or beyond the end,
// and every item that lacks what its state calls for.
func (c *Checklist) Validate() error {
	var errs []error
	named := make([]int, c.Lines+1)
	name := func(line int) {
		if line < 1 || line > c.Lines {
			errs = append(errs, fmt.Errorf("line %d of %d", line, c.Lines))
			return
		}
		named[line]++
	}
	for _, b := range c.NoItem {
		for line := b.Lines.First; line <= b.Lines.Last; line++ {
			name(line)
		}
	}
	for _, item := range c.Items() {
		errs = append(errs, item.validate())
		for _, line := range item.Lines {
			name(line)
		}
	}
	for line := 1; line <= c.Lines; line++ {
		if named[line] != 1 {
			errs = append(errs, fmt.Errorf("line %d is named %d times", line, named[line]))
		}
	}
	return errors.Join(errs...)
}

func (i Item) validate() error {
	fail := func(text string) error { return fmt.Errorf("item at lines %v: %s", i.Lines, text) }
	switch {
	case len(i.Lines) == 0:
		return fmt.Errorf("item %q has no lines", i.Text)
	case i.Text == "":
		return fail("no text")
	case !slices.Contains(States(), i.State):
		return fail(fmt.Sprintf("state %q is none of %q", i.State, States()))
	case i.State == Done && len(i.Proof) == 0:
		return fail("done without a proof")
	case (i.State == Otherwise || i.State == NotOurs) && i.Why == "":
		return fail(string(i.State) + " without a why")
	}
	return nil
}
