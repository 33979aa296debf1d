package stamp

import (
	"bytes"
	"embed"
	"fmt"
	"go/parser"
	"go/token"
	"reflect"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// A Sample is a file that a file type must be able to stamp: a small one with
// everything in it that is easily broken.
type Sample struct {
	Path string // by which the type is found
	Text string
}

// samples has one file for each type of filetype.Standard, by its name.
//
//go:embed canary
var samples embed.FS

// Canary rehearses stamping on one sample of each of the types: stamped, the
// sample must read back as what was written, with a hash that verifies;
// stamped again it must be the same bytes; stripped it must be the sample; and
// where a parser is at hand it must mean what it meant. The first type that
// fails, or has no sample, is an [ErrCanary]. Samples of the standard types are
// built in; more, or others, are in extra by the name of the type.
func Canary(types *filetype.Set, extra map[string]Sample) error {
	for _, t := range types.Types() {
		s, ok := extra[t.Name]
		if !ok {
			text, err := samples.ReadFile("canary/" + t.Name)
			if err != nil {
				return ErrCanary.With("%s has no sample", t.Name)
			}
			s = Sample{samplePath(t), string(text)}
		}
		if err := rehearse(types, t, s); err != nil {
			return ErrCanary.Wrap(err, "%s", t.Name).Detail("type", t.Name)
		}
	}
	return nil
}

func samplePath(t *filetype.Type) string {
	switch {
	case len(t.Filenames) > 0:
		return t.Filenames[0]
	case len(t.Extensions) > 0:
		return "canary" + t.Extensions[0]
	}
	return "canary"
}

// rehearse stamps one sample, in memory, and looks at what becomes of it.
func rehearse(types *filetype.Set, t *filetype.Type, s Sample) error {
	src := []byte(s.Text)
	if found, ok := types.Find(s.Path, src); !ok || found != t {
		return fmt.Errorf("the sample %s is not taken for a file of this type", s.Path)
	}
	written, out, err := rehearsal(t, s.Path, src)
	if err != nil {
		return err
	}
	parts, err := t.Split(out)
	switch {
	case err != nil:
		return fmt.Errorf("what was written cannot be read: %w", err)
	case parts.Form != filetype.Full || !parts.Meta.Equal(written):
		return fmt.Errorf("the block that was written is not the block that is read")
	case parts.Hash(parts.Meta) != parts.Meta.Hash():
		return fmt.Errorf("the hash does not verify")
	}
	if _, again, err := rehearsal(t, s.Path, out); err != nil || !bytes.Equal(again, out) {
		return fmt.Errorf("stamping again changes the file (error: %v)", err)
	}
	if stripped, err := t.Strip(out); err != nil || !bytes.Equal(stripped, src) {
		return fmt.Errorf("stripping the block does not give back the file (error: %v)", err)
	}
	return sameMeaning(t.Name, src, out)
}

// rehearsal stamps src the way that a batch would.
func rehearsal(t *filetype.Type, name string, src []byte) (meta.Block, []byte, error) {
	parts, err := t.Split(src)
	if err != nil {
		return meta.Block{}, nil, err
	}
	id := identityOf(t, name, parts)
	if id.uuid == "" {
		id.uuid = "c0ffee00-0000-4000-8000-000000000001"
	}
	id.namespace = t.Namespace(name)
	project := meta.Project{Owner: "Canary: #1", Author: "Canary", Copyright: "*/ \" ' # \\", License: "Apache-2.0"}
	b, _ := restamp(t, name, parts, id, project, time.Unix(0, 0))
	out, err := t.WithBlock(src, b)
	return b, out, err
}

// sameMeaning asks the language's parser, where we have it, whether the block is
// a comment and nothing else changed.
func sameMeaning(typeName string, before, after []byte) error {
	switch typeName {
	case "go":
		f, err := parser.ParseFile(token.NewFileSet(), "", after, parser.ParseComments)
		if err != nil {
			return err
		}
		if old, err := parser.ParseFile(token.NewFileSet(), "", before, parser.ParseComments); err != nil || old.Doc.Text() != f.Doc.Text() {
			return fmt.Errorf("the block became part of the package's documentation (error: %v)", err)
		}
	case "yaml":
		var old, new yaml.Node
		if err := yaml.Unmarshal(before, &old); err != nil {
			return err
		}
		if err := yaml.Unmarshal(after, &new); err != nil {
			return err
		}
		if !reflect.DeepEqual(values(&old), values(&new)) {
			return fmt.Errorf("the document has other values")
		}
	}
	return nil
}

// values lists every tag and value of a document in order.
func values(n *yaml.Node) []string {
	list := []string{n.Tag, n.Value}
	for _, c := range n.Content {
		list = append(list, values(c)...)
	}
	return list
}
