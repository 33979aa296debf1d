package meta

import "strings"

// blockText reads literal (|) or folded (>) text: the lines below that are
// indented deeper than column parent (YAML 1.2, 8.1).
func (p *parser) blockText(at int, header string, parent int) (string, *SyntaxError) {
	indent, chomp, err := p.blockHeader(at, header, parent)
	if err != nil {
		return "", err
	}
	lines, err := p.blockLines(indent, parent)
	if err != nil {
		return "", err
	}
	end := len(lines)
	for end > 0 && lines[end-1] == "" {
		end--
	}
	trailing := len(lines) - end
	s := strings.Join(lines[:end], "\n")
	if header[0] == '>' {
		s = string(foldLines(lines[:end]))
	}
	if chomp != '-' && end > 0 {
		s += "\n"
	}
	if chomp == '+' {
		s += strings.Repeat("\n", trailing)
	}
	return s, nil
}

// blockHeader reads what follows | or >: an indentation digit, a chomping sign,
// a comment. The indentation is -1 when the first line decides.
func (p *parser) blockHeader(at int, header string, parent int) (indent int, chomp byte, err *SyntaxError) {
	indent = -1
	text, _ := cutComment(header)
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
		case '1' <= c && c <= '9' && indent < 0:
			indent = max(parent, 0) + int(c-'0')
		default:
			return 0, 0, p.fail(at+i, "malformed header of a text block: %.20q", text)
		}
	}
	return indent, chomp, nil
}

// blockLines returns the lines without their indentation.
func (p *parser) blockLines(indent, parent int) ([]string, *SyntaxError) {
	var lines []string
	for p.pos < len(p.text) {
		r, next := p.line(p.pos)
		raw := strings.TrimSuffix(strings.TrimSuffix(p.text[p.pos:next], "\n"), "\r")
		blank := strings.Trim(raw, " ") == ""
		if !blank && indent < 0 && r.indent > parent {
			indent = r.indent
		}
		if !blank && (indent < 0 || r.indent < indent) {
			if r.indent > parent && r.text[0] != '#' {
				return nil, p.fail(r.start, "indented less than the text block above")
			}
			break
		}
		if indent >= 0 && len(raw) > indent {
			lines = append(lines, raw[indent:])
		} else {
			lines = append(lines, "")
		}
		p.pos = next
	}
	return lines, nil
}

// foldLines joins lines with spaces; blank lines become line breaks, and lines
// that start with a blank keep theirs.
func foldLines(lines []string) []byte {
	spaced := func(s string) bool { return s != "" && isBlank(s[0]) }
	var b []byte
	breaks, last := 0, ""
	started := false
	for _, l := range lines {
		if l == "" {
			breaks++
			continue
		}
		switch {
		case !started:
			b = append(b, strings.Repeat("\n", breaks)...)
		case spaced(l) || spaced(last):
			b = append(b, strings.Repeat("\n", breaks+1)...)
		default:
			b = appendFold(b, breaks)
		}
		b = append(b, l...)
		breaks, last, started = 0, l, true
	}
	return b
}
