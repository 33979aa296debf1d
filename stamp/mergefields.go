package stamp

import (
	"cmp"
	"time"

	"github.com/omninode-ai/onex/meta"
)

// A blockMerge is the outcome of merging the blocks of two sides, with what both
// come from: the fields in which it is decided are the same in ours and theirs;
// those named in conflicts are what either side has.
type blockMerge struct {
	ours, theirs meta.Block
	conflicts    []string
}

// mergeBlocks merges field by field. What one side changed holds. Where both
// changed a field, identity stays what it was in base, or is the older one; the
// later time and version win; and hash, name, entrypoint and namespace, which are
// derived, are ours until they are derived again. Any other field that both
// changed is a conflict.
func mergeBlocks(base, ours, theirs meta.Block) blockMerge {
	m := blockMerge{ours: ours, theirs: theirs}
	identity := olderIdentity(base, ours, theirs)
	var keys []string
	for _, b := range []meta.Block{ours, theirs, base} {
		for _, f := range b.Fields() {
			keys = append(keys, f.Key)
		}
	}
	m.theirs = ours // in the same order
	done := map[string]bool{}
	for _, key := range keys {
		if done[key] {
			continue
		}
		done[key] = true
		v, decided := mergeField(key, base, ours, theirs, identity)
		if !decided {
			m.conflicts = append(m.conflicts, key)
			put(&m.theirs, key, theirs.Get(key))
			continue
		}
		put(&m.ours, key, v)
		put(&m.theirs, key, v)
	}
	return m
}

// put gives a field a value, or removes it.
func put(b *meta.Block, key string, v meta.Value) {
	switch {
	case v == nil:
		b.Delete(key)
	case !meta.Equal(b.Get(key), v):
		b.Set(key, v)
	}
}

// mergeField returns the value of one field, and whether there is one.
func mergeField(key string, base, ours, theirs, identity meta.Block) (meta.Value, bool) {
	b, o, t := base.Get(key), ours.Get(key), theirs.Get(key)
	switch {
	case same(o, t), same(t, b):
		return o, true
	case same(o, b):
		return t, true
	}
	switch key {
	case meta.FieldUUID, meta.FieldCreatedAt:
		return identity.Get(key), true
	case meta.FieldLastModifiedAt:
		if later(theirs.LastModifiedAt(), ours.LastModifiedAt()) {
			return t, true
		}
		return o, true
	case meta.FieldMetadataVersion:
		if compareVersions(theirs.MetadataVersion(), ours.MetadataVersion()) > 0 {
			return t, true
		}
		return o, true
	case meta.FieldHash, meta.FieldName, meta.FieldEntrypoint, meta.FieldNamespace:
		return o, true
	}
	return nil, false
}

// same compares values, of which nil is one that is absent.
func same(a, b meta.Value) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return meta.Equal(a, b)
}

// olderIdentity returns the block whose identity holds where both sides have
// another one: that of base, else the one that was created first.
func olderIdentity(base, ours, theirs meta.Block) meta.Block {
	switch {
	case base.UUID() != "":
		return base
	case ours.UUID() == "", later(ours.CreatedAt(), theirs.CreatedAt()):
		return theirs
	}
	return ours
}

// later reports whether the time a is after b. What is no time is neither.
func later(a, b string) bool {
	x, okA := parseTime(a)
	y, okB := parseTime(b)
	return okA && okB && cmp.Compare(x.UnixNano(), y.UnixNano()) > 0
}

// parseTime reads the shapes of times that blocks have; one without a zone is
// taken for UTC.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
