package tree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxIgnoreFile bounds an ignore file; the longest known have a few hundred
// kilobytes.
const maxIgnoreFile = 4 << 20

// An ignorer answers for every path of a root whether the ignore files of one
// name exclude it.
type ignorer struct {
	root  *os.Root
	name  string                               // of the ignore files
	parse func(text string) ([]pattern, error) // nil: there are none
	lacks func(name string) bool               // a quick way to know that there is no such file; may be nil
	last  []pattern                            // apply where no ignore file says anything
	files map[string][]pattern
	dirs  map[string]bool // directories that are known to be ignored, or not
	quiet map[string]bool // directories that are known to have no patterns above or in them, or some
	err   error           // the first ignore file that could not be understood
}

func newIgnorer(root *os.Root, name string, parse func(string) ([]pattern, error), last []pattern) *ignorer {
	return &ignorer{root: root, name: name, parse: parse, last: last, files: map[string][]pattern{}, dirs: map[string]bool{".": false}, quiet: map[string]bool{}}
}

// ignored reports whether name, or a directory that it lies in, is ignored.
func (g *ignorer) ignored(name string, isDir bool) bool {
	if isDir {
		if known, ok := g.dirs[name]; ok {
			return known
		}
	}
	yes := g.ignored(parent(name), true) || g.judge(name, isDir) == ignore
	if isDir {
		g.dirs[name] = yes
	}
	return yes
}

// judge asks the ignore files from the deepest directory upwards.
func (g *ignorer) judge(name string, isDir bool) verdict {
	for dir := parent(name); !g.isQuiet(dir); dir = parent(dir) {
		below := strings.TrimPrefix(name, dir+"/")
		if v := judge(g.load(dir), below, isDir); v != silent {
			return v
		}
		if dir == "." {
			break
		}
	}
	return judge(g.last, name, isDir)
}

// isQuiet reports whether no ignore file in dir or above it has patterns, which
// is so in most directories of most projects.
func (g *ignorer) isQuiet(dir string) bool {
	quiet, known := g.quiet[dir]
	if !known {
		quiet = len(g.load(dir)) == 0 && (dir == "." || g.isQuiet(parent(dir)))
		g.quiet[dir] = quiet
	}
	return quiet
}

// parent is path.Dir for a path that is clean.
func parent(name string) string {
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return name[:i]
	}
	return "."
}

func (g *ignorer) load(dir string) []pattern {
	ps, ok := g.files[dir]
	if ok || g.parse == nil {
		return ps
	}
	name := path.Join(dir, g.name)
	var text string
	var err error
	if g.lacks == nil || !g.lacks(name) {
		text, err = readSmall(g.root, name)
	}
	if err == nil && text != "" {
		ps, err = g.parse(text)
	}
	if err != nil && g.err == nil {
		g.err = ErrIgnoreFile.Wrap(err, "%s", name)
	}
	g.files[dir] = ps
	return ps
}

// readSmall returns the content of an ignore file, or nothing when there is
// none. As with git, a symbolic link is none.
func readSmall(root *os.Root, name string) (string, error) {
	info, err := root.Lstat(name)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	case err != nil || !info.Mode().IsRegular():
		return "", nil
	case info.Size() > maxIgnoreFile:
		return "", ErrIgnoreFile.With("%s has %d bytes, limit %d", name, info.Size(), maxIgnoreFile)
	}
	data, err := root.ReadFile(name)
	return string(data), err
}

// gitPatterns is the parser of .gitignore files.
func gitPatterns(text string) ([]pattern, error) { return parsePatterns(text), nil }

// historicSection is the one section of the form that some older .onexignore files
// have, whose other keys said how files were to be processed.
const historicSection = "ignore"

// onexPatterns returns the parser of .onexignore files for a tool.
func onexPatterns(tool string) func(string) ([]pattern, error) {
	return func(text string) ([]pattern, error) {
		var sections map[string]yaml.Node
		if yaml.Unmarshal([]byte(text), &sections) == nil {
			for _, key := range []string{historicSection, "all", "stamper", tool} {
				if _, ok := sections[key]; ok {
					return sectionPatterns(sections, historicSection, "all", tool)
				}
			}
		}
		return parsePatterns(text), nil
	}
}

func sectionPatterns(sections map[string]yaml.Node, keys ...string) ([]pattern, error) {
	var lines []string
	for _, key := range keys {
		node, ok := sections[key]
		if !ok {
			continue
		}
		section := struct{ Patterns []string }{}
		var err error
		if node.Kind == yaml.SequenceNode {
			err = node.Decode(&section.Patterns)
		} else {
			err = node.Decode(&section)
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, section.Patterns...)
	}
	return parsePatterns(strings.Join(lines, "\n")), nil
}
