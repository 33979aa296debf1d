package stamp

import (
	"slices"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/meta"
)

// discovered is the key in x_extensions under which a block lists the tools that
// were found in the source. By it the next run knows which of the tools it may
// take out when their function is gone: all others were written by people.
const discovered = "discovered_functions"

// amend returns what puts the functions of a file into its block, or nil.
func (p *Plan) amend(i *Item, parts filetype.Parts) func(*meta.Block) {
	if p.opts.Functions == nil || i.typ == nil {
		return nil
	}
	lang, err := funcs.ParseLanguage(i.typ.Name)
	if err != nil {
		return nil
	}
	found, diagnostics := funcs.Find(lang, parts.Body)
	i.Diagnostics = diagnostics
	tools := funcs.Tools(found, p.opts.Functions)
	return func(b *meta.Block) { setTools(b, tools) }
}

// setTools makes the tools of b those that people wrote, and then those that were
// found, by name.
func setTools(b *meta.Block, found meta.Map) {
	had, _ := b.Get(meta.FieldTools).(meta.Map)
	ours := discoveredIn(*b)
	if len(found) == 0 && len(ours) == 0 {
		return
	}
	tools := slices.DeleteFunc(slices.Clone(had), func(f meta.Field) bool { return slices.Contains(ours, f.Key) })
	var names []string
	for _, f := range found {
		if tools.Get(f.Key) == nil { // else a person says what it is
			tools, names = append(tools, f), append(names, f.Key)
		}
	}
	setOrDelete(b, meta.FieldTools, tools)
	setDiscovered(b, names)
}

func discoveredIn(b meta.Block) []string {
	extensions, _ := b.Get(meta.FieldExtensions).(meta.Map)
	list, _ := extensions.Get(discovered).(meta.List)
	var names []string
	for _, v := range list {
		if name, ok := v.(meta.String); ok {
			names = append(names, string(name))
		}
	}
	return names
}

func setDiscovered(b *meta.Block, names []string) {
	extensions, _ := b.Get(meta.FieldExtensions).(meta.Map)
	extensions = slices.DeleteFunc(slices.Clone(extensions), func(f meta.Field) bool { return f.Key == discovered })
	if len(names) > 0 {
		slices.Sort(names)
		extensions = append(extensions, meta.Field{Key: discovered, Value: meta.Strings(names...)})
	}
	setOrDelete(b, meta.FieldExtensions, extensions)
}

// setOrDelete sets a field that holds something, and removes one that does not.
func setOrDelete(b *meta.Block, field string, m meta.Map) {
	switch {
	case len(m) == 0:
		b.Delete(field)
	case !meta.Equal(b.Get(field), m):
		b.Set(field, m)
	}
}
