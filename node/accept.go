package node

import (
	"path"
	"strings"
)

// AcceptFile is the name of the file, beside the contract, that lists differences
// between paths that are known and accepted.
const AcceptFile = "parity.yaml"

// An Acceptance says that an example may answer otherwise on a path, in what, and
// why that is right.
type Acceptance struct {
	Example string   // tool/example
	Path    string   // pattern of paths, as zmq*
	Differs []string // parts of an answer: status, result, error, exit_status, files, contents, events
	Reason  string   // for the next reader; required
}

// ParseAcceptances reads a parity.yaml. It reports every problem in one
// [ErrAccept], by line and column.
func ParseAcceptances(data []byte) ([]Acceptance, error) {
	var d decoder
	v, problems := fromYAML(data)
	d.problems = problems
	var all []Acceptance
	if len(problems) == 0 {
		d.object(v, field{key: "accept", required: true, read: func(v *value) {
			d.each(v, func(item *value) { all = append(all, d.acceptance(item)) })
		}})
	}
	if err := d.err(ErrAccept, AcceptFile); err != nil {
		return nil, err
	}
	return all, nil
}

func (d *decoder) acceptance(v *value) Acceptance {
	var a Acceptance
	d.object(v,
		field{key: "example", required: true, read: func(v *value) { a.Example = d.text(v) }},
		field{key: "path", required: true, read: func(v *value) {
			a.Path = d.form(v, func(s string) string {
				if _, err := path.Match(s, ""); err != nil || s == "" {
					return quote(s) + " is not a pattern of paths, as zmq*"
				}
				return ""
			})
		}},
		field{key: "differs", required: true, read: func(v *value) {
			a.Differs = words(d, v, []string{"status", "result", "error", "exit_status", "files", "contents", "events"})
		}},
		field{key: "reason", required: true, read: func(v *value) {
			a.Reason = d.form(v, func(s string) string {
				if strings.TrimSpace(s) == "" {
					return "a reason is needed: why is it right that the answers differ?"
				}
				return ""
			})
		}},
	)
	return a
}
