package nodemanager

import (
	"time"

	"github.com/omninode-ai/onex/fault"
)

// longest bounds one call: a Go program is compiled in it, on a busy machine.
const longest = 5 * time.Minute

// ErrTaken is returned when a new node would have the name of a node or a tool that
// is part of onex, or of another node of the project. Callers find tools by name, so
// it could not be told from the other. Choose another name.
var ErrTaken = fault.New("ONEX_NODE_MANAGER_001_INVALID_NODE_NAME", fault.Exists, "the name is taken").
	Hinted("choose another name")

// ErrTarget is returned when a new node is to be put outside of the project, or below
// something that is no directory.
var ErrTarget = fault.New("ONEX_NODE_MANAGER_004_INVALID_TARGET_DIRECTORY", fault.Invalid, "a node cannot be put there").
	Hinted("name a directory of the project")

// ErrExists is returned when there is something at the place of a new node, be it an
// empty directory. Nothing is ever overwritten: choose another name, or remove what
// is there yourself.
var ErrExists = fault.New("ONEX_NODE_MANAGER_083_NODE_ALREADY_EXISTS", fault.Exists, "there is something at its place").
	Hinted("choose another name, or remove what is there; onex node fix mends a node that exists")

// ErrTrial is returned when a new node does not answer on this machine as its contract
// says, or a new rule does not hold its cases. It was tried before it was put into its
// place, and nothing is left of it. The message says what its program said: an
// interpreter that is missing or too old, or a go.work above that does not know the
// new module.
var ErrTrial = fault.New("ONEX_NODE_MANAGER_061_NODE_VALIDATION_FAILED", fault.Unavailable, "what is new does not work here").
	Hinted("nothing was written; mend what the message says, and try again")

// ErrNoNode is returned when a name is that of no node of the project, and of no
// directory of it.
var ErrNoNode = fault.New("ONEX_NODE_MANAGER_105_NODE_NOT_FOUND", fault.NotFound, "no such node in the project")

// ErrList is returned when the list of nodes in onex.yaml cannot be changed without
// touching something else, as when it is an alias. Change it by hand.
var ErrList = fault.New("ONEX_NODE_MANAGER_104_CONFIG_SYNCHRONIZATION_FAILED", fault.Unsupported, "the list of nodes in onex.yaml cannot be changed").
	Hinted("change nodes: in onex.yaml by hand, or leave it alone with --no-list")
