package stamper

import (
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

// fix returns the command that mends what was found, for the shell of somebody
// in the directory dir of the project at root, or nothing where no command does.
func fix(f stamp.Finding, root, dir string) string {
	flags := ""
	switch {
	case f.Code == stamp.ErrNotFound.Code || f.Code == stamp.ErrRead.Code || f.Code == stamp.ErrNewer.Code || f.Code == stamp.ErrLost.Code:
		return ""
	case f.Code == stamp.ErrOrphan.Code:
		return "onex stamp --write"
	case f.Code == stamp.ErrManifest.Code:
		return ""
	case f.Code == filetype.ErrConflict.Code:
		return "onex resolve"
	case f.State == stamp.Malformed, f.State == stamp.Invalid:
		flags = "--repair "
	case f.State == stamp.Duplicate:
		flags = "--new-identity "
	case f.State == stamp.Unsigned:
		return ""
	}
	name := f.Path
	if rel, err := filepath.Rel(dir, filepath.Join(root, filepath.FromSlash(f.Path))); err == nil {
		name = rel
	}
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	return "onex stamp --write " + flags + quote(name)
}

// quote quotes s for a POSIX shell, if it has to be.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:=@%", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
