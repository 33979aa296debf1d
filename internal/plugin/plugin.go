package plugin

import (
	"cmp"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
)

// The errors of plugins.
var (
	// ErrConfig is returned when a plugin is declared in a way that cannot be: an
	// unknown type, no program, a path out of the project.
	ErrConfig = fault.New("ONEX_PLUGIN_001_INVALID_DECLARATION", fault.Invalid, "invalid plugin").
			Hinted("docs/plugins.md shows how plugins are declared")

	// ErrUntrusted is returned when a plugin of the repository was not trusted, or
	// changed since. Read it, then run onex plugins trust.
	ErrUntrusted = fault.New("ONEX_PLUGIN_002_UNTRUSTED", fault.Denied, "plugin is not trusted").
			Hinted("read it, then: onex plugins trust")

	// ErrFailed is returned when the program of a plugin ends with a status other
	// than 0, says something that is not of its protocol, or says too much.
	ErrFailed = fault.New("ONEX_PLUGIN_003_FAILED", fault.Unavailable, "plugin failed").
			Hinted("run it by hand, as docs/plugins.md shows, to see what it says")

	// ErrTimeout is returned when the program of a plugin takes too long. It was
	// killed, with all that it started.
	ErrTimeout = fault.New("ONEX_PLUGIN_004_TIMEOUT", fault.Timeout, "plugin took too long")

	// ErrUnproven is returned when a rule of a validator does not hold its own cases: in
	// testdata/ID of its directory it finds what is not wanted, or not what is. Mend the
	// rule, or the cases; until then it is not used.
	ErrUnproven = fault.New("ONEX_PLUGIN_006_CASES_DO_NOT_HOLD", fault.Invalid, "a rule does not hold its cases").
			Hinted("mend the rule or its cases in testdata, then: onex plugins trust")

	// ErrNotFound is returned when there is no plugin of that type and name.
	ErrNotFound = fault.New("ONEX_PLUGIN_005_NOT_FOUND", fault.NotFound, "unknown plugin").
			Hinted("onex plugins list --explain shows all that were found")
)

// A Type is what a plugin extends.
type Type string

// The types.
const (
	Validator Type = "validator" // rules of onex lint: a program, or a directory with one
	Handler   Type = "handler"   // a file type: the same
	Tool      Type = "tool"      // tools that onex up offers: the same
	Fixture   Type = "fixture"   // cases for file types and nodes: a directory
	Node      Type = "node"      // a node that onex up runs: a directory
)

// Types returns all types.
func Types() []Type { return []Type{Handler, Validator, Tool, Fixture, Node} }

// directory reports whether plugins of the type are directories and no programs.
func (t Type) directory() bool { return t == Node || t == Fixture }

// A Source is where a plugin was found.
type Source string

// The sources, and the priority that each gives.
const (
	Directory   Source = "directory"   // .onex/plugins
	Config      Source = "config"      // onex.yaml
	Environment Source = "environment" // ONEX_PLUGIN_…

	directoryPriority   = 0
	configPriority      = 5
	environmentPriority = 10
)

// A State is whether a plugin is used.
type State string

// The states.
const (
	Active    State = "active"
	Shadowed  State = "shadowed"  // another one of its name has it
	Untrusted State = "untrusted" // nobody said that it may run
	Broken    State = "broken"    // it is not there, or no program
	Off       State = "off"       // ONEX_PLUGINS=off
)

// A Plugin is one program or directory.
type Plugin struct {
	Type     Type     `json:"type"`
	Name     string   `json:"name"`
	Source   Source   `json:"source"`
	Origin   string   `json:"origin"` // the file, line or variable that says so
	Priority int      `json:"priority"`
	State    State    `json:"state"`
	Reason   string   `json:"reason"` // of the state
	Path     string   `json:"path"`   // absolute
	Args     []string `json:"args,omitempty"`
	Digest   string   `json:"digest,omitempty"` // SHA-256 of the program, or of the files of the directory

	root string // of the project
}

// ID is type and name: "validator:company".
func (p *Plugin) ID() string { return string(p.Type) + ":" + p.Name }

// Registry is what was found.
type Registry struct {
	Plugins []Plugin // by type, name, and the one that is used first
}

// Active returns the plugins of the type that are used, by name.
func (r *Registry) Active(t Type) []Plugin {
	return slices.DeleteFunc(slices.Clone(r.Plugins), func(p Plugin) bool { return p.Type != t || p.State != Active })
}

// Unusable returns the plugins of the type that would be used if they were trusted
// or whole.
func (r *Registry) Unusable(t Type) []Plugin {
	return slices.DeleteFunc(slices.Clone(r.Plugins), func(p Plugin) bool {
		return p.Type != t || p.State != Untrusted && p.State != Broken
	})
}

// resolve decides between plugins of one type and name. Found is in the order in
// which they were found.
func resolve(found []Plugin) []Plugin {
	slices.SortStableFunc(found, func(a, b Plugin) int {
		return cmp.Or(slices.Index(Types(), a.Type)-slices.Index(Types(), b.Type), strings.Compare(a.Name, b.Name), cmp.Compare(b.Priority, a.Priority))
	})
	for i := 1; i < len(found); i++ {
		if winner := found[i-1]; winner.ID() == found[i].ID() {
			found[i].State = Shadowed
			found[i].Reason = winner.Origin + " has a higher priority"
			if winner.Priority == found[i].Priority {
				found[i].Reason = winner.Origin + " was found first, with the same priority"
			}
		}
	}
	return found
}
