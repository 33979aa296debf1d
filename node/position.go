package node

import (
	"slices"
	"strconv"
	"strings"
)

// Position returns where, in a YAML document, the value stands that a JSON
// Pointer leads to: "line:column". A member of an object stands where its key
// does. When the pointer leads nowhere, it is where the last value on the way
// stands; empty when the document cannot be read.
func Position(document []byte, pointer string) string {
	v, problems := fromYAML(document)
	if len(problems) > 0 {
		return ""
	}
	at := v.at
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		i := slices.IndexFunc(v.members, func(m member) bool { return m.key == step })
		n, err := strconv.Atoi(step)
		switch {
		case i >= 0:
			at, v = orElse(v.members[i].at, v.members[i].value.at), v.members[i].value
		case err == nil && 0 <= n && n < len(v.items):
			at, v = v.items[n].at, v.items[n]
		default:
			return at
		}
	}
	return at
}
