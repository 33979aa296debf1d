package node

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

// A Ref names a node: every version of it, or one.
type Ref struct {
	Name    Name
	Version string // empty for any
}

// ParseRef reads "name" or "name@1.2.0".
func ParseRef(s string) (Ref, error) {
	name, version, versioned := strings.Cut(s, "@")
	if problem := checkName(name); problem != "" {
		return Ref{}, ErrRef.With("%s: the name %s", quote(s), problem)
	}
	if _, err := semver.StrictNewVersion(version); versioned && err != nil {
		return Ref{}, ErrRef.With("%s: the version must be three numbers, as 1.2.0", quote(s))
	}
	return Ref{Name(name), version}, nil
}

// String returns the form that [ParseRef] reads.
func (r Ref) String() string {
	if r.Version == "" {
		return string(r.Name)
	}
	return string(r.Name) + "@" + r.Version
}

// Matches reports whether r names the given version of the named node.
func (r Ref) Matches(name Name, version string) bool {
	return r.Name == name && (r.Version == "" || r.Version == version)
}

// ParseName reads the name of a node.
func ParseName(s string) (Name, error) {
	if problem := checkName(s); problem != "" {
		err := ErrName.With("%s %s", quote(s), problem)
		if proposal := propose(s); proposal != "" {
			return "", err.Hinted("for example %s", proposal)
		}
		return "", err
	}
	return Name(s), nil
}

// propose makes a name of what is none, or returns nothing.
func propose(s string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, s)
	name = strings.TrimRight(strings.TrimLeft(name, "_0123456789"), "_")
	if checkName(name) != "" {
		return ""
	}
	return name
}

// ParseToolName reads the name of a tool.
func ParseToolName(s string) (ToolName, error) {
	name, err := ParseName(s)
	return ToolName(name), err
}
