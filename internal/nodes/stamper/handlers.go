package stamper

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// A HandlerEntry says who handles the files that one claim means.
type HandlerEntry struct {
	Kind     filetype.Kind   `json:"type"`
	Key      string          `json:"key"`
	Source   filetype.Source `json:"source"`
	Priority int             `json:"priority"`
	Class    string          `json:"handler_class"` // the name of the file type
	Override bool            `json:"override,omitempty"`

	// Over are the file types that claim the same and do not have it.
	Over []string `json:"over,omitempty"`

	Metadata *HandlerMetadata `json:"metadata,omitempty"`
}

// HandlerMetadata is what is known of a handler.
type HandlerMetadata struct {
	Name        string   `json:"handler_name"`
	Version     string   `json:"handler_version"` // of the metadata format that it writes
	Description string   `json:"handler_description"`
	Extensions  []string `json:"supported_extensions"`
	Filenames   []string `json:"supported_filenames"`

	// Content reports whether a file may be recognised by its first line.
	Content bool `json:"requires_content_analysis"`
}

// Handlers is the output of "onex handlers list": entries by what they are called,
// "extension:.py".
type Handlers map[string]HandlerEntry

// Table lists the entries as a person reads them.
func (hs Handlers) Table() console.Grid {
	g := console.Grid{Header: []string{"type", "key", "handler", "source", "priority", "over"}, Empty: "no handlers match these filters"}
	described := slices.ContainsFunc(hs.sorted(), func(e HandlerEntry) bool { return e.Metadata != nil })
	if described {
		g.Header = append(g.Header, "how")
	}
	for _, e := range hs.sorted() {
		row := []string{string(e.Kind), e.Key, e.Class, string(e.Source), fmt.Sprint(e.Priority), strings.Join(e.Over, ", ")}
		if described {
			row = append(row, e.Metadata.Description)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// Summary counts by source and kind.
func (hs Handlers) Summary(w io.Writer) {
	bySource, byKind, classes := map[filetype.Source]int{}, map[filetype.Kind]int{}, map[string]bool{}
	for _, e := range hs {
		bySource[e.Source]++
		byKind[e.Kind]++
		classes[e.Class] = true
	}
	fmt.Fprintf(w, "%d handlers with %d claims\n", len(classes), len(hs))
	for _, s := range filetype.Sources() {
		if bySource[s] > 0 {
			fmt.Fprintf(w, "source %s (priority %d): %d\n", s, s.Priority(), bySource[s])
		}
	}
	for _, k := range filetype.Kinds() {
		if byKind[k] > 0 {
			fmt.Fprintf(w, "type %s: %d\n", k, byKind[k])
		}
	}
}

// sorted returns the entries in the order in which they are asked.
func (hs Handlers) sorted() []HandlerEntry {
	var list []HandlerEntry
	for _, e := range hs {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b HandlerEntry) int {
		if a.Kind != b.Kind {
			return slices.Index(filetype.Kinds(), a.Kind) - slices.Index(filetype.Kinds(), b.Kind)
		}
		return strings.Compare(a.Key, b.Key)
	})
	return list
}

// newHandlers returns "onex handlers".
func newHandlers(env *console.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "handlers",
		Short: "which file type handles which files, and whether it can",
		Long: `A handler is a file type: how a kind of file carries its metadata block. list says
which has which files, canary whether it can stamp them.`,
		Example: `  onex handlers list
  onex handlers canary`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newHandlersList(env), newHandlersCanary(env))
	return cmd
}

func newHandlersList(env *console.Env) *cobra.Command {
	var sources, kinds, names []string
	var described bool
	format := console.Table
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list which file type handles what, and where it comes from",
		Long: `list says which file type handles which files: by the whole name of a file
(special), by the end of its name (extension), by the program in its shebang
(interpreter), or by the name of the type (named). The first that fits decides, in
this order.

A type is part of ONEX (source core, priority 100) or comes from the project's
onex.yaml (node-local, 10) or from a plugin (0). Of two that claim the same, the one with the higher
priority has it, and between equals the first; "override: true" in onex.yaml
takes it whatever the priorities.`,
		Example: `  onex handlers list
  onex handlers list --source node-local --metadata
  onex handlers list --type special -o json`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringSliceVarP(&sources, "source", "s", nil, "only from this `source`: "+joined(filetype.Sources()))
	cmd.Flags().StringSliceVarP(&kinds, "type", "t", nil, "only of this `type`: "+joined(filetype.Kinds()))
	cmd.Flags().StringSliceVar(&names, "handler", nil, "only of the file type of this `name`")
	cmd.Flags().BoolVarP(&described, "metadata", "m", false, "say also how each carries its block")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(*cobra.Command, []string) error {
		list, err := handlers(env, sources, kinds, names, described)
		if err != nil {
			return err
		}
		return env.Print(format, list)
	}
	return cmd
}

// joined lists words of a closed set.
func joined[W ~string](words []W) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, string(w))
	}
	return strings.Join(texts, ", ")
}

func handlers(env *console.Env, sources, kinds, names []string, described bool) (Handlers, error) {
	if err := errors.Join(among("source", sources, filetype.Sources()), among("type", kinds, filetype.Kinds())); err != nil {
		return nil, err
	}
	root, o, err := new(selection).open(env, nil)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	claims, err := stamp.Claims(root, o.Plugins...)
	if err != nil {
		return nil, err
	}
	wanted := func(value string, of []string) bool { return len(of) == 0 || slices.Contains(of, value) }
	list := Handlers{}
	for _, c := range claims {
		if wanted(string(c.Source), sources) && wanted(string(c.Kind), kinds) && wanted(c.Type.Name, names) {
			list[c.ID()] = entry(c, described)
		}
	}
	return list, nil
}

// among refuses words that are not of a closed set.
func among[W ~string](flag string, given []string, words []W) error {
	for _, g := range given {
		if !slices.Contains(words, W(g)) {
			return console.ErrUsage.With("--%s: %q is not one of %s", flag, g, joined(words))
		}
	}
	return nil
}

func entry(c filetype.Claim, described bool) HandlerEntry {
	e := HandlerEntry{Kind: c.Kind, Key: c.Key, Source: c.Source, Priority: int(c.Priority), Class: c.Type.Name, Override: c.Override}
	for _, o := range c.Over {
		e.Over = append(e.Over, fmt.Sprintf("%s (%s, %d)", o.Type.Name, o.Source, o.Priority))
	}
	if described {
		e.Metadata = &HandlerMetadata{
			Name: c.Type.Name, Version: meta.Version, Description: c.Type.String(),
			Extensions: append([]string{}, c.Type.Extensions...), Filenames: append([]string{}, c.Type.Filenames...),
			Content: len(c.Type.Interpreters) > 0,
		}
	}
	return e
}

// Rehearsed is the output of "onex handlers canary".
type Rehearsed []stamp.Rehearsal

// Table lists what became of each.
func (rs Rehearsed) Table() console.Grid {
	g := console.Grid{Header: []string{"handler", "file", "result", "message"}}
	for _, r := range rs {
		result := "ok"
		if r.Failed != "" {
			result = string(r.Failed)
		}
		g.Rows = append(g.Rows, []string{r.Type, r.Path, result, r.Message})
	}
	return g
}

func newHandlersCanary(env *console.Env) *cobra.Command {
	format := console.Table
	cmd := &cobra.Command{
		Use:   "canary [FILE…]",
		Short: "stamp a sample of every file type in memory, or the files named",
		Long: `canary stamps the canary of every file type in memory, as onex stamp does before
it writes anything, and says what became of each; or it does the same with the
files named, to see whether they would survive. Nothing is written. It ends with
status 1 when one failed, and names the step.`,
		Example: `  onex handlers canary
  onex handlers canary src/odd.py`,
	}
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		root, o, err := new(selection).open(env, args)
		if err != nil {
			return err
		}
		defer root.Close()
		done, failed := stamp.Rehearsals(root, o)
		if err := env.Print(format, Rehearsed(done)); err != nil || failed != nil {
			return errors.Join(err, failed)
		}
		if slices.ContainsFunc(done, func(r stamp.Rehearsal) bool { return r.Failed != "" }) {
			return console.Exit(console.ExitError)
		}
		return nil
	}
	return cmd
}
