package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/omninode-ai/onex/node"
)

// A Change is one difference between two versions of a contract, seen by those
// who relied on the old one.
type Change struct {
	Tool     node.ToolName `json:"tool"`
	At       string        `json:"at"` // JSON Pointer into the tool; empty for the tool itself
	Category Category      `json:"category"`
	Breaking bool          `json:"breaking"`
	Text     string        `json:"text"`
}

// A Category says what a change is about.
type Category string

// The categories.
const (
	InTools       Category = "tools"
	InInput       Category = "input"  // a caller sends it: what was accepted must be accepted
	InOutput      Category = "output" // a caller reads it: nothing else than before may come
	InErrors      Category = "errors"
	InEffects     Category = "effects"
	InIdempotency Category = "idempotency" // what a caller may repeat
	InBehavior    Category = "behavior"    // volatile parts, answers to examples
)

func categories() []Category {
	return []Category{InTools, InInput, InOutput, InErrors, InEffects, InIdempotency, InBehavior}
}

// Values returns all categories as text, for schemas.
func (Category) Values() []string {
	var all []string
	for _, c := range categories() {
		all = append(all, string(c))
	}
	return all
}

// Breaking compares two contracts of one node. It returns what a caller could
// notice, sorted by tool and place; descriptions and the like are left out.
//
// It is directional and errs on the side of caution. An input may be widened and
// an output narrowed; a change whose direction cannot be told is breaking, and so
// is any change of a keyword that is not known here. Names that an open object
// does not declare carry no promise: to begin to declare one, without requiring
// it, is no break; to stop declaring one is. A new error is none, because callers decide by the class of errors they do
// not know; a new effect is one, because policies allow tools by their effects.
func Breaking(before, after node.Contract) ([]Change, error) {
	var d contractDiff
	for _, was := range before.Tools {
		is, ok := after.Tool(was.Name)
		if !ok {
			d.add(was.Name, "", InTools, true, "the tool is gone")
			continue
		}
		if err := d.tool(was, is); err != nil {
			return nil, err
		}
	}
	for _, is := range after.Tools {
		if _, ok := before.Tool(is.Name); !ok {
			d.add(is.Name, "", InTools, false, "the tool is new")
		}
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.At, b.At))
	})
	return d.changes, nil
}

type contractDiff struct{ changes []Change }

func (d *contractDiff) add(t node.ToolName, at string, c Category, breaking bool, format string, args ...any) {
	d.changes = append(d.changes, Change{t, at, c, breaking, fmt.Sprintf(format, args...)})
}

func (d *contractDiff) tool(was, is node.Tool) error {
	for _, side := range []struct {
		category Category
		at       string
		was, is  json.RawMessage
		bad      direction
	}{
		{InInput, "/input", was.Input, is.Input, narrower},
		{InOutput, "/output", was.Output, is.Output, wider},
	} {
		differences, err := compareSchemas(side.was, side.is)
		if err != nil {
			return err
		}
		for _, c := range differences {
			breaking := c.direction == side.bad || c.direction == unclear
			d.add(was.Name, side.at+c.at, side.category, breaking, "%s", c.text)
		}
	}
	d.errors(was, is)
	d.effects(was, is)
	d.behavior(was, is)
	return nil
}

func (d *contractDiff) errors(was, is node.Tool) {
	old := map[string]node.ToolError{}
	for _, e := range was.Errors {
		old[e.Code] = e
	}
	for _, e := range is.Errors {
		before, known := old[e.Code]
		delete(old, e.Code)
		switch {
		case !known:
			d.add(was.Name, "/errors/"+e.Code, InErrors, false, "the error is new")
		case before.ExitStatus != e.ExitStatus:
			d.add(was.Name, "/errors/"+e.Code, InErrors, true, "its exit status was %d and is %d", before.ExitStatus, e.ExitStatus)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(old)) {
		d.add(was.Name, "/errors/"+code, InErrors, false, "the error is gone")
	}
}

func (d *contractDiff) effects(was, is node.Tool) {
	for _, e := range is.Effects {
		if !slices.Contains(was.Effects, e) {
			d.add(was.Name, "/effects", InEffects, true, "%s is new", e)
		}
	}
	for _, e := range was.Effects {
		if !slices.Contains(is.Effects, e) {
			d.add(was.Name, "/effects", InEffects, false, "%s is gone", e)
		}
	}
}

// strength orders what repeating a call may do, the worst first.
func strength(i node.Idempotency) int {
	return slices.Index([]node.Idempotency{node.None, node.Keyed, node.Pure}, cmp.Or(i, node.None))
}

func (d *contractDiff) behavior(was, is node.Tool) {
	if a, b := strength(was.Idempotency), strength(is.Idempotency); a != b {
		d.add(was.Name, "/idempotency", InIdempotency, b < a, "it was %s and is %s", cmp.Or(was.Idempotency, node.None), cmp.Or(is.Idempotency, node.None))
	}
	d.volatile(was.Name, "/volatile", was.Volatile, is.Volatile)
	d.volatile(was.Name, "/volatile_files", was.VolatileFiles, is.VolatileFiles)
	for _, x := range was.Examples {
		for _, y := range is.Examples {
			if canonicalText(x.Input) == canonicalText(y.Input) && answerOf(x) != answerOf(y) {
				d.add(was.Name, "/examples/"+cmp.Or(y.Name, x.Name), InBehavior, true, "the same input has another answer")
			}
		}
	}
}

func (d *contractDiff) volatile(tool node.ToolName, at string, was, is []string) {
	for _, p := range is {
		if !slices.Contains(was, p) {
			d.add(tool, at, InBehavior, true, "%q may now differ from call to call", p)
		}
	}
	for _, p := range was {
		if !slices.Contains(is, p) {
			d.add(tool, at, InBehavior, false, "%q does not differ from call to call any more", p)
		}
	}
}

func answerOf(s node.Scenario) string {
	return fmt.Sprint(s.Status, s.Error, canonicalText(s.Output))
}

// canonicalText returns the canonical form of raw, or raw itself when it has
// none.
func canonicalText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	c, err := Canonical(raw)
	if err != nil {
		return string(raw)
	}
	return string(c)
}

// A Step is how far a version must rise.
type Step string

// The steps, smallest first.
const (
	Patch Step = "patch" // nothing that a caller could notice
	Minor Step = "minor"
	Major Step = "major" // something breaks
)

// Values returns all steps as text, for schemas.
func (Step) Values() []string { return []string{string(Patch), string(Minor), string(Major)} }

// StepOf returns the step that changes ask for.
func StepOf(changes []Change) Step {
	step := Patch
	for _, c := range changes {
		if c.Breaking {
			return Major
		}
		step = Minor
	}
	return step
}

// A CategoryStep is what the changes of one category ask for.
type CategoryStep struct {
	Category Category `json:"category"`
	Step     Step     `json:"step"`
	Changes  int      `json:"changes"`
}

// ByCategory sums up changes. Categories in which nothing changed are left out.
func ByCategory(changes []Change) []CategoryStep {
	all := []CategoryStep{}
	for _, category := range categories() {
		own := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Category != category })
		if len(own) > 0 {
			all = append(all, CategoryStep{category, StepOf(own), len(own)})
		}
	}
	return all
}
