package lint

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/omninode-ai/onex/funcs"
)

// A File is one file of the project. Its forms are made when a rule asks for them,
// once.
type File struct {
	Path string // below the root, with slashes
	Data []byte // not to be changed

	lines  func() []int
	golang func() *GoFile
	python func() *PythonFile
}

// A GoFile is a parsed Go file.
type GoFile struct {
	*ast.File
	Fset *token.FileSet
	Test bool // its name says that it is of a test
}

// Offset returns where in the file a position is.
func (g *GoFile) Offset(pos token.Pos) int { return g.Fset.Position(pos).Offset }

// newFile returns the file of that content.
func newFile(path string, data []byte) *File {
	f := &File{Path: path, Data: data}
	f.lines = sync.OnceValue(func() []int { return lineStarts(data) })
	f.golang = sync.OnceValue(func() *GoFile { return parseGo(path, data) })
	f.python = sync.OnceValue(func() *PythonFile { return parsePython(data) })
	return f
}

// NewFile returns a file that a test makes up.
func NewFile(path, text string) *File { return newFile(path, []byte(text)) }

func lineStarts(data []byte) []int {
	starts := []int{0}
	for i, c := range data {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// Position returns line and column of an offset, from 1.
func (f *File) Position(offset int) (line, column int) {
	starts := f.lines()
	line = sort.SearchInts(starts, offset+1)
	return line, offset - starts[line-1] + 1
}

// Lines returns how many lines the file has.
func (f *File) Lines() int {
	n := bytes.Count(f.Data, []byte("\n"))
	if len(f.Data) > 0 && f.Data[len(f.Data)-1] != '\n' {
		n++
	}
	return n
}

// Line returns the text of a line, from 1, without its end.
func (f *File) Line(n int) string {
	starts := f.lines()
	if n < 1 || n > len(starts) {
		return ""
	}
	end := len(f.Data)
	if n < len(starts) {
		end = starts[n]
	}
	return strings.TrimRight(string(f.Data[starts[n-1]:end]), "\r\n")
}

// Go returns the file as Go, or nil when it is not, or does not parse.
func (f *File) Go() *GoFile { return f.golang() }

// Python returns the file as Python, or nil when it is not.
func (f *File) Python() *PythonFile {
	if !strings.HasSuffix(f.Path, ".py") && !strings.HasSuffix(f.Path, ".pyi") {
		return nil
	}
	return f.python()
}

func parseGo(path string, data []byte) *GoFile {
	if !strings.HasSuffix(path, ".go") {
		return nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	return &GoFile{File: file, Fset: fset, Test: strings.HasSuffix(path, "_test.go")}
}

// Generated reports whether the file says, in the way of Go or of protoc, that a
// program wrote it: in one of its first lines.
func (f *File) Generated() bool {
	head := f.Data[:min(len(f.Data), generatedHead)]
	for line := range bytes.Lines(head) {
		text := strings.ToLower(string(line))
		if strings.Contains(text, "do not edit") && strings.Contains(text, "generated") || strings.Contains(text, "@generated") {
			return true
		}
	}
	return false
}

// generatedHead is as much of a file as is searched for that: a license and a line.
const generatedHead = 4 << 10

// A Comment is a comment of a file, at an offset.
type Comment struct {
	Offset int
	Text   string // with its signs
}

// Comments returns the comments of a Go or Python file, in order; of others, the
// lines in which what starts a comment in most languages comes first after blanks.
func (f *File) Comments() []Comment {
	var list []Comment
	switch {
	case f.Go() != nil:
		for _, group := range f.Go().Comments {
			for _, c := range group.List {
				list = append(list, Comment{f.Go().Offset(c.Pos()), c.Text})
			}
		}
	case f.Python() != nil:
		for _, line := range f.Python().Lines {
			for _, t := range line.Tokens {
				if t.Kind == funcs.Comment {
					list = append(list, Comment{t.From, string(f.Data[t.From:t.To])})
				}
			}
		}
	default:
		for i, start := range f.lines() {
			text := strings.TrimSpace(f.Line(i + 1))
			if slices.ContainsFunc([]string{"#", "//", "--", "<!--", "/*", ";", "%"}, func(sign string) bool { return strings.HasPrefix(text, sign) }) {
				list = append(list, Comment{start, text})
			}
		}
	}
	return list
}
