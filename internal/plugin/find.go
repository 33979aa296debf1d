package plugin

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Dir is where plugins of a project lie, one directory for each type.
const Dir = ".onex/plugins"

// EnvPrefix begins the variables that name a plugin; EnvMode says which are used.
const (
	EnvPrefix = "ONEX_PLUGIN_"
	EnvMode   = "ONEX_PLUGINS"
)

// MaxPlugins bounds how many a project may have: each is a process.
const MaxPlugins = 64

// nameForm is what a plugin may be called.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*([_-][a-z0-9]+)*$`)

// CheckName refuses what a plugin cannot be called: [ErrConfig].
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return ErrConfig.With("%q is no name: want lower-case letters and digits, joined by _ or -", name)
	}
	return nil
}

// Options says where to look.
type Options struct {
	Root     string   // of the project, absolute
	Data     string   // where the list of what is trusted is kept
	Environ  []string // as os.Environ has it
	Declared []Plugin // by onex.yaml: see ParseConfig
}

// Find returns the plugins of a project and decides which are used. Nothing is
// run. The error is an [ErrConfig].
func Find(o *Options) (*Registry, error) {
	mode, found, err := fromEnvironment(o)
	if err != nil {
		return nil, err
	}
	inDir, err := fromDirectory(o.Root)
	if err != nil {
		return nil, err
	}
	others := slices.Concat(o.Declared, inDir)
	found = resolve(append(hyphened(found, others), others...))
	if len(found) > MaxPlugins {
		return nil, ErrConfig.With("%d plugins, limit %d", len(found), MaxPlugins)
	}
	trusted, err := readTrust(o.Data)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].root = o.Root
		found[i].judge(mode, trusted)
	}
	return &Registry{found}, nil
}

// judge decides whether the plugin, which no other one of its name shadows, is used.
func (p *Plugin) judge(mode string, trusted trust) {
	if p.State == Shadowed {
		return
	}
	digest, err := p.digest()
	p.Digest = digest
	switch {
	case mode == string(Off):
		p.State, p.Reason = Off, EnvMode+"=off"
	case err != nil:
		p.State, p.Reason = Broken, err.Error()
	case p.Source == Environment:
		p.State, p.Reason = Active, "the environment names it"
	case mode == "all":
		p.State, p.Reason = Active, EnvMode+"=all"
	case trusted[p.key()] == digest:
		p.State, p.Reason = Active, "it is trusted as it is"
	case trusted[p.key()] != "":
		p.State, p.Reason = Untrusted, "it changed since it was trusted; read it, then: onex plugins trust "+p.ID()
	default:
		p.State, p.Reason = Untrusted, "it comes with the repository; read it, then: onex plugins trust "+p.ID()
	}
}

// fromEnvironment reads ONEX_PLUGINS and the variables ONEX_PLUGIN_TYPE_NAME=path.
func fromEnvironment(o *Options) (mode string, found []Plugin, err error) {
	for _, entry := range slices.Sorted(slices.Values(o.Environ)) {
		key, value, _ := strings.Cut(entry, "=")
		if key == EnvMode {
			if mode = value; !slices.Contains([]string{"", "all", "trusted", "off"}, mode) {
				return "", nil, ErrConfig.With("%s=%s: want all, trusted or off", EnvMode, value)
			}
		}
		rest, ok := strings.CutPrefix(key, EnvPrefix)
		if !ok || value == "" {
			continue
		}
		kind, name, _ := strings.Cut(strings.ToLower(rest), "_")
		p := Plugin{Type: Type(kind), Name: name, Source: Environment, Origin: key, Priority: environmentPriority, Path: value}
		if !filepath.IsAbs(value) {
			p.Path = filepath.Join(o.Root, value)
		}
		if err := p.check(); err != nil {
			return "", nil, err
		}
		found = append(found, p)
	}
	return mode, found, nil
}

// hyphened gives what a variable names the name of the plugin that it means among
// the others: a variable can have no hyphen.
func hyphened(found, others []Plugin) []Plugin {
	for i, p := range found {
		for _, other := range others {
			if other.Type == p.Type && strings.ReplaceAll(other.Name, "-", "_") == p.Name {
				found[i].Name = other.Name
			}
		}
	}
	return found
}

// check refuses what cannot be a plugin.
func (p *Plugin) check() error {
	switch {
	case !slices.Contains(Types(), p.Type):
		return ErrConfig.With("%s: %q is not one of %v", p.Origin, p.Type, Types())
	case p.Path == "" && nameForm.MatchString(p.Name):
		return ErrConfig.With("%s: a plugin needs a program or a directory", p.Origin)
	}
	if err := CheckName(p.Name); err != nil {
		return ErrConfig.Wrap(err, "%s", p.Origin)
	}
	return nil
}

// fromDirectory reads .onex/plugins/TYPE/NAME. What starts with a point or ends
// with ~ is nobody's plugin.
func fromDirectory(root string) ([]Plugin, error) {
	var found []Plugin
	for _, t := range Types() {
		dir := filepath.Join(root, filepath.FromSlash(Dir), string(t))
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, ErrConfig.Wrap(err, "%s", dir)
		}
		for _, e := range entries {
			base := e.Name()
			if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || strings.HasSuffix(base, "~") {
				continue
			}
			origin := Dir + "/" + string(t) + "/" + base
			p := Plugin{Type: t, Name: strings.ToLower(strings.TrimSuffix(base, filepath.Ext(base))), Source: Directory, Origin: origin,
				Priority: directoryPriority, Path: filepath.Join(dir, base)}
			if err := p.check(); err != nil {
				return nil, err
			}
			found = append(found, p)
		}
	}
	return found, nil
}

// readAll reads a file of at most max bytes.
func readAll(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(data)) > max {
		err = ErrConfig.With("%s has more than %d bytes", path, max)
	}
	return data, err
}
