package funcs

import (
	"slices"
	"strings"
)

// A Language is a language in which functions are found. Its text is what the
// tools field of a metadata block says.
type Language string

// The languages.
const (
	Python     Language = "python"
	JavaScript Language = "javascript" // with JSX
	TypeScript Language = "typescript" // with JSX, where it is no type assertion
	Shell      Language = "bash"       // sh, dash and ksh, too
	Go         Language = "go"
	Rust       Language = "rust"
	Java       Language = "java"
)

// Languages returns all languages.
func Languages() []Language {
	return []Language{Python, JavaScript, TypeScript, Shell, Go, Rust, Java}
}

// Valid reports whether l is one of [Languages].
func (l Language) Valid() bool { return slices.Contains(Languages(), l) }

// ParseLanguage returns the language of that name, which may be the name of a
// file type (filetype.Type.Name), too. The error is an [ErrLanguage].
func ParseLanguage(name string) (Language, error) {
	if name == "shell" {
		return Shell, nil
	}
	if l := Language(name); l.Valid() {
		return l, nil
	}
	var all []string
	for _, l := range Languages() {
		all = append(all, string(l))
	}
	return "", ErrLanguage.With("%q: want one of %s", name, strings.Join(all, ", "))
}
