package node

import (
	"encoding/json"
	"time"
)

// ManifestFile is the name of the file that holds a node's manifest.
const ManifestFile = "node.onex.yaml"

// A Manifest says who a node is. In the file it is a metadata block that is the
// whole document, plus the fields that say how a program is run.
type Manifest struct {
	Name        Name    // required
	Version     string  // required; strict semver
	UUID        string  // identity of the node, the same for all its instances; lower case; may be empty until stamped
	Description string  // one line for people
	Owner       string  //
	Author      string  //
	Runtime     Runtime // default go
	Program     Program // how to run it; for exec and mcp only
	TTL         time.Duration
	Tags        []string
	Signer      string  // who signed the manifest, as in allowed_signers; a claim until verified; empty when nobody did
	Meta        []Field // the other fields of the metadata block, in the order of the format
}

// Identity is what makes two announcements speak of the same node.
type Identity struct {
	Name   Name
	UUID   string
	Signer string
}

// Identity returns the identity that m claims.
func (m Manifest) Identity() Identity { return Identity{m.Name, m.UUID, m.Signer} }

// A Program is how a node in another language is started and what it may use.
type Program struct {
	Command []string      // argv; a relative first element with a slash is resolved from the manifest's directory
	Dir     string        // working directory, relative to the manifest; default its directory
	Env     []string      // names of environment variables passed on, beyond PATH, HOME, LANG, TZ and TMPDIR
	Timeout time.Duration // longest call; default and limit are the host's; whole milliseconds
	Output  int64         // most bytes of output of one call; default and limit are the host's
	Memory  int64         // most MiB of address space of each of its processes; 0 for no limit. Linux only

	URL      string // of an MCP server that speaks streamable HTTP, in place of Command; for mcp only
	Token    string // name of the environment variable with the token that the server at URL wants; default none
	Protocol string // newest version of MCP that is spoken with the program, as in 2025-11-25; default the newest that both know
}

// A Field is one field of the metadata block that running a node does not need,
// kept as it was read.
type Field struct {
	Key   string
	Value json.RawMessage // without white space
}

// ParseManifest reads a node.onex.yaml. It reports every problem of the file in
// one [ErrManifest], each as "node.onex.yaml:line:column: what is wrong".
// What the file leaves out gets its default.
func ParseManifest(data []byte) (Manifest, error) {
	var d decoder
	v, problems := fromYAML(data)
	d.problems = problems
	var m Manifest
	if len(problems) == 0 {
		m = d.manifest(v)
	}
	if err := d.err(ErrManifest, ManifestFile); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// PrintManifest writes m as a file that [ParseManifest] reads back as m. Equal
// manifests print alike. It fails like [Manifest.Validate].
func PrintManifest(m Manifest) ([]byte, error) {
	v, err := m.valid()
	if err != nil {
		return nil, err
	}
	return appendYAML(nil, v, 0), nil
}

// MarshalJSON writes m with the keys of the file.
func (m Manifest) MarshalJSON() ([]byte, error) {
	v, err := m.valid()
	if err != nil {
		return nil, err
	}
	return appendJSON(nil, v), nil
}

// UnmarshalJSON reads what [Manifest.MarshalJSON] writes, as strictly as
// [ParseManifest] reads a file; problems are named by JSON Pointer.
func (m *Manifest) UnmarshalJSON(data []byte) error {
	v, err := fromJSON(data)
	if err != nil {
		return ErrManifest.Wrap(err, "json")
	}
	var d decoder
	read := d.manifest(v)
	if err := d.err(ErrManifest, ""); err != nil {
		return err
	}
	*m = read
	return nil
}

// Validate checks m as if it had been read from a file, for manifests that are
// built in Go. Problems are named by JSON Pointer.
func (m Manifest) Validate() error {
	_, err := m.valid()
	return err
}

func (m Manifest) valid() (*value, error) {
	v, err := m.value()
	if err != nil {
		return nil, err
	}
	var d decoder
	d.manifest(v)
	return v, d.err(ErrManifest, "")
}

// value lists m's fields in the order in which people read them.
func (m Manifest) value() (*value, error) {
	for _, d := range []time.Duration{m.TTL, m.Program.Timeout} {
		if d%time.Millisecond != 0 {
			return nil, ErrManifest.With("%s is not a whole number of milliseconds", d)
		}
	}
	v := &value{kind: object}
	v.put("name", textOf(m.Name))
	v.put("version", textOf(m.Version))
	v.putText("description", m.Description)
	v.putText("uuid", m.UUID)
	v.putText("owner", m.Owner)
	v.putText("author", m.Author)
	v.putText("signer", m.Signer)
	v.putTexts("tags", m.Tags)
	if m.Runtime != "" {
		v.put("runtime", textOf(m.Runtime))
	}
	v.putTexts("command", m.Program.Command)
	v.putText("url", m.Program.URL)
	v.putText("token_env", m.Program.Token)
	v.putText("protocol", m.Program.Protocol)
	v.putText("dir", m.Program.Dir)
	v.putTexts("env", m.Program.Env)
	v.putInt("timeout_ms", m.Program.Timeout.Milliseconds())
	v.putInt("max_output_bytes", m.Program.Output)
	v.putInt("max_memory_mb", m.Program.Memory)
	v.putInt("ttl_ms", m.TTL.Milliseconds())
	for _, f := range m.Meta {
		raw, err := fromJSON(f.Value)
		if err != nil {
			return nil, ErrManifest.Wrap(err, "field %q", f.Key)
		}
		v.put(f.Key, raw)
	}
	v.locate()
	return v, nil
}
