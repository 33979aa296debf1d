package meta

import (
	"slices"
	"strings"
)

// Version is the metadata_version of the blocks we write. Blocks with another
// version are read; stamping brings them to this one.
const Version = "1.0.0"

// UnsetHash is the hash of a block that was written but never hashed, as the
// reference implementation did.
const UnsetHash = "0000000000000000000000000000000000000000000000000000000000000000"

// A Block is the metadata of one file. The zero Block is empty. Copies are
// independent: a method that changes a Block leaves its copies alone. Values
// handed in or out must not be changed afterwards.
type Block struct{ fields Map }

// NewBlock returns a block of the fields, in their order. When a key comes
// twice the last value holds.
func NewBlock(fields ...Field) Block {
	var b Block
	for _, f := range fields {
		if i := b.fields.index(f.Key); i >= 0 {
			b.fields[i].Value = f.Value
			continue
		}
		b.fields = append(b.fields, f)
	}
	return b
}

// Fields returns a copy of b's fields, in order.
func (b Block) Fields() []Field { return slices.Clone(b.fields) }

// Len returns the number of fields.
func (b Block) Len() int { return len(b.fields) }

// Get returns the value of key, or nil when b has no such field.
func (b Block) Get(key string) Value { return b.fields.Get(key) }

// Has reports whether b has a field named key, be it null.
func (b Block) Has(key string) bool { return b.fields.index(key) >= 0 }

// Text returns the scalar at key, and "" when the field is absent, null, or no
// scalar.
func (b Block) Text(key string) string { return text(b.fields.Get(key)) }

// Set gives key the value v: in its place if b has the field, else where the
// model has it among the fields that b has.
func (b *Block) Set(key string, v Value) {
	if i := b.fields.index(key); i >= 0 {
		b.fields = slices.Clone(b.fields)
		b.fields[i].Value = v
		return
	}
	at := 0
	for i, f := range b.fields {
		if rankOf(f.Key) <= rankOf(key) {
			at = i + 1
		}
	}
	b.fields = slices.Insert(slices.Clone(b.fields), at, Field{key, v})
}

// SetText is [Block.Set] with a [String].
func (b *Block) SetText(key, text string) { b.Set(key, String(text)) }

// Delete removes the field named key, if b has it.
func (b *Block) Delete(key string) {
	if i := b.fields.index(key); i >= 0 {
		b.fields = slices.Delete(slices.Clone(b.fields), i, i+1)
	}
}

// Ordered returns b with its fields in the order of the model; unknown keys
// come last, in the order they had.
func (b Block) Ordered() Block {
	fields := slices.Clone(b.fields)
	slices.SortStableFunc(fields, func(x, y Field) int { return rankOf(x.Key) - rankOf(y.Key) })
	return Block{fields}
}

// Equal reports whether a and b have the same fields in the same order.
func (b Block) Equal(o Block) bool { return slices.EqualFunc(b.fields, o.fields, equalFields) }

// Typed access to the fields that programs ask for. Each returns "" when the
// field is absent; [Block.Validate] says whether the value is allowed.

// UUID returns the identity of the file, in lower case.
func (b Block) UUID() string { return strings.ToLower(b.Text(FieldUUID)) }

// Name returns the name the file had when it was stamped.
func (b Block) Name() string { return b.Text(FieldName) }

// Version returns the version of the file's content.
func (b Block) Version() string { return b.Text(FieldVersion) }

// MetadataVersion returns the version of the block's own format.
func (b Block) MetadataVersion() string { return b.Text(FieldMetadataVersion) }

// Owner returns who is responsible for the file.
func (b Block) Owner() string { return b.Text(FieldOwner) }

// Author returns who wrote the file.
func (b Block) Author() string { return b.Text(FieldAuthor) }

// CreatedAt returns when the file was first stamped, as written.
func (b Block) CreatedAt() string { return b.Text(FieldCreatedAt) }

// LastModifiedAt returns when the block was last changed, as written.
func (b Block) LastModifiedAt() string { return b.Text(FieldLastModifiedAt) }

// Description returns what the file is for.
func (b Block) Description() string { return b.Text(FieldDescription) }

// Hash returns the stored hash, as written.
func (b Block) Hash() string { return b.Text(FieldHash) }

// HashUnset reports whether b stores no hash: none, or zeros of any length,
// quoted or not.
func (b Block) HashUnset() bool { return strings.Trim(b.Hash(), "0") == "" }

// Lifecycle returns the stage of the file's life, which may be an unknown one.
func (b Block) Lifecycle() Lifecycle { return Lifecycle(b.Text(FieldLifecycle)) }

// MetaType returns what kind of thing the file is, which may be an unknown one.
func (b Block) MetaType() MetaType { return MetaType(b.Text(FieldMetaType)) }

// Tags returns the tags that are scalars.
func (b Block) Tags() []string { return b.Texts(FieldTags) }

// Texts returns the scalars of the list at key.
func (b Block) Texts(key string) []string {
	l, _ := b.Get(key).(List)
	var texts []string
	for _, v := range l {
		if s, ok := v.(String); ok {
			texts = append(texts, string(s))
		}
	}
	return texts
}
