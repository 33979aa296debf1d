package stamp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/funcs"
)

// sameMeaning asks the language's parser, where we have it, whether the block is
// a comment and nothing else changed. Everything that is asked is within this
// program: what a run does must not depend on which interpreters are installed.
func sameMeaning(typeName string, before, after []byte) error {
	switch typeName {
	case "go":
		return sameGo(before, after)
	case "yaml":
		return sameYAML(before, after)
	case "xml":
		return sameXML(before, after)
	}
	if lang, err := funcs.ParseLanguage(typeName); err == nil {
		return sameFunctions(lang, before, after)
	}
	return nil
}

func sameGo(before, after []byte) error {
	parse := func(src []byte) (*ast.File, error) {
		return parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
	}
	old, err := parse(before)
	if err != nil {
		return err
	}
	new, err := parse(after)
	if err != nil {
		return err
	}
	if old.Doc.Text() != new.Doc.Text() {
		return errors.New("the block became part of the package's documentation")
	}
	return nil
}

func sameYAML(before, after []byte) error {
	var old, new yaml.Node
	if err := yaml.Unmarshal(before, &old); err != nil {
		return err
	}
	if err := yaml.Unmarshal(after, &new); err != nil {
		return err
	}
	if !reflect.DeepEqual(values(&old), values(&new)) {
		return errors.New("the document has other values")
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

func sameXML(before, after []byte) error {
	old, err := elements(before)
	if err != nil {
		return err
	}
	new, err := elements(after)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(old, new) {
		return errors.New("the document has other elements")
	}
	return nil
}

// elements lists the tags, texts and instructions of a document, without comments
// and what is between them.
func elements(src []byte) ([]string, error) {
	var list []string
	dec := xml.NewDecoder(bytes.NewReader(src))
	dec.Strict = false // entities may be declared in the document
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.Comment:
		case xml.CharData:
			if text := bytes.TrimSpace(token); len(text) > 0 {
				list = append(list, string(text))
			}
		default:
			list = append(list, fmt.Sprint(token))
		}
	}
}

// sameFunctions compares the functions that a source has, which a block that is no
// comment, or that ends one too early, changes.
func sameFunctions(lang funcs.Language, before, after []byte) error {
	old, wrong := funcs.All(lang, before)
	if len(wrong) > 0 {
		return fmt.Errorf("line %d: %s", wrong[0].Line, wrong[0].Message)
	}
	new, wrong := funcs.All(lang, after)
	if len(wrong) > 0 {
		return fmt.Errorf("line %d of the stamped file: %s", wrong[0].Line, wrong[0].Message)
	}
	if len(old) != len(new) {
		return fmt.Errorf("it has %d functions, not %d", len(new), len(old))
	}
	for i := range old {
		new[i].Line = old[i].Line
		if !reflect.DeepEqual(old[i], new[i]) {
			return fmt.Errorf("its function %s is another one", old[i].Name)
		}
	}
	return nil
}
