package stamp

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/filetype"
)

// maxComment bounds a comment sign: REM and <!-- are long ones.
const maxComment = 16

// fileType reads one file type.
func (r *configReader) fileType(key, n *yaml.Node) error {
	t := filetype.Type{Name: key.Value}
	canary := ""
	err := r.each(n, "types."+key.Value+": a mapping", func(field, value *yaml.Node) error {
		what := "types." + key.Value + "." + field.Value
		var err error
		switch field.Value {
		case "like":
			err = r.like(&t, what, value)
		case "extensions":
			t.Extensions, err = r.texts(value, what)
		case "filenames":
			t.Filenames, err = r.texts(value, what)
		case "interpreters":
			t.Interpreters, err = r.texts(value, what)
		case "comment":
			t.Comment, err = r.comment(value, what)
		case "first":
			t.Head, err = r.head(value, what)
		case "runtime_language_hint":
			t.RuntimeHint = value.Value
		case "canary":
			canary = value.Value
		case "override":
			if value.Value != "true" && value.Value != "false" {
				return r.fail(value, "%s: %q is neither true nor false", what, value.Value)
			}
			r.config.Override[t.Name] = value.Value == "true"
		default:
			err = r.fail(field, "%s: unknown key; want like, extensions, filenames, interpreters, comment, first, runtime_language_hint, override or canary", what)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case len(t.Extensions)+len(t.Filenames)+len(t.Interpreters) == 0:
		return r.fail(key, "types.%s: has neither extensions, filenames nor interpreters", t.Name)
	case t.Comment.Before == "":
		return r.fail(key, "types.%s: has no comment", t.Name)
	case canary == "":
		return ErrNoCanary.With("%s:%d: types.%s has no canary", r.name, key.Line, t.Name)
	case !fs.ValidPath(path.Clean(canary)):
		return r.fail(key, "types.%s.canary: %q is not a path below the project", t.Name, canary)
	}
	r.config.Types = append(r.config.Types, t)
	r.config.Canaries[t.Name] = path.Clean(canary)
	return nil
}

// like takes over what is not set of a type of ours.
func (r *configReader) like(t *filetype.Type, what string, n *yaml.Node) error {
	model, ok := filetype.Standard().Named(n.Value)
	if !ok {
		return r.fail(n, "%s: there is no file type %q", what, n.Value)
	}
	if t.Comment.Before == "" {
		t.Comment = model.Comment
	}
	if t.Head == nil {
		t.Head = model.Head
	}
	if t.RuntimeHint == "" {
		t.RuntimeHint = model.RuntimeHint
	}
	return nil
}

// comment reads a sign that comments out a line, or the two around a comment.
func (r *configReader) comment(n *yaml.Node, what string) (filetype.Comment, error) {
	signs, err := r.texts(n, what)
	if err != nil || len(signs) == 0 || len(signs) > 2 {
		return filetype.Comment{}, r.fail(n, `%s: a sign such as "#", or two such as ["/*", "*/"], are expected`, what)
	}
	for i, s := range signs {
		signs[i] = strings.TrimSpace(s)
		if s = signs[i]; s == "" || len(s) > maxComment || strings.ContainsAny(s, "\n\r\t") {
			return filetype.Comment{}, r.fail(n, "%s: %q is no sign of 1 to %d characters in one line", what, s, maxComment)
		}
	}
	if len(signs) == 1 {
		return filetype.LineComment(signs[0]), nil
	}
	return filetype.BlockComment(signs[0], signs[1]), nil
}

// head reads what stays before the block: rules of ours by their names, and
// lines by what they start with.
func (r *configReader) head(n *yaml.Node, what string) ([]filetype.Rule, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, r.fail(n, "%s: a list is expected", what)
	}
	head := []filetype.Rule{}
	for _, item := range n.Content {
		rule, ok := filetype.Rule{}, false
		switch {
		case item.Kind == yaml.ScalarNode:
			rule, ok = filetype.RuleNamed(item.Value)
		case item.Kind == yaml.MappingNode && len(item.Content) == 2 && item.Content[0].Value == "lines" && item.Content[1].Value != "":
			rule, ok = filetype.LinesThatStart(item.Content[1].Value), true
		}
		if !ok {
			return nil, r.fail(item, `%s: %q is no rule; want {lines: "text"} or one of: %s`, what, item.Value, strings.Join(filetype.RuleNames(), ", "))
		}
		head = append(head, rule)
	}
	return head, nil
}

// configure gives o what onex.yaml says, where o does not say otherwise.
func (o *Options) configure(root *os.Root) error {
	c, text, err := configOf(root)
	if err != nil {
		return err
	}
	c.plugins = o.Plugins
	o.config = c
	if o.custom {
		return nil
	}
	if len(o.Plugins) > 0 {
		text = append(text, fingerprintOfPlugins(o.Plugins)...)
	}
	o.fingerprint = fingerprintOf(text)
	if len(c.Types)+len(o.Plugins) == 0 {
		o.Types = filetype.Standard()
		return nil
	}
	o.Types, _, err = c.resolve(ConfigFile)
	return err
}

// loadSamples reads the samples of the types that onex.yaml brings.
func (o *Options) loadSamples(root *os.Root) error {
	if o.Samples == nil {
		o.Samples = map[string]Sample{}
	}
	for _, p := range o.Plugins {
		if _, used := o.Types.Named(p.Type.Name); used && !o.custom {
			o.Samples[p.Type.Name] = Sample{Path: "canary" + firstExtension(&p.Type), Text: p.Canary}
		}
	}
	for _, t := range o.config.Types {
		if _, ok := o.Samples[t.Name]; o.custom || ok {
			continue
		}
		s, err := o.sample(root, &t, o.config.Canaries[t.Name])
		if err != nil {
			return err
		}
		o.Samples[t.Name] = s
	}
	return nil
}

// sample reads the sample of t. It is a file of the project, so it may be
// stamped itself; it counts without its block.
func (o *Options) sample(root *os.Root, t *filetype.Type, name string) (Sample, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Sample{}, ErrNoCanary.With("%s: types.%s.canary: there is no %s", ConfigFile, t.Name, name)
	case err != nil:
		return Sample{}, ErrRead.Wrap(err, "%s", name)
	case !info.Mode().IsRegular() || info.Size() > maxSample:
		return Sample{}, ErrNoCanary.With("%s: types.%s.canary: %s is no file of at most %d bytes", ConfigFile, t.Name, name, maxSample)
	}
	text, err := root.ReadFile(name)
	if err != nil {
		return Sample{}, ErrRead.Wrap(err, "%s", name)
	}
	if stripped, err := t.Strip(text); err == nil {
		text = stripped
	}
	return Sample{Path: name, Text: string(slices.Clone(text))}, nil
}

// firstExtension returns the extension of files of t, or nothing.
func firstExtension(t *filetype.Type) string {
	if len(t.Extensions) == 0 {
		return ""
	}
	return t.Extensions[0]
}
