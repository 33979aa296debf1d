package release

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// A Step says which version follows.
type Step string

// The steps from one version to the next. A candidate is of the version that the
// step reaches: after v1.2.0, minor and then rc is v1.3.0-rc.1.
const (
	Patch     Step = "patch"
	Minor     Step = "minor"
	Major     Step = "major"
	Candidate Step = "rc"    // one more candidate of the version under way
	Final     Step = "final" // the version of which there are candidates
)

// first is the version before the first: its next candidate is v1.0.0-rc.1.
const first = "v1.0.0-rc.0"

// ParseVersion reads a tag. Only vMAJOR.MINOR.PATCH and vMAJOR.MINOR.PATCH-rc.N
// are versions of ours.
func ParseVersion(tag string) (*semver.Version, error) {
	text, ok := strings.CutPrefix(tag, "v")
	v, err := semver.StrictNewVersion(text)
	if !ok || err != nil || v.Metadata() != "" {
		return nil, fmt.Errorf("%q is not a version such as v1.2.3 or v1.2.3-rc.1", tag)
	}
	if v.Prerelease() == "" {
		return v, nil
	}
	var n uint64
	if _, err := fmt.Sscanf(v.Prerelease(), "rc.%d", &n); err != nil || v.Prerelease() != fmt.Sprintf("rc.%d", n) || n == 0 && tag != first {
		return nil, fmt.Errorf("%q: the only pre-releases are -rc.1, -rc.2 and so on", tag)
	}
	return v, nil
}

// Latest returns the highest version among tags; other tags are not looked at.
// Without a version it returns the one before the first.
func Latest(tags []string) *semver.Version {
	var versions []*semver.Version
	for _, tag := range append([]string{first}, tags...) {
		if v, err := ParseVersion(tag); err == nil {
			versions = append(versions, v)
		}
	}
	return slices.MaxFunc(versions, (*semver.Version).Compare)
}

// Next returns the tag that follows the highest of tags by step. It fails for a
// candidate or a final version where none is under way.
func Next(tags []string, step Step) (string, error) {
	v := Latest(tags)
	candidate := v.Prerelease() != ""
	var n uint64
	if candidate {
		fmt.Sscanf(v.Prerelease(), "rc.%d", &n) // ParseVersion has checked it
	}
	base := semver.New(v.Major(), v.Minor(), v.Patch(), "", "")
	switch step {
	case Candidate, Final:
		if !candidate {
			return "", fmt.Errorf("v%s is released: the next is patch, minor or major", v)
		}
		if step == Candidate {
			return fmt.Sprintf("v%s-rc.%d", base, n+1), nil
		}
		if n == 0 {
			return "", fmt.Errorf("there is no candidate of v%s yet: make one first", base)
		}
		return "v" + base.String(), nil
	case Patch, Minor, Major:
		if candidate {
			return "", fmt.Errorf("v%s is a candidate: the next is rc or final", v)
		}
		return fmt.Sprintf("v%s-rc.1", raised(*base, step)), nil
	}
	return "", fmt.Errorf("step %q: want patch, minor, major, rc or final", step)
}

func raised(v semver.Version, step Step) semver.Version {
	switch step {
	case Major:
		return v.IncMajor()
	case Minor:
		return v.IncMinor()
	default:
		return v.IncPatch()
	}
}
