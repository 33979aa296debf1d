package stamp

import (
	"slices"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// documentFields are what a YAML file has at its top that is metadata of its own,
// as the node.onex.yaml of earlier ONEX is: all of them, wherever they stand.
var documentFields = []string{
	meta.FieldSchemaVersion, meta.FieldUUID, meta.FieldCreatedAt, meta.FieldHash, meta.FieldMetaType,
}

// documentIdentity returns the uuid and created_at that a YAML file without a
// block says of itself, so that its block continues that identity instead of
// giving the file a second one. The block is empty when it says none.
func documentIdentity(t *filetype.Type, parts filetype.Parts) meta.Block {
	var doc meta.Block
	if t.Name != "yaml" {
		return doc
	}
	begun := false
	for line := range strings.Lines(string(parts.Body)) {
		text := strings.TrimSpace(line)
		switch key, _, _ := strings.Cut(line, ":"); {
		case text == "..." || text == "---" && begun:
			return documentIdentityOf(doc) // what follows is another document
		case text == "" || text == "---" || text[0] == '#' || text[0] == '%':
			continue
		case slices.Contains(documentFields, key) && !doc.Has(key):
			if one, err := meta.Parse([]byte(line)); err == nil && one.Text(key) != "" {
				doc.SetText(key, one.Text(key))
			}
		}
		begun = true
	}
	return documentIdentityOf(doc)
}

// documentIdentityOf returns what of the fields at the top of a document is to
// be the identity of its file: nothing, unless all are there.
func documentIdentityOf(doc meta.Block) meta.Block {
	if doc.Len() < len(documentFields) || !meta.IsUUID(doc.UUID()) || doc.UUID() == nilUUID {
		return meta.Block{}
	}
	return meta.NewBlock(
		meta.Field{Key: meta.FieldUUID, Value: meta.String(doc.UUID())},
		meta.Field{Key: meta.FieldCreatedAt, Value: meta.String(doc.CreatedAt())},
	)
}
