package stamp

import (
	"bytes"
	"maps"
	"slices"
)

// leftovers names the files that git could not merge and that are not ours to
// mend: ignored ones, what is no text, and files that one side deleted. Somebody
// who commits on our word would commit them as they are. A text without a marker
// has been settled by a person.
func (r *resolver) leftovers() {
	for _, name := range slices.Sorted(maps.Keys(r.unmerged)) {
		if r.done[name] != nil {
			continue
		}
		s := r.unmerged[name]
		conflicts := 1
		if s.Ours.Blob != "" && s.Theirs.Blob != "" {
			data, err := r.root.ReadFile(name)
			segments, marked := parseConflicts(data)
			switch {
			case err == nil && !marked && !bytes.Contains(data, []byte{0}):
				continue
			case marked:
				conflicts = (len(segments) - 1) / 2
			}
		}
		r.done[name] = &Resolved{Path: name, State: Conflicting, Conflicts: max(conflicts, 1)}
	}
}
