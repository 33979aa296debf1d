package meta

// The fields of the model. A block may have others; they are kept.
const (
	FieldMetadataVersion    = "metadata_version"
	FieldProtocolVersion    = "protocol_version"
	FieldOwner              = "owner"
	FieldCopyright          = "copyright"
	FieldSchemaVersion      = "schema_version"
	FieldName               = "name"
	FieldVersion            = "version"
	FieldUUID               = "uuid"
	FieldAuthor             = "author"
	FieldCreatedAt          = "created_at"
	FieldLastModifiedAt     = "last_modified_at"
	FieldDescription        = "description"
	FieldStateContract      = "state_contract"
	FieldLifecycle          = "lifecycle"
	FieldHash               = "hash"
	FieldEntrypoint         = "entrypoint"
	FieldRuntimeHint        = "runtime_language_hint"
	FieldNamespace          = "namespace"
	FieldMetaType           = "meta_type"
	FieldTrustScore         = "trust_score"
	FieldTags               = "tags"
	FieldCapabilities       = "capabilities"
	FieldProtocolsSupported = "protocols_supported"
	FieldBaseClass          = "base_class"
	FieldDependencies       = "dependencies"
	FieldInputs             = "inputs"
	FieldOutputs            = "outputs"
	FieldEnvironment        = "environment"
	FieldLicense            = "license"
	FieldSignatureBlock     = "signature_block"
	FieldExtensions         = "x_extensions"
	FieldTesting            = "testing"
	FieldOSRequirements     = "os_requirements"
	FieldArchitectures      = "architectures"
	FieldContainerImage     = "container_image_reference"
	FieldCompliance         = "compliance_profiles"
	FieldDataHandling       = "data_handling_declaration"
	FieldLogging            = "logging_config"
	FieldSourceRepository   = "source_repository"
	FieldTools              = "tools"
)

// ModelOrder returns the names of the model's fields, in the order in which a
// new block has them.
func ModelOrder() []string {
	return []string{
		FieldMetadataVersion, FieldProtocolVersion, FieldOwner, FieldCopyright, FieldSchemaVersion,
		FieldName, FieldVersion, FieldUUID, FieldAuthor, FieldCreatedAt, FieldLastModifiedAt,
		FieldDescription, FieldStateContract, FieldLifecycle, FieldHash, FieldEntrypoint,
		FieldRuntimeHint, FieldNamespace, FieldMetaType, FieldTrustScore, FieldTags,
		FieldCapabilities, FieldProtocolsSupported, FieldBaseClass, FieldDependencies, FieldInputs,
		FieldOutputs, FieldEnvironment, FieldLicense, FieldSignatureBlock, FieldExtensions,
		FieldTesting, FieldOSRequirements, FieldArchitectures, FieldContainerImage, FieldCompliance,
		FieldDataHandling, FieldLogging, FieldSourceRepository, FieldTools,
	}
}

// rank is the place of each field in the model.
var rank = ranks(ModelOrder())

func ranks(names []string) map[string]int {
	m := make(map[string]int, len(names))
	for i, n := range names {
		m[n] = i
	}
	return m
}

// Known reports whether key is a field of the model.
func Known(key string) bool {
	_, ok := rank[key]
	return ok
}

// rankOf returns the place of key in the model; unknown keys come last.
func rankOf(key string) int {
	if r, ok := rank[key]; ok {
		return r
	}
	return len(rank)
}

// A shape says what the model knows about a value below the top: whether its
// scalar is a number or a boolean, and the shapes of what it contains.
type shape struct {
	scalar  scalar
	members map[string]*shape // of a mapping, by key
	each    *shape            // of every list item, or every mapping value
}

type scalar string

const (
	textual scalar = ""
	number  scalar = "number"
	boolean scalar = "boolean"
)

var (
	numeric  = &shape{scalar: number}
	flag     = &shape{scalar: boolean}
	ioShape  = &shape{each: &shape{members: map[string]*shape{"required": flag}}}
	topShape = &shape{members: map[string]*shape{
		FieldTrustScore:   numeric,
		FieldDependencies: {each: &shape{members: map[string]*shape{"optional": flag}}},
		FieldInputs:       ioShape,
		FieldOutputs:      ioShape,
		FieldTesting:      {members: map[string]*shape{"minimum_coverage_percentage": numeric}},
		FieldDataHandling: {members: map[string]*shape{"processes_sensitive_data": flag}},
		FieldTools:        {each: &shape{members: map[string]*shape{"line": numeric}}},
	}}
)

// member returns the shape below s at key, or nil when the model has none.
func (s *shape) member(key string) *shape {
	if s == nil {
		return nil
	}
	if m, ok := s.members[key]; ok {
		return m
	}
	return s.each
}

// item returns the shape of the items of a list, or nil.
func (s *shape) item() *shape {
	if s == nil {
		return nil
	}
	return s.each
}

// typed returns what text is where the model says s.
func (s *shape) typed(text string) scalar {
	switch {
	case s == nil:
		return textual
	case s.scalar == number && isNumber(text):
		return number
	case s.scalar == boolean && isBoolean(text):
		return boolean
	}
	return textual
}

func isBoolean(t string) bool {
	return t == "true" || t == "false" || t == "True" || t == "False"
}

// isNumber reports whether t is a number as JSON writes it (RFC 8259, 6).
func isNumber(t string) bool {
	if len(t) > maxNumber {
		return false
	}
	t = trimPrefixByte(t, '-')
	i := digits(t)
	if i == 0 || i > 1 && t[0] == '0' {
		return false
	}
	t = t[i:]
	if len(t) > 0 && t[0] == '.' {
		if i = digits(t[1:]); i == 0 {
			return false
		}
		t = t[1+i:]
	}
	if len(t) > 0 && (t[0] == 'e' || t[0] == 'E') {
		t = t[1:]
		if len(t) > 0 && (t[0] == '+' || t[0] == '-') {
			t = t[1:]
		}
		if i = digits(t); i == 0 {
			return false
		}
		t = t[i:]
	}
	return t == ""
}

// maxNumber bounds a number's text: a double needs 17 digits and an exponent;
// anything longer is kept as text.
const maxNumber = 32

func trimPrefixByte(t string, b byte) string {
	if len(t) > 0 && t[0] == b {
		return t[1:]
	}
	return t
}

// digits returns how many digits t starts with.
func digits(t string) int {
	i := 0
	for i < len(t) && '0' <= t[i] && t[i] <= '9' {
		i++
	}
	return i
}
