package tree

import (
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Print returns n in the form of .onextree: YAML with LF, keys in the order
// name, type, namespace, children, every null written out, no time and no hash,
// so that equal trees are equal bytes and merges rarely conflict.
func Print(n *Node) []byte {
	return printNode(nil, n, "", "")
}

// printNode appends n; first begins its first line, indent the others.
func printNode(b []byte, n *Node, first, indent string) []byte {
	b = append(append(b, first...), "name: "...)
	b = append(appendScalar(b, n.Name), '\n')
	b = append(append(append(b, indent...), "type: "...), n.Type...)
	b = append(b, '\n')
	switch {
	case n.Namespace != "":
		b = append(append(b, indent...), "namespace: "...)
		b = append(appendScalar(b, n.Namespace), '\n')
	case first != "": // the root has no namespace, other directories have none
		b = append(append(b, indent...), "namespace: null\n"...)
	}
	b = append(append(b, indent...), "children:"...)
	switch {
	case n.Type == Regular:
		return append(b, " null\n"...)
	case len(n.Children) == 0:
		return append(b, " []\n"...)
	}
	b = append(b, '\n')
	for _, c := range n.Children {
		b = printNode(b, c, indent+"- ", indent+"  ")
	}
	return b
}

// appendScalar writes s plain where every YAML reader takes that for the same
// string, and otherwise in double quotes.
func appendScalar(b []byte, s string) []byte {
	if plain(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case unicode.IsPrint(r):
			b = append(b, string(r)...)
		case r < 0x100:
			b = append(b, `\x`...)
			b = appendHex(b, r, 2)
		case r < 0x10000:
			b = append(b, `\u`...)
			b = appendHex(b, r, 4)
		default:
			b = append(b, `\U`...)
			b = appendHex(b, r, 8)
		}
	}
	return append(b, '"')
}

func appendHex(b []byte, r rune, width int) []byte {
	digits := strconv.FormatInt(int64(r), 16)
	return append(append(b, strings.Repeat("0", width-len(digits))...), digits...)
}

// plain reports whether s needs no quotes: letters, digits and the usual marks,
// and nothing that some YAML reader takes for a number, a date or a word with a
// meaning.
func plain(s string) bool {
	letter := false
	for i, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			letter = true
		case c == '_', '0' <= c && c <= '9', c == '.' && i+1 < len(s):
		case i > 0 && (c == '-' || c == '/' || c == '+' || c == ':' && s[i:min(i+3, len(s))] == "://"):
		default:
			return false
		}
	}
	if !letter {
		return false
	}
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan":
		return false
	}
	var v yaml.Node
	mayBeNumber := s[0] == '.' || '0' <= s[0] && s[0] <= '9'
	return !mayBeNumber || (yaml.Unmarshal([]byte(s), &v) == nil && v.Content[0].ShortTag() == "!!str")
}
