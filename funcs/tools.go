package funcs

import (
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/meta"
)

// Options say how [Tools] writes functions.
type Options struct {
	// Lines writes the line of each function. It then changes with every edit
	// above the function, and with it the block.
	Lines bool
}

// Tools returns functions as the tools field of a metadata block: a mapping from
// names to what is known of each, sorted by name. Of functions with one name the
// first is written.
func Tools(fs []Function, o *Options) meta.Map {
	if o == nil {
		o = &Options{}
	}
	sorted := slices.Clone(fs)
	slices.SortStableFunc(sorted, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	sorted = slices.CompactFunc(sorted, func(a, b Function) bool { return a.Name == b.Name })
	tools := make(meta.Map, 0, len(sorted))
	for _, f := range sorted {
		tools = append(tools, meta.Field{Key: f.Name, Value: f.value(o)})
	}
	return tools
}

func (f Function) value(o *Options) meta.Map {
	m := meta.Map{
		{Key: "type", Value: meta.String("function")},
		{Key: "language", Value: meta.String(f.Language)},
	}
	if o.Lines {
		m = append(m, meta.Field{Key: "line", Value: meta.String(strconv.Itoa(f.Line))})
	}
	return append(m,
		meta.Field{Key: "description", Value: meta.String(f.Description)},
		meta.Field{Key: "inputs", Value: meta.Strings(f.Inputs...)},
		meta.Field{Key: "outputs", Value: meta.Strings(f.Outputs...)},
		meta.Field{Key: "error_codes", Value: meta.Strings(f.ErrorCodes...)},
		meta.Field{Key: "side_effects", Value: meta.Strings(f.SideEffects...)},
	)
}
