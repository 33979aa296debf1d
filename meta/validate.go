package meta

// RequiredFields returns the names of the fields that every block must have.
func RequiredFields() []string {
	return []string{FieldName, FieldUUID, FieldAuthor, FieldCreatedAt, FieldLastModifiedAt,
		FieldHash, FieldEntrypoint, FieldNamespace}
}

// Validate returns all problems of b's fields, and none when b is valid. It
// changes nothing: a block with problems keeps its identity. Historic shapes
// of entrypoint and namespace are valid.
func (b Block) Validate() Problems {
	var ps Problems
	for _, f := range RequiredFields() {
		if !b.present(f) {
			ps = append(ps, Problem{Field: f, Message: "is missing"})
		}
	}
	for _, c := range checks() {
		v := b.Get(c.field)
		if v == nil || v == (Null{}) {
			continue
		}
		if s, ok := v.(String); !ok || !c.ok(string(s)) {
			ps = append(ps, Problem{c.field, text(v), "want " + c.want()})
		}
	}
	for _, f := range []string{FieldTags, FieldCapabilities, FieldProtocolsSupported, FieldBaseClass,
		FieldEnvironment, FieldOSRequirements, FieldArchitectures, FieldCompliance} {
		if !isTexts(b.Get(f)) {
			ps = append(ps, Problem{f, text(b.Get(f)), "want a list of texts"})
		}
	}
	if b.present(FieldEntrypoint) && b.Entrypoint() == "" {
		ps = append(ps, Problem{FieldEntrypoint, b.Text(FieldEntrypoint), "want <type>://<target>"})
	}
	if b.present(FieldNamespace) && b.Namespace() == "" {
		ps = append(ps, Problem{FieldNamespace, "", "want a text or a mapping with a value"})
	}
	return ps
}

func (b Block) present(field string) bool {
	if field == FieldEntrypoint && b.Entrypoint() != "" {
		return true
	}
	v := b.Get(field)
	return v != nil && v != (Value)(Null{})
}

// A check is what the model demands of a scalar.
type check struct {
	field string
	ok    func(string) bool
	want  func() string
}

func checks() []check {
	nonEmpty := func(s string) bool { return s != "" }
	wantVersion := func() string { return "a version such as 1.0.0" }
	wantText := func() string { return "a text that is not empty" }
	return []check{
		{FieldMetadataVersion, isVersion, wantVersion},
		{FieldProtocolVersion, isVersion, wantVersion},
		{FieldOwner, nonEmpty, wantText},
		{FieldCopyright, nonEmpty, wantText},
		{FieldSchemaVersion, isVersion, wantVersion},
		{FieldName, nonEmpty, wantText},
		{FieldVersion, isVersion, wantVersion},
		{FieldUUID, IsUUID, func() string { return "a UUID such as 9f0e2c4e-5a35-4cbd-8f3c-0a1b2c3d4e5f" }},
		{FieldAuthor, nonEmpty, wantText},
		{FieldCreatedAt, nonEmpty, wantText},
		{FieldLastModifiedAt, nonEmpty, wantText},
		{FieldDescription, nonEmpty, wantText},
		{FieldStateContract, nonEmpty, wantText},
		{FieldLifecycle, func(s string) bool { return Lifecycle(s).Valid() }, func() string { return oneOf(Lifecycles()) }},
		{FieldHash, isHash, func() string { return "64 hexadecimal digits" }},
		{FieldMetaType, func(s string) bool { return MetaType(s).Valid() }, func() string { return oneOf(MetaTypes()) }},
		{FieldTrustScore, isNumber, func() string { return "a number" }},
	}
}

func isTexts(v Value) bool {
	l, ok := v.(List)
	for _, item := range l {
		if _, isText := item.(String); !isText {
			return false
		}
	}
	return ok || v == nil || v == (Value)(Null{})
}

// isVersion reports whether s is three numbers with dots.
func isVersion(s string) bool {
	for range 2 {
		n := digits(s)
		if n == 0 || n == len(s) || s[n] != '.' {
			return false
		}
		s = s[n+1:]
	}
	return s != "" && digits(s) == len(s)
}

// IsUUID reports whether s has the form of a UUID: 8-4-4-4-12 hexadecimal
// digits of any version, in either case.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHash(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return len(s) == len(UnsetHash)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
