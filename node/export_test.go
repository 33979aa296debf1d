package node

// MetaKeys lists the keys that a manifest keeps without a field of its own.
func MetaKeys() []string {
	var keys []string
	for _, f := range metaTable() {
		keys = append(keys, f.key)
	}
	return keys
}
