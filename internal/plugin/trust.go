package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

// trustFile is the list of what is trusted, in the data directory of the project,
// which is the user's.
const trustFile = "trusted-plugins.json"

const (
	maxTrust = 1 << 20 // of the list, in bytes
	maxFiles = 10_000  // of a plugin that is a directory
)

// trust is the digest of each plugin that a person trusted, by its key.
type trust map[string]string

// key is what a person trusted: this plugin at this place, with these arguments.
func (p *Plugin) key() string {
	return strings.Join(append([]string{p.ID(), p.Path}, p.Args...), "\x1f")
}

func readTrust(data string) (trust, error) {
	t := trust{}
	if data == "" { // a user without a home has trusted nothing
		return t, nil
	}
	text, err := readAll(filepath.Join(data, trustFile), maxTrust)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		return nil, ErrConfig.Wrap(err, "%s cannot be read", filepath.Join(data, trustFile)).
			Hinted("delete it, and trust the plugins again")
	}
	return t, nil
}

// Trust records that the plugins may run as they are now. The list is replaced as a
// whole or not at all.
func Trust(data string, plugins []Plugin) error {
	t, err := readTrust(data)
	if err != nil {
		return err
	}
	for _, p := range plugins {
		digest, err := p.digest()
		if err != nil {
			return ErrConfig.Wrap(err, "%s", p.ID())
		}
		if p.Digest != "" && digest != p.Digest {
			return ErrUntrusted.With("%s changed while it was trusted", p.ID())
		}
		t[p.key()] = digest
	}
	return writeTrust(data, t)
}

// Distrust takes plugins from the list.
func Distrust(data string, plugins []Plugin) error {
	t, err := readTrust(data)
	if err != nil {
		return err
	}
	for _, p := range plugins {
		delete(t, p.key())
	}
	return writeTrust(data, t)
}

func writeTrust(data string, t trust) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(data)
	if err != nil {
		return err
	}
	defer root.Close()
	return atomicfile.Write(root, trustFile, append(text, '\n'), 0o600)
}

// digest returns the SHA-256 of the program, or of names and contents of all files
// in the directory. The error says why it is no plugin.
func (p *Plugin) digest() (string, error) {
	info, err := os.Stat(p.Path)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir() && p.Type.directory():
		return "", fmt.Errorf("%s: a %s is a directory", p.Path, p.Type)
	}
	switch {
	case p.Type == Fixture:
		err = checkFixture(p.Path)
	case p.Type != Node:
		_, err = p.program()
	}
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if !info.IsDir() {
		if err := hashFile(h, p.Path); err != nil {
			return "", err
		}
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	files := 0
	err = filepath.WalkDir(p.Path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if files++; files > maxFiles {
			return fmt.Errorf("%s has more than %d files", p.Path, maxFiles)
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is no regular file", path)
		}
		rel, err := filepath.Rel(p.Path, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s\x00", filepath.ToSlash(rel))
		return hashFile(h, path)
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// mainName is what the program of a plugin that is a directory is called, with any
// extension or none.
const mainName = "run"

// program returns the path of the program: the plugin itself, or the file run in its
// directory.
func (p *Plugin) program() (string, error) {
	path := p.Path
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		found, _ := filepath.Glob(escaped(path) + "/" + mainName + ".*") // the pattern is ours
		if _, err := os.Stat(filepath.Join(path, mainName)); err == nil {
			found = append(found, filepath.Join(path, mainName))
		}
		if len(found) != 1 {
			return "", fmt.Errorf("%s has %d programs called %s or %[3]s.*, want one", path, len(found), mainName)
		}
		path = found[0]
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return "", err
	case info.IsDir() || !runnable(info):
		return "", fmt.Errorf("%s is not executable", path)
	}
	return path, nil
}

// escaped makes a path mean itself in a pattern.
func escaped(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(path)
}

func hashFile(h io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	inner := sha256.New()
	if _, err := io.Copy(inner, f); err != nil {
		return err
	}
	_, err = h.Write(inner.Sum(nil))
	return err
}
