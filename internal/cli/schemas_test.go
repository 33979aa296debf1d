package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/nodes/schemagenerator"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/tree"
)

func TestTheSchemaOfTreesFitsThem(t *testing.T) {
	raw, err := treeDocument(schemagenerator.Home+"tree.json", "")
	if err != nil {
		t.Fatal(err)
	}
	v, err := schema.Compile(raw)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(tree.FromPaths("p", []string{"a.md", "b/c/d.py"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Validate(doc); err != nil {
		t.Errorf("%s: %v", doc, err)
	}
	for _, bad := range []string{`{}`, `{"name":"p","type":"link"}`, `{"name":"p","type":"directory","children":[{"name":"a"}]}`, `{"name":"p","type":"file","size":1}`} {
		if v.Validate([]byte(bad)) == nil {
			t.Errorf("%s is taken for a tree", bad)
		}
	}
}

func TestSchemasOfMachineOutputAreCurrent(t *testing.T) {
	var want []string
	for _, o := range outputs() {
		name := o.File + ".json"
		want = append(want, name)
		doc, err := o.Render(schemagenerator.Home+name, o.Title)
		if err != nil {
			t.Errorf("%s: %v", o.File, err)
			continue
		}
		golden.Check(t, filepath.Join("../../schemas", name), doc)
	}
	entries, err := os.ReadDir("../../schemas")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") && !slices.Contains(want, e.Name()) {
			t.Errorf("schemas/%s describes nothing that is printed", e.Name())
		}
	}
}
