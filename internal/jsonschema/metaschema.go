package jsonschema

import (
	"bytes"
	"embed"
	"encoding/json"
	"sync"
)

//go:embed metaschema
var metaFiles embed.FS

// home is the URL of every schema that is compiled; nothing is there.
const home = "onex://contract/"

// metaschema is the schema of schemas, of json-schema.org. It is compiled when
// the first schema is: most commands need none.
var metaschema = sync.OnceValue(func() meta {
	base := Draft[:len(Draft)-len("schema")]
	l := &library{byURL: map[string]*resource{}}
	var first *root
	for _, name := range []string{"core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content", "schema"} {
		url := base + "meta/" + name
		if name == "schema" {
			url = Draft
		}
		raw, err := metaFiles.ReadFile("metaschema/" + name + ".json")
		if err != nil {
			panic(err) // it is embedded
		}
		doc, err := read(raw)
		if err == nil {
			first, err = l.open(url, doc)
		}
		if err != nil {
			panic(err)
		}
	}
	n, err := compileRoot(l, first)
	if err != nil {
		panic(err)
	}
	return meta{l, n}
})

type meta struct {
	library *library
	node    *node
}

func read(raw []byte) (doc any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&doc)
	return doc, err
}

// compileRoot compiles a whole document, and what its dynamic references may
// come to.
func compileRoot(l *library, r *root) (*node, error) {
	c := &compiler{known: l, nodes: map[place]*node{}}
	n, err := c.node(place{r, ""}, r.doc)
	for _, res := range l.byURL {
		for _, pointer := range res.dynamic {
			if err != nil {
				return nil, err
			}
			s, _ := lookup(res.root.doc, pointer)
			_, err = c.node(place{res.root, pointer}, s)
		}
	}
	return n, err
}
