package nodemanager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
)

// A FileType is what "onex new file-type" takes.
type FileType struct {
	Name      string
	Extension string // with dot
	Comment   string // what comments out the rest of a line, or begins a comment
	End       string // of a comment; empty when the line ends it
}

// NewFileType adds a type to types in onex.yaml, with a canary: a sample that
// stamping tries before it touches a file. It was tried before anything is written.
// A type of that name, and a canary that is there, is [ErrExists].
func (m Manager) NewFileType(ctx context.Context, f FileType, write bool) (Report, error) {
	if _, err := node.ParseName(f.Name); err != nil {
		return Report{}, err
	}
	r := &repair{m: m, files: map[string]edit{}}
	canary := path.Join("testdata", "canary", f.Name+f.Extension)
	if there, err := exists(m.path(canary)); there || err != nil {
		return Report{}, ErrExists.Wrap(err, "%s", canary)
	}
	was, err := r.read(configFile)
	if err != nil {
		return Report{}, err
	}
	text, err := f.addTo(was, canary)
	if err != nil {
		return Report{}, err
	}
	r.write(configFile, text, "the type %s", f.Name)
	r.write(canary, f.sample(), "a sample that must survive stamping")
	if err := r.rehearse(f.Name, text, canary); err != nil || !write {
		return reported(r, ctx, err)
	}
	if err := os.MkdirAll(filepath.Dir(m.path(canary)), 0o755); err != nil {
		return Report{}, err
	}
	out, err := r.finish(ctx, true)
	if owned, _ := exists(m.path(meta.ProjectFile)); err != nil || !owned {
		return out, err
	}
	root, err := os.OpenRoot(m.Root)
	if err != nil {
		return out, err
	}
	defer root.Close()
	return out, restamp(ctx, root, []string{canary}, nil)
}

func reported(r *repair, ctx context.Context, err error) (Report, error) {
	if err != nil {
		return Report{}, err
	}
	return r.finish(ctx, false)
}

// sample has what is easily broken: comments, the end of one, and odd lines.
func (f FileType) sample() []byte {
	end := ""
	if f.End != "" {
		end = " " + f.End
	}
	return fmt.Appendf(nil, "%s Replace this by a small real file with everything in it that is easily broken.%s\nfirst line\n\n\tindented, with a comment %s behind it%s\n\"%s in a text\"\n",
		f.Comment, end, f.Comment, end, f.Comment)
}

// addTo returns onex.yaml with the type. Everything else stays as it is.
func (f FileType) addTo(text []byte, canary string) ([]byte, error) {
	before, err := stamp.ParseConfig(configFile, text)
	if err != nil {
		return nil, err
	}
	if _, there := before.Canaries[f.Name]; there {
		return nil, ErrExists.With("types.%s in %s", f.Name, configFile)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, ErrList.Wrap(err, "%s", configFile)
	}
	lines := strings.SplitAfter(string(text), "\n")
	indent, at := "  ", 0
	if len(doc.Content) > 0 {
		for i := 0; i+1 < len(doc.Content[0].Content); i += 2 {
			if key, value := doc.Content[0].Content[i], doc.Content[0].Content[i+1]; key.Value == "types" {
				at = max(key.Line, last(value))
				if len(value.Content) > 0 {
					indent = strings.Repeat(" ", value.Content[0].Column-1)
				}
			}
		}
	}
	entry := f.entry(indent, canary)
	if at == 0 {
		old := strings.Join(lines, "")
		if old != "" && !strings.HasSuffix(old, "\n") {
			old += "\n"
		}
		lines = []string{old + "types:\n" + entry}
	} else {
		insert(&lines, at, entry)
	}
	out := []byte(strings.Join(lines, ""))
	after, err := stamp.ParseConfig(configFile, out)
	if err == nil && len(after.Types) != len(before.Types)+1 {
		err = ErrList.With("types in %s is not written as expected", configFile).Hinted("add the type by hand: docs/file-types.md")
	}
	return out, err
}

// entry is the type as it stands in onex.yaml.
func (f FileType) entry(indent, canary string) string {
	comment := quote(f.Comment)
	if f.End != "" {
		comment = "[" + comment + ", " + quote(f.End) + "]"
	}
	return fmt.Sprintf("%[1]s%[2]s:\n%[1]s  extensions: [%[3]s]\n%[1]s  comment: %[4]s\n%[1]s  canary: %[5]s\n",
		indent, f.Name, quote(f.Extension), comment, scalar(canary))
}

func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text
	}
	return strings.NewReplacer(`\u003c`, `<`, `\u003e`, `>`, `\u0026`, `&`).Replace(string(out))
}

// last returns the last line of a value.
func last(n *yaml.Node) int {
	line := n.Line
	if n.Kind == yaml.ScalarNode {
		line += strings.Count(n.Value, "\n")
	}
	for _, c := range n.Content {
		line = max(line, last(c))
	}
	return line
}

// rehearse tries the type in a directory that stands for the project.
func (r *repair) rehearse(name string, text []byte, canary string) error {
	s, err := r.m.newStage(false)
	if err != nil {
		return err
	}
	defer s.remove()
	c, err := stamp.ParseConfig(configFile, text)
	if err != nil {
		return err
	}
	for _, other := range c.Canaries {
		data, err := r.read(other)
		if err == nil && data != nil {
			err = errors.Join(s.at.MkdirAll(filepath.FromSlash(path.Dir(other)), 0o755), s.at.WriteFile(other, data, 0o644))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := s.at.WriteFile(configFile, text, 0o644); err != nil {
		return err
	}
	all, err := stamp.Rehearsals(s.at, &stamp.Options{Paths: []string{canary}})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(r stamp.Rehearsal) bool { return r.Err() != nil })
	if i >= 0 {
		return all[i].Err()
	}
	return nil
}

func newFileType(env *console.Env, m Manager) *cobra.Command {
	var f FileType
	var dry bool
	format := console.Text
	cmd := &cobra.Command{
		Use:   "file-type NAME",
		Short: "teach stamping a type of files",
		Long: `file-type adds a type to types: in onex.yaml, so that onex stamp and onex check
handle its files, and makes its canary: a sample that must survive stamping before
any file is touched. Replace the canary by a real file with everything in it that is
easily broken. docs/file-types.md says what else a type can have.`,
		Example: `  onex new file-type nix --extension .nix --comment '#'
  onex new file-type ocaml --extension .ml --comment '(*' --comment-end '*)'`,
		Args: oneName,
	}
	cmd.Flags().StringVar(&f.Extension, "extension", "", "`extension` of its files, with dot")
	cmd.Flags().StringVar(&f.Comment, "comment", "", "`sign` that comments out the rest of a line, or begins a comment")
	cmd.Flags().StringVar(&f.End, "comment-end", "", "`sign` that ends a comment")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be written")
	cmd.Flags().VarP(&format, "output", "o", "how to print the result")
	cmd.MarkFlagRequired("extension")
	cmd.MarkFlagRequired("comment")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := inProject(env, m)
		if err != nil {
			return err
		}
		f.Name = args[0]
		if !strings.HasPrefix(f.Extension, ".") {
			f.Extension = "." + f.Extension
		}
		r, err := m.NewFileType(cmd.Context(), f, !dry)
		if err != nil {
			return err
		}
		if err := show(env, format, r); err != nil || dry {
			return err
		}
		env.Next("put a real file into testdata/canary/" + f.Name + f.Extension + ", then onex handlers canary, onex stamp --diff")
		return nil
	}
	return cmd
}
