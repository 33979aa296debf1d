package filetype

import (
	"path"
	"strings"

	"github.com/omninode-ai/onex/meta"
)

// A Type is one kind of file.
type Type struct {
	Name         string   // "python"; unique in a set
	Scheme       string   // of namespaces and entrypoints; Name when empty
	RuntimeHint  string   // runtime_language_hint of a new block; may be empty
	Extensions   []string // with dot, lower case; the first is the language's own
	Filenames    []string // exact base names
	Interpreters []string // as in a shebang, without version: "python", "sh"
	Comment      Comment
	Head         []Rule // what must stay before the block, in this order
}

// A Comment says how a block is commented out: either each line on its own
// (Line is its prefix) or all lines by one comment (Line is empty).
type Comment struct {
	Before string // before the text of the opening delimiter: "# ", "<!-- "
	Line   string // before every further line: "# " or nothing
	After  string // after the text of the closing delimiter: nothing or " -->"
	Reopen bool   // Before stands before the closing delimiter, too
	Forbid string // what the text must not contain, where meta.Print does not escape it
}

// The comments of common languages.
var (
	hash       = Comment{Before: "# ", Line: "# "}
	slashes    = Comment{Before: "// ", Line: "// "}
	dashes     = Comment{Before: "-- ", Line: "-- "}
	semicolons = Comment{Before: ";; ", Line: ";; "}
	semicolon  = Comment{Before: "; ", Line: "; "}
	labels     = Comment{Before: ":: ", Line: ":: ", Forbid: "%"} // variables are replaced in comments, too
	percent    = Comment{Before: "% ", Line: "% "}
	percents   = Comment{Before: "%% ", Line: "%% "}
	quoteMark  = Comment{Before: `" `, Line: `" `}
	slashStar  = Comment{Before: "/* ", After: " */"}
	html       = Comment{Before: "<!-- ", After: " -->"}
	xml        = Comment{Before: "<!-- ", After: " -->", Forbid: "--"} // XML 1.0, 2.5
	markdown   = Comment{Before: "<!-- ", After: " -->", Reopen: true} // as the reference writes it
)

// forbidden lists what the text of a block must not contain: what would end the
// comment or, in some languages, begin another one within it.
func (c Comment) forbidden() []string {
	switch {
	case c.Forbid == "":
		return nil
	case c.Line != "":
		return []string{c.Forbid}
	}
	return []string{c.Forbid, strings.TrimSpace(c.Before)}
}

func (c Comment) open() string { return c.Before + meta.Open }

func (c Comment) close() string {
	if c.Reopen {
		return c.Before + meta.Close + c.After
	}
	return c.Line + meta.Close + c.After
}

func (c Comment) compact(uuid string) string { return c.Before + meta.CompactLine(uuid) + c.After }

// isOpen accepts what we write and, where one comment spans the block, the
// historic delimiter that is a comment of its own.
func (c Comment) isOpen(line []byte) bool {
	return consists(line, c.Before, meta.Open) || consists(line, c.Before, meta.Open, c.After)
}

// isClose accepts both closing delimiters of a comment that spans the block.
func (c Comment) isClose(line []byte) bool {
	return consists(line, c.Line, meta.Close, c.After) || consists(line, c.Before, meta.Close, c.After)
}

// consists reports whether line is the parts, one after the other.
func consists(line []byte, parts ...string) bool {
	for _, p := range parts {
		if len(line) < len(p) || string(line[:len(p)]) != p {
			return false
		}
		line = line[len(p):]
	}
	return len(line) == 0
}

// scheme returns the scheme of t's namespaces and entrypoints.
func (t *Type) scheme() string {
	if t.Scheme != "" {
		return t.Scheme
	}
	return t.Name
}

// Namespace returns the namespace of the file of type t at relpath, which is
// slash-separated from the project root ([meta.Namespace]).
func (t *Type) Namespace(relpath string) string {
	ext := ""
	if len(t.Extensions) > 0 {
		ext = t.Extensions[0]
	}
	return meta.Namespace(t.scheme(), ext, relpath)
}

// Entrypoint returns the entrypoint of the file of type t at relpath
// ([meta.Entrypoint]).
func (t *Type) Entrypoint(relpath string) string { return meta.Entrypoint(t.scheme(), relpath) }

// WholeDocument reports whether the file at p is itself metadata of ONEX, and
// so carries no block: project.onex.yaml, the directory manifest .onex.yaml,
// and the tree .onextree.
func WholeDocument(p string) bool {
	switch path.Base(p) {
	case meta.ProjectFile, meta.ManifestFile, ".onextree":
		return true
	}
	return false
}
