package stamp

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"time"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// timeForm is how created_at and last_modified_at are written: RFC 3339, UTC,
// whole seconds.
const timeForm = "2006-01-02T15:04:05Z"

// An identity is what of a block is decided once and not derived again.
type identity struct {
	uuid      string
	namespace string
}

// identityOf returns what the block of p says of the identity of the file name,
// and what of it is still valid: a uuid that is none, and a namespace that
// belongs to another path, come back empty.
func identityOf(t *filetype.Type, name string, p filetype.Parts) identity {
	var id identity
	if u := p.Meta.UUID(); meta.IsUUID(u) && u != nilUUID {
		id.uuid = u
	}
	if ns := p.Meta.Text(meta.FieldNamespace); ns == t.Namespace(name) || ns == uniqueNamespace(t, name) {
		id.namespace = ns
	}
	return id
}

// orProvisional returns id with something in place of what is still to be
// decided.
func (id identity) orProvisional(t *filetype.Type, name string) identity {
	if id.uuid == "" {
		id.uuid = nilUUID
	}
	if id.namespace == "" {
		id.namespace = t.Namespace(name)
	}
	return id
}

// nilUUID stands in some old files where an identity belongs.
const nilUUID = "00000000-0000-0000-0000-000000000000"

// uniqueNamespace is the namespace of name where another file has its plain one.
func uniqueNamespace(t *filetype.Type, name string) string {
	sum := sha256.Sum256([]byte(name))
	return t.Namespace(name) + "_" + hex.EncodeToString(sum[:4])
}

// restamp returns the block that the file name, cut into p, is to have, and
// whether it differs from the one it has. It is a pure function: applied to its
// own result, it changes nothing. What amend does to the block, if it is not nil, has
// to be like that, too.
func restamp(t *filetype.Type, name string, p filetype.Parts, id identity, project meta.Project, now time.Time, amend func(*meta.Block)) (meta.Block, bool) {
	stamped := now.UTC().Format(timeForm)
	b := p.Meta
	if p.Form == filetype.None {
		b = newBlock(t, project)
		setMissing(&b, meta.FieldCreatedAt, p.Meta.CreatedAt())
	}
	set(&b, meta.FieldMetadataVersion, meta.Version)
	set(&b, meta.FieldName, path.Base(name))
	if b.UUID() != id.uuid { // as written, so that the case of letters stays
		b.SetText(meta.FieldUUID, id.uuid)
	}
	b.Delete("entrypoint.type") // a historic shape of the entrypoint
	b.Delete("entrypoint.target")
	set(&b, meta.FieldEntrypoint, t.Entrypoint(name))
	set(&b, meta.FieldNamespace, id.namespace)
	setMissing(&b, meta.FieldAuthor, project.Author)
	setMissing(&b, meta.FieldCreatedAt, stamped)
	setMissing(&b, meta.FieldLastModifiedAt, stamped)
	if amend != nil {
		amend(&b)
	}
	hash := p.Hash(b)
	if b.Hash() == hash && b.Equal(p.Meta) {
		return b, false
	}
	b.SetText(meta.FieldHash, hash)
	b.SetText(meta.FieldLastModifiedAt, stamped)
	return b, true
}

// set makes value the text of a field. It leaves the block alone if it is so
// already, which most often it is: setting copies all fields.
func set(b *meta.Block, field, value string) {
	if !meta.Equal(b.Get(field), meta.String(value)) {
		b.SetText(field, value)
	}
}

// setMissing sets a field that has no value.
func setMissing(b *meta.Block, field, value string) {
	if strings.TrimSpace(b.Text(field)) == "" && value != "" {
		b.SetText(field, value)
	}
}

// newBlock is the block of a file that never had one, without what restamp
// derives. The texts of description and state_contract are those of the
// reference implementation.
func newBlock(t *filetype.Type, project meta.Project) meta.Block {
	var fields []meta.Field
	for _, f := range []struct{ key, value string }{
		{meta.FieldProtocolVersion, project.ProtocolVersion},
		{meta.FieldOwner, project.Owner},
		{meta.FieldCopyright, project.Copyright},
		{meta.FieldSchemaVersion, project.SchemaVersion},
		{meta.FieldVersion, "1.0.0"},
		{meta.FieldAuthor, project.Author},
		{meta.FieldDescription, "Stamped by ONEX"},
		{meta.FieldStateContract, "state_contract://default"},
		{meta.FieldLifecycle, string(meta.Active)},
		{meta.FieldRuntimeHint, t.RuntimeHint},
		{meta.FieldMetaType, "tool"},
		{meta.FieldLicense, project.License},
	} {
		if f.value != "" {
			fields = append(fields, meta.Field{Key: f.key, Value: meta.String(f.value)})
		}
	}
	return meta.NewBlock(fields...)
}
