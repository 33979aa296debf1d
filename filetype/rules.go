package filetype

import "bytes"

// lineRule returns a rule that keeps the first line if ok holds for it.
func lineRule(name string, ok func(line []byte) bool) Rule {
	return Rule{name, func(src []byte, at int) int { return lineIf(src, at, ok) }}
}

// linesRule returns a rule that keeps the first lines for which ok holds.
func linesRule(name string, ok func(line []byte) bool) Rule {
	return Rule{name, func(src []byte, at int) int { return linesWhile(src, at, ok) }}
}

// prefixed returns whether a line starts with one of the prefixes, in any case.
func prefixed(prefixes ...string) func(line []byte) bool {
	return func(line []byte) bool {
		for _, p := range prefixes {
			if len(line) >= len(p) && bytes.EqualFold(line[:len(p)], []byte(p)) {
				return true
			}
		}
		return false
	}
}

// refuse returns a rule for files that start with one of the prefixes: they are
// not what their name says, and a comment on top would break them.
func refuse(name string, prefixes ...string) Rule {
	starts := prefixed(prefixes...)
	return Rule{name, func(src []byte, at int) int {
		if starts(src[at:]) {
			return -1
		}
		return at
	}}
}

var (
	// ansibleVault: an encrypted file is recognised by its first bytes.
	ansibleVault = refuse("it is an Ansible vault", "$ANSIBLE_VAULT;")

	// cloudConfig: cloud-init tells its formats apart by the first line.
	cloudConfig = linesRule("cloud-init header", prefixed("## template:", "#cloud-config", "#cloud-boothook", "#include"))

	// zshFunction: compinit reads the first line only.
	zshFunction = lineRule("zsh completion tag", prefixed("#compdef", "#autoload"))

	// pandocTitle: the title block of Pandoc, lines with a per cent sign.
	pandocTitle = linesRule("title block", prefixed("% "))

	// liquibase reads the first line only.
	liquibase = lineRule("Liquibase header", prefixed("--liquibase formatted sql", "-- liquibase formatted sql"))

	// swiftTools: the package manager wants its version in the first line.
	swiftTools = lineRule("tools version", prefixed("// swift-tools-version", "//swift-tools-version"))

	// template: text above an inheritance tag is output, or an error.
	template = refuse("it is a template", "{%", "{{", "<%", "<?php", "<?=")
)

// rustShebang: #![ starts an attribute, not a shebang (Rust reference, input
// format).
var rustShebang = lineRule("shebang", func(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("#!"))
	return ok && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte("["))
})

// magicComments of Ruby count in the first lines only.
var magicComments = linesRule("magic comments", func(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("#"))
	if !ok || isDelimiter(line) {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t-*")
	return prefixed("coding:", "encoding:", "frozen_string_literal:", "frozen-string-literal:", "warn_indent:",
		"shareable_constant_value:", "typed:")(rest)
})

// dockerDirectives stop at the first line that is none (Dockerfile reference,
// parser directives).
var dockerDirectives = linesRule("parser directives", func(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("#"))
	if !ok {
		return false
	}
	name, _, ok := bytes.Cut(bytes.TrimLeft(rest, " \t"), []byte("="))
	name = bytes.TrimRight(name, " \t")
	return ok && prefixed("syntax", "escape", "check")(name) && len(name) <= len("syntax")
})

// charset must be the first bytes of a style sheet (CSS Syntax 3, 3.2).
var charset = Rule{"@charset", func(src []byte, at int) int {
	if !bytes.HasPrefix(src[at:], []byte(`@charset "`)) {
		return at
	}
	return endsLine(src, at, ";")
}}

// endsLine returns the end of the line in which what starts at offset at ends
// with the text end, if nothing follows it there, and else -1.
func endsLine(src []byte, at int, end string) int {
	i := bytes.Index(src[at:], []byte(end))
	if i < 0 {
		return -1
	}
	rest, next := lineAt(src, at+i+len(end))
	if len(rest) > 0 {
		return -1
	}
	return next
}

// xmlDeclaration must be the first bytes of an XML document (XML 1.0, 2.8).
var xmlDeclaration = Rule{"XML declaration", func(src []byte, at int) int {
	if rest, ok := bytes.CutPrefix(src[at:], []byte("<?xml")); !ok || len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) < 0 {
		return at
	}
	return endsLine(src, at, "?>")
}}

// doctype stays first where it has a line of its own. Where it has not, the
// block goes before it, which HTML allows (13.2.6.4.1).
var doctype = Rule{"doctype", func(src []byte, at int) int {
	if !prefixed("<!doctype")(src[at:]) {
		return at
	}
	return max(at, endsLine(src, at, ">"))
}}

// pragmas are read from the first comment of a file only (jest-docblock, Flow,
// Prettier).
var pragmas = []string{"@jest-", "@flow", "@noflow", "@format", "@noformat", "@prettier", "@noprettier"}

// docblock keeps a first comment that has one of the pragmas.
var docblock = Rule{"docblock", func(src []byte, at int) int {
	end := "\n"
	switch rest := src[at:]; {
	case bytes.HasPrefix(rest, []byte("/*")):
		end = "*/"
	case !bytes.HasPrefix(rest, []byte("//")):
		return at
	}
	comment, _, closed := bytes.Cut(src[at:], []byte(end))
	first, next := lineAt(src, at)
	if isDelimiter(first) || !hasPragma(comment) {
		return at
	}
	if end == "\n" {
		return next
	}
	if !closed {
		return -1
	}
	return endsLine(src, at, end)
}}

func hasPragma(comment []byte) bool {
	for _, p := range pragmas {
		if bytes.Contains(comment, []byte(p)) {
			return true
		}
	}
	return false
}

// modeLine: Emacs looks for file variables in the first line, or the second
// after a shebang; lexical-binding counts nowhere else.
var modeLine = lineRule("mode line", func(line []byte) bool {
	return !isDelimiter(line) && bytes.HasPrefix(line, []byte(";")) && bytes.Count(line, []byte("-*-")) == 2
})

// packageLine: a package of Emacs begins with ";;; name.el --- what it is".
var packageLine = lineRule("package line", func(line []byte) bool {
	return bytes.HasPrefix(line, []byte(";;; ")) && bytes.Contains(line, []byte(" --- "))
})

// erlangEncoding is read from the first two lines, if they are comments (epp).
var erlangEncoding = linesRule("encoding", func(line []byte) bool {
	return !isDelimiter(line) && bytes.HasPrefix(line, []byte("%")) && bytes.Contains(line, []byte("coding"))
})

// texMagic: TeX reads its format from the first line, editors their settings
// from the first lines.
var texMagic = linesRule("magic comments", prefixed("%&", "% !tex", "%!tex", "% !bib", "%!bib"))

// authenticode: a block would break the signature at the end of a script.
var authenticode = Rule{"it is signed", func(src []byte, at int) int {
	if bytes.Contains(src[at:], []byte("# SIG # Begin signature block")) {
		return -1
	}
	return at
}}

// polyglot: the first line of a batch file that is another language as well is
// read by both.
var polyglot = refuse("it is a polyglot script", "@if (@", "<#", "<!--", ":<<", ":;", "#!", "0</*")

// echoOff stays first, so that whoever reads the script sees it.
var echoOff = lineRule("@echo off", func(line []byte) bool {
	return prefixed("@echo off")(line) && !bytes.ContainsAny(line, "^(")
})

// phpTag: what is above the tag is output, and below it only a line that ends
// where it says leaves a place for a comment.
var phpTag = Rule{"<?php", func(src []byte, at int) int {
	line, next := lineAt(src, at)
	if !prefixed("<?php")(line) {
		return -1
	}
	rest := line[len("<?php"):]
	code := bytes.TrimLeft(rest, " \t")
	simple := len(code) == 0 || prefixed("declare(", "declare (", "namespace ", "//", "#")(code)
	if len(rest) > 0 && len(code) == len(rest) || !simple || bytes.Contains(code, []byte("?>")) || bytes.ContainsAny(code, "{'\"") {
		return -1
	}
	if ends := code; len(ends) > 0 && ends[0] != '/' && ends[0] != '#' && ends[len(ends)-1] != ';' {
		return -1
	}
	return next
}}
