package meta

import "strings"

// The text of the delimiters, without the comment around them.
const (
	Open  = "=== OmniNode:Metadata ==="
	Close = "=== /OmniNode:Metadata ==="

	compactOpen  = "=== OmniNode:Metadata uuid="
	compactClose = " ==="
)

// CompactLine returns the line, without the comment around it, that stands for
// a block whose fields are in the directory's manifest.
func CompactLine(uuid string) string { return compactOpen + uuid + compactClose }

// ParseCompactLine returns the uuid in line, which must be as [CompactLine]
// writes it; ok is false when line is anything else. A line of that form whose
// uuid is none is an error of class invalid.
func ParseCompactLine(line string) (uuid string, ok bool, err error) {
	rest, ok := strings.CutPrefix(line, compactOpen)
	if !ok {
		return "", false, nil
	}
	uuid, ok = strings.CutSuffix(rest, compactClose)
	if !ok {
		return "", false, nil
	}
	if !IsUUID(uuid) {
		return "", true, (&SyntaxError{1, len(compactOpen) + 1, "not a UUID: " + uuid}).Fault()
	}
	return strings.ToLower(uuid), true, nil
}
