package parity

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// An Observation is one answer, as it is compared.
type Observation struct {
	Status node.Result     `json:"status"`
	Result json.RawMessage `json:"result"` // canonical, without what is volatile
	Error  *Code           `json:"error"`
	Exit   int             `json:"exit_status"` // of the process; elsewhere the one that stands for the status
	Files  []string        `json:"files"`       // changed by the call, as in "+ name", "- name" and "~ name"
	Events []string        `json:"events"`      // beyond or short of those that a call has; none where there is no bus

	// Contents are those of the files that were added or written: the text of a
	// small one, else a hash. What is declared volatile is left out.
	Contents map[string]string `json:"contents,omitempty"`

	err         *fault.Report // the whole error, for people
	answer      event.Kind    // that carries the answer on a bus
	correlation event.ID      // of the call; on a bus only
}

// A Code is what programs read of an error.
type Code struct {
	Code  fault.Code  `json:"code"`
	Class fault.Class `json:"class,omitempty"` // examples do not state it
}

// A Field is a part of an observation.
type Field string

// The fields.
const (
	FieldStatus   Field = "status"
	FieldResult   Field = "result"
	FieldError    Field = "error"
	FieldExit     Field = "exit_status"
	FieldFiles    Field = "files"
	FieldContents Field = "contents"
	FieldEvents   Field = "events"
)

// observe makes an observation of an answer. A result that has no canonical form
// is an [ErrCanonical].
func observe(t trial, status node.Result, result json.RawMessage, report *fault.Report) Observation {
	o := Observation{Status: status, Exit: status.ExitStatus(), err: report}
	if report != nil {
		o.Error = &Code{report.Code, report.Class}
	}
	if string(bytes.TrimSpace(result)) == "null" {
		result = nil // a result that is not there
	}
	if len(result) == 0 {
		return o
	}
	canonical, err := canonicalWithout(result, t.tool.Volatile)
	if err != nil {
		return defect(ErrCanonical.Wrap(err, "tool %q", t.tool.Name))
	}
	o.Result = canonical
	return o
}

// defect is the observation of a path that gave no answer.
func defect(err error) Observation {
	r := fault.ReportOf(err)
	return Observation{Status: node.Failed, Exit: node.Failed.ExitStatus(), Error: &Code{r.Code, r.Class}, err: &r}
}

// differences returns the fields in which a and b differ.
func differences(a, b Observation) []Field {
	var fields []Field
	differ := func(f Field, yes bool) {
		if yes {
			fields = append(fields, f)
		}
	}
	differ(FieldStatus, a.Status != b.Status)
	differ(FieldResult, !bytes.Equal(a.Result, b.Result))
	differ(FieldError, (a.Error == nil) != (b.Error == nil) || a.Error != nil && *a.Error != *b.Error)
	differ(FieldExit, a.Exit != b.Exit)
	differ(FieldFiles, strings.Join(a.Files, "\n") != strings.Join(b.Files, "\n"))
	differ(FieldContents, !maps.Equal(a.Contents, b.Contents))
	differ(FieldEvents, strings.Join(a.Events, "\n") != strings.Join(b.Events, "\n"))
	return fields
}

// text renders o for a diff: JSON, indented, keys in order.
func (o Observation) text() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(o); err != nil {
		return err.Error() + "\n"
	}
	return b.String()
}

// canonicalWithout returns the canonical form of raw without the values at the
// given JSON Pointers (RFC 6901). A pointer to nothing removes nothing.
func canonicalWithout(raw json.RawMessage, pointers []string) (json.RawMessage, error) {
	canonical, err := node.Canonical(raw)
	if err != nil || len(pointers) == 0 {
		return canonical, err
	}
	decoder := json.NewDecoder(bytes.NewReader(canonical))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	for _, p := range pointers {
		v = without(v, strings.Split(p, "/")[1:])
	}
	if canonical, err = json.Marshal(v); err != nil {
		return nil, err
	}
	return node.Canonical(canonical)
}

// without returns v without what path leads to; the step * leads to every
// element and member. Removed elements of lists leave null behind, so that other
// pointers keep their meaning.
func without(v any, path []string) any {
	if len(path) == 0 {
		return nil
	}
	step := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			switch {
			case key != step && step != "*":
			case len(path) == 1:
				delete(v, key)
			default:
				v[key] = without(child, path[1:])
			}
		}
	case []any:
		for i, child := range v {
			if step == strconv.Itoa(i) || step == "*" {
				v[i] = without(child, path[1:])
			}
		}
	}
	return v
}
