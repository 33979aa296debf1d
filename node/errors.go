package node

import "github.com/omninode-ai/onex/fault"

// ErrManifest is returned when a node.onex.yaml, or the manifest in an
// announcement, is not well formed: a key is unknown, missing, given twice or of
// the wrong type, or a value is outside what its field allows. The message
// lists every problem with its line and column. Mend the file; the page
// docs/manifest-and-contract.md describes each key.
var ErrManifest = fault.New("ONEX_MANIFEST_001_INVALID", fault.Invalid, "invalid manifest").
	Hinted("the smallest manifest has name, version, runtime and command; see docs/manifest-and-contract.md")

// ErrContract is returned when a contract.yaml, or the contract in an
// announcement, is not well formed: a key is unknown, missing, given twice or of
// the wrong type, or a value is outside what its field allows. The message
// lists every problem with its line and column. Mend the file; the page
// docs/manifest-and-contract.md describes each key.
var ErrContract = fault.New("ONEX_CONTRACT_001_INVALID", fault.Invalid, "invalid contract").
	Hinted("the smallest contract has node_name and, for each tool, input and output; see docs/manifest-and-contract.md")

// ErrJSON is returned when a JSON value has no canonical form: it is not JSON,
// has a key twice, is more than 1 MiB or 64 levels, or holds a number that a
// double-precision float cannot hold exactly. Write such numbers as strings.
var ErrJSON = fault.New("ONEX_CONTRACT_002_NOT_CANONICAL", fault.Invalid, "not exact JSON").
	Hinted("remove duplicate keys and write numbers of more than 15 digits as strings")

// ErrName is returned when the name of a node or a tool does not have the form
// of a name. Names are lower-case letters, digits and underscores, begin with a
// letter and have at most 64 characters; they hold no dots or dashes, because a
// name is one token of a bus subject.
var ErrName = fault.New("ONEX_NODE_001_INVALID_NAME", fault.Invalid, "invalid name").
	Hinted("use lower-case letters, digits and underscores, beginning with a letter, at most 64")

// ErrRef is returned when a reference to a node cannot be read. A reference is a
// name, or a name, an at sign and an exact version: greeter@1.2.0.
var ErrRef = fault.New("ONEX_NODE_002_INVALID_REF", fault.Invalid, "invalid node reference").
	Hinted("write the node's name, or name@version as in greeter@1.2.0")

// ErrWord is returned when a word is not one of a closed set, such as the
// statuses of nodes or of results. The message lists the words that are.
var ErrWord = fault.New("ONEX_NODE_003_UNKNOWN_WORD", fault.Invalid, "unknown word")

// ErrCase is returned when a scenario is not well formed: a key is unknown,
// missing or given twice, a step expects nothing, or it is not said whether
// the dependencies are real or mocks. The message lists every problem with its
// line and column. docs/scenarios.md describes each key.
var ErrCase = fault.New("ONEX_NODE_010_INVALID_SCENARIO", fault.Invalid, "invalid scenario").
	Hinted("record one with onex scenario record, and compare")

// ErrAccept is returned when a parity.yaml, which lists accepted differences
// between paths, is not well formed: a key is missing, or no reason is given. The
// message lists every problem with its line and column.
var ErrAccept = fault.New("ONEX_NODE_011_INVALID_ACCEPTANCE", fault.Invalid, "invalid list of accepted differences").
	Hinted("each entry has example, path, differs and reason; see docs/parity.md")
