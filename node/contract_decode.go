package node

import (
	"cmp"
	"path"
	"regexp"
	"slices"

	"github.com/Masterminds/semver/v3"
)

var (
	errorForm   = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,127}$`)
	pointerForm = regexp.MustCompile(`^(/([^~]|~[01])*)?$`)
)

func (d *decoder) contract(v *value) Contract {
	c := Contract{ContractVersion: ContractVersion}
	d.object(v,
		field{key: "contract_version", read: func(v *value) { c.ContractVersion = d.contractVersion(v) }},
		field{key: "node_name", required: true, read: func(v *value) { c.Node = Name(d.name(v)) }},
		field{key: "node_version", read: func(v *value) { c.Version = d.version(v) }},
		field{key: "description", read: func(v *value) { c.Description = d.text(v) }},
		field{key: "tools", required: true, read: func(v *value) { c.Tools = d.tools(v) }},
	)
	return c
}

// contractVersion refuses what this program cannot know: another major version.
func (d *decoder) contractVersion(v *value) string {
	s := d.version(v)
	if got, err := semver.StrictNewVersion(s); err == nil && got.Major() != 1 {
		d.fail(v, "contract_version %s is not readable by this program, which reads 1.x.x", s)
	}
	return s
}

func (d *decoder) tools(v *value) []Tool {
	if v.kind != object {
		d.fail(v, "must be an object of tools by name, is %s", v.what())
		return nil
	}
	if len(v.members) > maxItems {
		d.fail(v, "%d tools are more than the limit of %d", len(v.members), maxItems)
		return nil
	}
	var tools []Tool
	for _, m := range v.members {
		if err := checkName(m.key); err != "" {
			d.failKey(m, "tool name %s %s", quote(m.key), err)
		}
		if slices.ContainsFunc(tools, func(t Tool) bool { return t.Name == ToolName(m.key) }) {
			d.failKey(m, "duplicate key %s", quote(m.key))
		}
		t := d.tool(m.value)
		t.Name = ToolName(m.key)
		tools = append(tools, t)
	}
	return sortedTools(tools)
}

func sortedTools(tools []Tool) []Tool {
	return slices.SortedStableFunc(slices.Values(tools), func(a, b Tool) int { return cmp.Compare(a.Name, b.Name) })
}

func (d *decoder) tool(v *value) Tool {
	t := Tool{}
	d.readTool(v, &t)
	return t
}

// namedTool reads a tool outside a contract, which carries its own name.
func (d *decoder) namedTool(v *value) Tool {
	t := Tool{}
	d.readTool(v, &t, field{key: "name", required: true, read: func(v *value) { t.Name = ToolName(d.name(v)) }})
	return t
}

func (d *decoder) readTool(v *value, t *Tool, more ...field) {
	t.Idempotency = None
	d.object(v, append(more,
		field{key: "description", read: func(v *value) { t.Description = d.text(v) }},
		field{key: "input", required: true, read: func(v *value) { t.Input = d.raw(v) }},
		field{key: "output", required: true, read: func(v *value) { t.Output = d.raw(v) }},
		field{key: "errors", read: func(v *value) { t.Errors = d.toolErrors(v) }},
		field{key: "effects", read: func(v *value) { t.Effects = words(d, v, Effects()) }},
		field{key: "idempotency", read: func(v *value) { t.Idempotency = word(d, v, Idempotencies()) }},
		field{key: "volatile", read: func(v *value) { t.Volatile = d.pointers(v) }},
		field{key: "volatile_files", read: func(v *value) { t.VolatileFiles = d.patterns(v) }},
		field{key: "timeout_ms", read: func(v *value) { t.TimeoutMS = d.milliseconds(v).Milliseconds() }},
		field{key: "examples", read: func(v *value) { t.Examples = d.scenarios(v) }},
	)...)
}

func words[W ~string](d *decoder, v *value, all []W) []W {
	var out []W
	d.each(v, func(item *value) {
		w := word(d, item, all)
		if w != "" && slices.Contains(out, w) {
			d.fail(item, "%s is listed twice", quote(string(w)))
		}
		out = append(out, w)
	})
	return out
}

func (d *decoder) toolErrors(v *value) []ToolError {
	var out []ToolError
	d.each(v, func(item *value) {
		e := d.toolError(item)
		for _, other := range out {
			switch {
			case e.Code == "":
			case other.Code == e.Code:
				d.fail(item, "error code %s is listed twice", quote(e.Code))
			case other.ExitStatus == e.ExitStatus && e.ExitStatus != 0:
				d.fail(item, "exit status %d stands for %s already", e.ExitStatus, other.Code)
			}
		}
		out = append(out, e)
	})
	return out
}

func (d *decoder) toolError(v *value) ToolError {
	const maxExit = 255 // POSIX keeps eight bits
	var e ToolError
	d.object(v,
		field{key: "code", required: true, read: func(v *value) { e.Code = d.errorCode(v) }},
		field{key: "description", read: func(v *value) { e.Description = d.text(v) }},
		field{key: "exit_status", read: func(v *value) { e.ExitStatus = int(d.integer(v, maxExit)) }},
	)
	return e
}

func (d *decoder) errorCode(v *value) string {
	return d.form(v, func(s string) string {
		if !errorForm.MatchString(s) {
			return "error code " + quote(s) + " must be upper-case letters, digits and underscores, beginning with a letter, at most 128"
		}
		return ""
	})
}

func (d *decoder) pointers(v *value) []string {
	var out []string
	d.each(v, func(item *value) {
		out = append(out, d.form(item, func(s string) string {
			if !pointerForm.MatchString(s) {
				return quote(s) + " is not a JSON Pointer, as /result/time"
			}
			return ""
		}))
	})
	return out
}

// patterns reads patterns of names of files.
func (d *decoder) patterns(v *value) []string {
	var out []string
	d.each(v, func(item *value) {
		out = append(out, d.form(item, func(s string) string {
			if _, err := path.Match(s, ""); err != nil || s == "" {
				return quote(s) + " is not a pattern of file names, as *.log"
			}
			return ""
		}))
	})
	return out
}

func (d *decoder) scenarios(v *value) []Scenario {
	var out []Scenario
	d.each(v, func(item *value) {
		s := d.scenario(item)
		if s.Name != "" && slices.ContainsFunc(out, func(o Scenario) bool { return o.Name == s.Name }) {
			d.fail(item, "example %s is listed twice", quote(s.Name))
		}
		out = append(out, s)
	})
	return out
}

func (d *decoder) scenario(v *value) Scenario {
	var s Scenario
	d.object(v,
		field{key: "name", read: func(v *value) { s.Name = d.text(v) }},
		field{key: "description", read: func(v *value) { s.Description = d.text(v) }},
		field{key: "input", required: true, null: true, read: func(v *value) { s.Input = d.raw(v) }},
		field{key: "output", null: true, read: func(v *value) { s.Output = d.raw(v) }},
		field{key: "error", read: func(v *value) { s.Error = d.errorCode(v) }},
		field{key: "status", read: func(v *value) { s.Status = d.result(v) }},
	)
	if v.kind == object {
		d.expectation(v, s)
	}
	if s.Status == "" {
		s.Status = s.usual()
	}
	return s
}

// expectation checks that s expects something, and one thing only. A call that
// is skipped, say, has neither output nor error, and then must say so.
func (d *decoder) expectation(v *value, s Scenario) {
	switch {
	case s.Output != nil && s.Error != "":
		d.fail(v, "an example expects either an output or an error")
	case s.Output == nil && s.Error == "" && (s.Status == "" || s.Status == Success):
		d.fail(v, "an example expects an output, an error, or a status other than success")
	case s.Error != "" && s.Status == Success:
		d.fail(v, "an example that expects an error does not succeed")
	}
}

func (d *decoder) result(v *value) Result {
	if v.text == "failure" {
		return Failed
	}
	return word(d, v, Results())
}
