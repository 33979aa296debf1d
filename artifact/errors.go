package artifact

import "github.com/omninode-ai/onex/fault"

// ErrType is returned when artifacts of a type are wanted that there is not. The
// message lists the types.
var ErrType = fault.New("ONEX_REGISTRY_101_INVALID_ARTIFACT_TYPE_FILTER", fault.Invalid, "no such type of artifact")

// ErrRead is reported for a file that describes an artifact and cannot be read: the
// system refuses, or it has more than 1 MiB.
var ErrRead = fault.New("ONEX_REGISTRY_022_REGISTRY_FILE_PARSE_ERROR", fault.Invalid, "the file cannot be read").
	Hinted("see that you may read the file, and that it is at most 1 MiB")

// ErrInvalid is reported for a file that is no description of an artifact of its
// type: it is no YAML or JSON, or a field has a value that is not allowed. The
// message says where.
var ErrInvalid = fault.New("ONEX_REGISTRY_081_ARTIFACT_VALIDATION_FAILED", fault.Invalid, "the artifact is not valid")

// ErrVersion is reported for an artifact whose version is not of the form 1.2.3.
var ErrVersion = fault.New("ONEX_REGISTRY_044_ARTIFACT_VERSION_INVALID", fault.Invalid, "the version is not of the form 1.2.3")

// ErrDuplicate is reported for an artifact that another claims to be, too: of the same
// type, name and version, or with the same uuid. A copy needs a name or a version,
// and a uuid, of its own.
var ErrDuplicate = fault.New("ONEX_REGISTRY_083_DUPLICATE_ARTIFACT_ID", fault.Conflict, "two artifacts claim the same identity").
	Hinted("give the copy another name or version, and a uuid of its own")

// ErrMetadata is reported for an artifact whose file lacks a field that every
// artifact of its type has.
var ErrMetadata = fault.New("ONEX_REGISTRY_084_MISSING_REQUIRED_METADATA", fault.Invalid, "a required field is missing").
	Hinted("an artifact has name, version and schema_version")

// ErrContract is reported for a node that runs a program and has no contract beside
// its manifest, and for a contract that is of another node than the manifest beside
// it.
var ErrContract = fault.New("ONEX_REGISTRY_085_CONTRACT_MISMATCH", fault.Invalid, "the manifest and the contract do not belong together")
