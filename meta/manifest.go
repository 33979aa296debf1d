package meta

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ManifestFile is the name of the file that holds the metadata of the files in
// its directory that do not carry it themselves.
const ManifestFile = ".onex.yaml"

// MaxManifest is the largest manifest that is read, in bytes: that of a directory
// with some 70,000 files.
const MaxManifest = 64 << 20

// manifestHead begins every manifest that is printed. There is no hash and no
// time of the whole: they would be a conflict in every merge.
const manifestHead = "# Metadata of the files in this directory. Written by onex stamp.\n"

// A Manifest holds blocks by the base name of their file. Its text is
//
//	data.csv:
//	  uuid: 9f0e2c4e-5a35-4cbd-8f3c-0a1b2c3d4e5f
//	  name: data.csv
//	logo.png:
//	  …
//
// sorted by name. The zero Manifest is empty; Set and Delete may be called once
// it was made by [ParseManifest].
type Manifest struct{ texts map[string]string }

// ParseManifest reads a manifest. Blocks are parsed when they are asked for. The
// error is an [ErrParse] with line and column.
func ParseManifest(text []byte) (Manifest, error) {
	m := Manifest{map[string]string{}}
	if len(text) > MaxManifest {
		return m, (&SyntaxError{1, 1, fmt.Sprintf("%d bytes, the limit is %d", len(text), MaxManifest)}).Fault()
	}
	name, number := "", 0
	var block strings.Builder
	for line := range strings.Lines(string(bytes.TrimPrefix(text, []byte(bom)))) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		switch rest, indented := strings.CutPrefix(line, "  "); {
		case line == "" && name != "": // it may be part of a text
			block.WriteString("\n")
		case line == "" || line[0] == '#' || name == "" && line == "---":
		case indented && name != "":
			block.WriteString(rest + "\n")
		default:
			if name != "" {
				m.texts[name] = block.String()
			}
			block.Reset()
			var err error
			if name, err = m.parseName(line, number); err != nil {
				return Manifest{}, err
			}
		}
	}
	if name != "" {
		m.texts[name] = block.String()
	}
	return m, nil
}

// parseName reads the line that begins an entry.
func (m Manifest) parseName(line string, number int) (string, error) {
	fail := func(reason string) (string, error) { return "", (&SyntaxError{number, 1, reason}).Fault() }
	if !strings.HasSuffix(line, ":") {
		return fail("want the name of a file and a colon")
	}
	b, err := Parse([]byte(line + " x\n"))
	if err != nil || b.Len() != 1 || b.fields[0].Value != Value(String("x")) {
		return fail("not the name of a file: " + line)
	}
	name := b.fields[0].Key
	if _, twice := m.texts[name]; twice || name == "" || strings.Contains(name, "/") {
		return fail("the name is empty, a path, or there twice: " + line)
	}
	return name, nil
}

// Names returns the names of the files, sorted.
func (m Manifest) Names() []string { return slices.Sorted(maps.Keys(m.texts)) }

// Has reports whether there is an entry for the file name.
func (m Manifest) Has(name string) bool { _, ok := m.texts[name]; return ok }

// Block returns the block of the file name, which is empty when there is none.
func (m Manifest) Block(name string) (Block, error) { return Parse([]byte(m.texts[name])) }

// Set makes b the block of the file name.
func (m Manifest) Set(name string, b Block) { m.texts[name] = string(Print(b)) }

// Delete removes the entry of the file name.
func (m Manifest) Delete(name string) { delete(m.texts, name) }

// Clone returns a copy of m.
func (m Manifest) Clone() Manifest { return Manifest{maps.Clone(m.texts)} }

// Print returns the text of m. What was not set is
// as it was read, comments excepted.
func (m Manifest) Print() []byte {
	out := []byte(manifestHead)
	for _, name := range m.Names() {
		out = append(appendScalar(out, name), ":\n"...)
		for line := range strings.Lines(m.texts[name]) {
			if line != "\n" {
				out = append(out, "  "...)
			}
			out = append(out, line...)
		}
	}
	return out
}
