package node

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
)

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	envForm  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// maxOutput bounds max_output_bytes: a result travels in one event.
const maxOutput = 1 << 30

// maxMemory bounds max_memory_mb: a tebibyte, more than machines have that run nodes.
const maxMemory = 1 << 20

func (d *decoder) manifest(v *value) Manifest {
	m := Manifest{Runtime: Go}
	p := &m.Program
	fields := []field{
		{key: "name", required: true, read: func(v *value) { m.Name = Name(d.name(v)) }},
		{key: "version", required: true, read: func(v *value) { m.Version = d.version(v) }},
		{key: "description", read: func(v *value) { m.Description = d.text(v) }},
		{key: "uuid", read: func(v *value) { m.UUID = d.uuid(v) }},
		{key: "owner", read: func(v *value) { m.Owner = d.text(v) }},
		{key: "author", read: func(v *value) { m.Author = d.text(v) }},
		{key: "signer", read: func(v *value) { m.Signer = d.text(v) }},
		{key: "tags", read: func(v *value) { m.Tags = d.texts(v) }},
		{key: "runtime", read: func(v *value) { m.Runtime = word(d, v, Runtimes()) }},
		{key: "command", read: func(v *value) { p.Command = d.command(v) }},
		{key: "url", read: func(v *value) { p.URL = d.url(v) }},
		{key: "token_env", read: func(v *value) { p.Token = d.form(v, notVariable) }},
		{key: "protocol", read: func(v *value) { p.Protocol = d.protocol(v) }},
		{key: "dir", read: func(v *value) { p.Dir = d.dir(v) }},
		{key: "env", read: func(v *value) { p.Env = d.env(v) }},
		{key: "timeout_ms", read: func(v *value) { p.Timeout = d.milliseconds(v) }},
		{key: "max_output_bytes", read: func(v *value) { p.Output = d.integer(v, maxOutput) }},
		{key: "max_memory_mb", read: func(v *value) { p.Memory = d.integer(v, maxMemory) }},
		{key: "ttl_ms", read: func(v *value) { m.TTL = d.milliseconds(v) }},
	}
	d.object(v, append(fields, d.metaFields(&m.Meta)...)...)
	slices.SortFunc(m.Meta, func(a, b Field) int { return metaOrder(a.Key) - metaOrder(b.Key) })
	d.runnable(v, m)
	return m
}

// runnable checks that the fields about running fit the runtime.
func (d *decoder) runnable(v *value, m Manifest) {
	if v.kind != object || m.Runtime == "" {
		return
	}
	if m.Runtime != Go {
		d.started(v, m)
		return
	}
	programs := []string{"command", "url", "token_env", "protocol", "dir", "env", "timeout_ms", "max_output_bytes", "max_memory_mb"}
	for _, f := range v.members {
		if slices.Contains(programs, f.key) && !f.value.isNull() {
			d.failKey(f, "%s is for programs: write runtime: exec or runtime: mcp with it, or remove it", f.key)
		}
	}
}

// started checks that a manifest says how its program is reached, and only once.
func (d *decoder) started(v *value, m Manifest) {
	command, address := v.member("command"), v.member("url")
	hasCommand, hasURL := command != nil && !command.isNull(), address != nil && !address.isNull()
	switch {
	case hasURL && m.Runtime != MCP:
		d.fail(address, "url is for runtime: mcp")
	case hasURL && hasCommand:
		d.fail(address, "url and command exclude each other")
	case hasURL || hasCommand:
	case m.Runtime == MCP:
		d.fail(v, "missing key \"command\": runtime mcp starts a program, or has the url of a server")
	default:
		d.fail(v, "missing key \"command\": runtime %s starts a program", m.Runtime)
	}
}

func (d *decoder) name(v *value) string {
	return d.form(v, func(s string) string {
		if problem := checkName(s); problem != "" {
			return "name " + quote(s) + " " + problem
		}
		return ""
	})
}

// checkName says what is wrong with a name, or nothing.
func checkName(s string) string {
	switch {
	case len(s) > MaxName:
		return "is longer than 64 characters"
	case !nameForm.MatchString(s):
		return "must be lower-case letters, digits and underscores, beginning with a letter"
	}
	return ""
}

func (d *decoder) version(v *value) string {
	return d.form(v, func(s string) string {
		if _, err := semver.StrictNewVersion(s); err != nil {
			return "version " + quote(s) + " must be three numbers, as 1.2.0 (semantic versioning)"
		}
		return ""
	})
}

func (d *decoder) uuid(v *value) string {
	return strings.ToLower(d.form(v, func(s string) string {
		if !uuidForm.MatchString(s) || strings.Trim(s, "0-") == "" {
			return "uuid " + quote(s) + " must be 32 hexadecimal digits as 8-4-4-4-12, not all zero"
		}
		return ""
	}))
}

func (d *decoder) command(v *value) []string {
	argv := d.texts(v)
	if v.kind == list && (len(argv) == 0 || argv[0] == "") {
		d.fail(v, "command must name a program")
	}
	d.noNUL(v, argv...)
	return argv
}

func (d *decoder) dir(v *value) string {
	s := d.text(v)
	d.noNUL(v, s)
	return s
}

func (d *decoder) noNUL(v *value, ss ...string) {
	if strings.ContainsRune(strings.Join(ss, ""), 0) {
		d.fail(v, "no operating system accepts a NUL character here")
	}
}

func (d *decoder) env(v *value) []string {
	var names []string
	d.each(v, func(item *value) {
		names = append(names, d.form(item, notVariable))
	})
	return names
}

// notVariable says what is wrong with the name of an environment variable, or
// nothing.
func notVariable(s string) string {
	if !envForm.MatchString(s) {
		return quote(s) + " is not the name of an environment variable; values are not written here"
	}
	return ""
}

func (d *decoder) url(v *value) string {
	return d.form(v, func(s string) string {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return quote(s) + " must be an address as https://example.org/mcp, without a password; a token goes into token_env"
		}
		return ""
	})
}

func (d *decoder) protocol(v *value) string {
	return d.form(v, func(s string) string {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return quote(s) + " must be a version of MCP, which is a date as 2025-11-25"
		}
		return ""
	})
}
