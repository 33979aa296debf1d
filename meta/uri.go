package meta

import (
	"path"
	"strings"
)

// Entrypoint returns the entrypoint as <type>://<target>, from whichever of its
// historic shapes b has: that text, type@target, a mapping of type and target,
// or the keys entrypoint.type and entrypoint.target. It returns "" when there
// is none, or the value has none of these shapes.
func (b Block) Entrypoint() string {
	switch v := b.Get(FieldEntrypoint).(type) {
	case String:
		return entrypointText(string(v))
	case Map:
		return joinURI(text(v.Get("type")), text(v.Get("target")))
	}
	return joinURI(b.Text("entrypoint.type"), b.Text("entrypoint.target"))
}

func entrypointText(s string) string {
	if strings.Contains(s, "://") {
		return s
	}
	scheme, target, _ := strings.Cut(s, "@")
	return joinURI(scheme, target)
}

func joinURI(scheme, target string) string {
	if scheme == "" || target == "" {
		return ""
	}
	return scheme + "://" + target
}

// Namespace returns the namespace with its scheme spelled out (py is python, md
// markdown, yml yaml), from whichever of its historic shapes b has: a text, or
// a mapping with a value, nested to any depth. It returns "" for none of these.
func (b Block) Namespace() string {
	v := b.Get(FieldNamespace)
	for {
		m, ok := v.(Map)
		if !ok {
			return spellScheme(text(v))
		}
		v = m.Get("value")
	}
}

func spellScheme(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	scheme = strings.ToLower(scheme)
	switch scheme {
	case "py":
		scheme = "python"
	case "md":
		scheme = "markdown"
	case "yml":
		scheme = "yaml"
	}
	return scheme + "://" + rest
}

// Namespace returns the namespace of the file at relpath, slash-separated from
// the project root: <scheme>://<dotted path>. The extension ext, the language's
// own, is left out; any other stays as _ext. Characters outside [A-Za-z0-9_]
// become _, so two files can get the same namespace; the caller sees to that.
func Namespace(scheme, ext, relpath string) string {
	p := path.Clean(strings.TrimLeft(relpath, "/"))
	if base := path.Base(p); ext != "" && len(base) > len(ext) {
		p = strings.TrimSuffix(p, ext)
	}
	out := make([]byte, 0, len(scheme)+3+len(p))
	out = append(append(out, scheme...), "://"...)
	for _, r := range p {
		out = append(out, namespaceByte(r))
	}
	return string(out)
}

func namespaceByte(r rune) byte {
	switch {
	case r == '/':
		return '.'
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return byte(r)
	}
	return '_'
}

// Entrypoint returns the entrypoint of the file at relpath: <scheme>://<name
// without its last extension>.
func Entrypoint(scheme, relpath string) string {
	base := path.Base(relpath)
	if stem := strings.TrimSuffix(base, path.Ext(base)); stem != "" {
		base = stem
	}
	return scheme + "://" + base
}
