package filetype

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
)

// ErrOverlap is returned when two file types of one set claim the same name,
// extension, file name or interpreter, or a type lacks its name or comment. It
// is a mistake in a table of types, such as a plugin's: change the table.
var ErrOverlap = fault.New("ONEX_STAMP_042_HANDLER_INITIALIZATION_FAILED", fault.Invalid, "file types cannot be one set").
	Hinted("give each name, extension, file name and interpreter to one type only")

// A Set finds the type of a file.
type Set struct {
	types        []*Type
	extensions   map[string]*Type
	filenames    map[string]*Type
	interpreters map[string]*Type
}

// NewSet returns the set of the types. The error is an [ErrOverlap].
func NewSet(types ...Type) (*Set, error) {
	s := &Set{extensions: map[string]*Type{}, filenames: map[string]*Type{}, interpreters: map[string]*Type{}}
	names := map[string]*Type{}
	for _, t := range types {
		if t.Name == "" || t.Comment.Before == "" {
			return nil, ErrOverlap.With("type %q has no name or no comment", t.Name)
		}
		s.types = append(s.types, &t)
		for _, claim := range []struct {
			what  string
			index map[string]*Type
			keys  []string
		}{
			{"name", names, []string{t.Name}},
			{string(Extension), s.extensions, t.Extensions},
			{"file name", s.filenames, t.Filenames},
			{"interpreter", s.interpreters, t.Interpreters},
		} {
			if err := claimAll(&t, claim.what, claim.index, claim.keys); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func claimAll(t *Type, what string, index map[string]*Type, keys []string) error {
	for _, k := range keys {
		if other, taken := index[k]; taken {
			return ErrOverlap.With("%s %q is claimed by %s and %s", what, k, other.Name, t.Name)
		}
		if what == string(Extension) && (!strings.HasPrefix(k, ".") || k != strings.ToLower(k)) {
			return ErrOverlap.With("extension %q of %s: want a dot and lower case", k, t.Name)
		}
		index[k] = t
	}
	return nil
}

// Types returns the types in the order in which they were given.
func (s *Set) Types() []*Type { return slices.Clone(s.types) }

// Named returns the type of that name.
func (s *Set) Named(name string) (*Type, bool) {
	i := slices.IndexFunc(s.types, func(t *Type) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return s.types[i], true
}

// Find returns the type of the file at p: by its name, else its last extension
// in any case, else the shebang in head, the start of its content, which may be
// nil.
func (s *Set) Find(p string, head []byte) (*Type, bool) {
	base := path.Base(p)
	if t, ok := s.filenames[base]; ok {
		return t, true
	}
	if ext := path.Ext(base); ext != "" && ext != base {
		if t, ok := s.extensions[strings.ToLower(ext)]; ok {
			return t, true
		}
	}
	t, ok := s.interpreters[interpreter(head)]
	return t, ok
}

// interpreter returns the name of the program in the shebang, without path,
// env and version, or "".
func interpreter(head []byte) string {
	rest, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return ""
	}
	line, _, _ := bytes.Cut(rest[:min(len(rest), maxShebang)], []byte("\n"))
	for i, word := range strings.Fields(string(line)) {
		name := path.Base(word)
		if i == 0 && name == "env" || i > 0 && (strings.HasPrefix(word, "-") || strings.Contains(word, "=")) {
			continue
		}
		return strings.TrimRight(name, "0123456789.")
	}
	return ""
}

// maxShebang is as much of a shebang as Linux reads (BINPRM_BUF_SIZE).
const maxShebang = 256
