package filetype

import "bytes"

// A Rule says how much of a file must stay before the block.
type Rule struct {
	Name string
	// Match looks at src from offset at, where the rules before it left off,
	// and returns the offset after what must stay first: at, when there is
	// nothing. It returns a negative number when no comment can stand at the
	// block's place. What it returns must not change when a block is inserted
	// there, and must be the start of a line or the end of src.
	Match func(src []byte, at int) int
}

// headEnd returns where the head of src ends, which starts at offset at.
func (t *Type) headEnd(src []byte, at int) (int, error) {
	for _, r := range t.Head {
		if at = r.Match(src, at); at < 0 {
			return 0, t.skipped(SkipNoPlace, "%s", r.Name)
		}
	}
	return at, nil
}

// shebang keeps the line that says which program runs the file.
var shebang = Rule{"shebang", func(src []byte, at int) int {
	return lineIf(src, at, func(line []byte) bool { return bytes.HasPrefix(line, []byte("#!")) })
}}

// lineIf returns the end of the line at offset at if ok holds for it.
func lineIf(src []byte, at int, ok func(line []byte) bool) int {
	if line, next := lineAt(src, at); at < len(src) && ok(line) {
		return next
	}
	return at
}

// linesWhile returns the end of the lines from offset at for which ok holds.
func linesWhile(src []byte, at int, ok func(line []byte) bool) int {
	for {
		next := lineIf(src, at, ok)
		if next == at {
			return at
		}
		at = next
	}
}

// codingCookie keeps the declaration of the encoding, which Python looks for in
// lines 1 and 2, the latter only when line 1 has no code (PEP 263).
var codingCookie = Rule{"coding cookie", func(src []byte, at int) int {
	line, next := lineAt(src, at)
	if isCookie(line) {
		return next
	}
	firstLine := !bytes.Contains(src[:at], []byte("\n"))
	if !firstLine || next == len(src) || isDelimiter(line) || !isCommentOrBlank(line) {
		return at
	}
	return max(at, lineEndIf(src, next, isCookie))
}}

// lineEndIf is lineIf, but 0 when ok does not hold.
func lineEndIf(src []byte, at int, ok func(line []byte) bool) int {
	if next := lineIf(src, at, ok); next > at {
		return next
	}
	return 0
}

func isCommentOrBlank(line []byte) bool {
	line = bytes.TrimLeft(line, " \t\f")
	return len(line) == 0 || line[0] == '#'
}

// isDelimiter reports whether line opens a block of some form: what follows is
// not the file's.
func isDelimiter(line []byte) bool { return bytes.Contains(line, []byte("=== OmniNode:Metadata")) }

// isCookie matches ^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+).
func isCookie(line []byte) bool {
	line = bytes.TrimLeft(line, " \t\f")
	if len(line) == 0 || line[0] != '#' {
		return false
	}
	for {
		_, rest, ok := bytes.Cut(line, []byte("coding"))
		if !ok {
			return false
		}
		if len(rest) > 0 && (rest[0] == ':' || rest[0] == '=') {
			name := bytes.TrimLeft(rest[1:], " \t")
			if len(name) > 0 && isNameByte(name[0]) {
				return true
			}
		}
		line = rest
	}
}

func isNameByte(c byte) bool {
	return c == '-' || c == '_' || c == '.' || isLetter(c) || '0' <= c && c <= '9'
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// frontMatter keeps the YAML or TOML between two lines --- or +++ at the top of
// Markdown, where Jekyll, Hugo, Pandoc and GitHub look for it.
var frontMatter = Rule{"front matter", func(src []byte, at int) int {
	line, next := lineAt(src, at)
	fence := string(line)
	if fence != "---" && fence != "+++" {
		return at
	}
	for next < len(src) {
		line, next = lineAt(src, next)
		if string(line) == fence || fence == "---" && string(line) == "..." {
			return next
		}
	}
	return at
}}
