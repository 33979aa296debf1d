package parity

import "github.com/omninode-ai/onex/fault"

// ErrDiscovery is returned when a directory that should be searched for nodes
// cannot be read.
var ErrDiscovery = fault.New("ONEX_PARITY_021_NODE_DISCOVERY_FAILED", fault.NotFound, "nodes cannot be looked for")

// ErrHost is reported when a node cannot be hosted at all: its program is not
// there, does not start, or does not offer what its contract promises. Run it
// with onex run to see more.
var ErrHost = fault.New("ONEX_PARITY_023_NODE_INTROSPECTION_FAILED", fault.Invalid, "the node cannot be hosted").
	Hinted("try it with onex run")

// ErrStructure is reported when a node's directory lacks a file that every node
// has, or its manifest cannot be read.
var ErrStructure = fault.New("ONEX_PARITY_024_INVALID_NODE_STRUCTURE", fault.Invalid, "the node's directory is not that of a node").
	Hinted("a node has a node.onex.yaml and a contract.yaml; see docs/write-a-node.md")

// ErrNoNodes is returned when there is no node to check: the directories that
// were named hold no node.onex.yaml, or none was named outside of any project.
// Nothing was checked, which is no success.
var ErrNoNodes = fault.New("ONEX_PARITY_026_NO_NODES_DISCOVERED", fault.NotFound, "there is no node to check").
	Hinted("name a directory that holds a node.onex.yaml, or begin in a project")

// ErrCommand is reported when the command line gives no answer that can be read:
// it cannot be started, or its standard output is not the one JSON document that
// it promises. Standard output belongs to the answer; everything else belongs on
// standard error.
var ErrCommand = fault.New("ONEX_PARITY_041_CLI_EXECUTION_FAILED", fault.Internal, "the command line gives no proper answer")

// ErrServe is reported when a node cannot be tried on a bus: it does not become
// ready, or ends by itself.
var ErrServe = fault.New("ONEX_PARITY_042_NODE_EXECUTION_FAILED", fault.Internal, "the node cannot be tried on the bus").
	Hinted("try it with onex up and onex run")

// ErrDiffers is reported when a tool answers otherwise than it should: than its
// example expects, than it answers on another path, or than it answered before.
// The difference is shown. Mend the tool; or, if the answer may differ there by
// design, declare that path of the result volatile in the contract.
var ErrDiffers = fault.New("ONEX_PARITY_043_PARITY_CHECK_FAILED", fault.Internal, "the answer differs").
	Hinted("mend the tool, or declare what may differ as volatile in its contract")

// ErrUndeclared is reported when a tool answers with an error code that its
// contract does not declare. Callers decide by codes what to do, so all of them
// belong in the contract.
var ErrUndeclared = fault.New("ONEX_PARITY_045_ERROR_CODE_VALIDATION_FAILED", fault.Invalid, "the error code is not declared").
	Hinted("add the code to errors of the tool in contract.yaml, or answer with one that is there")

// ErrContract is reported when a node has no contract, or one that contradicts
// itself, its manifest, or the node as it runs.
var ErrContract = fault.New("ONEX_PARITY_046_CONTRACT_VALIDATION_FAILED", fault.Invalid, "the contract does not hold").
	Hinted("onex describe prints the contract of what runs; see docs/manifest-and-contract.md")

// ErrInterrupted is returned when the checking was stopped before it was done.
// What was found until then is in the report.
var ErrInterrupted = fault.New("ONEX_PARITY_048_VALIDATION_INTERRUPTED", fault.Canceled, "parity was interrupted")

// ErrCanonical is reported when a result has no canonical form, so that it cannot
// be compared: a key comes twice, or a number cannot be held by a double.
var ErrCanonical = fault.New("ONEX_PARITY_050_OUTPUT_COMPARISON_FAILED", fault.Invalid, "the result cannot be compared").
	Hinted("write numbers of more than 15 digits as strings, and each key once")

// ErrFilter is returned when a filter is not a pattern: a bracket is not closed.
var ErrFilter = fault.New("ONEX_PARITY_082_INVALID_NODE_FILTER", fault.Invalid, "invalid filter").
	Hinted("use names with *, ? and [a-z], as in stamp*")

// ErrNoMatch is returned when a filter matches no node, or no example of one.
// Nothing was checked, which is no success.
var ErrNoMatch = fault.New("ONEX_PARITY_087_NODE_FILTER_NO_MATCHES", fault.NotFound, "the filter matches nothing").
	Hinted("run onex parity without filters and -o detailed to see what there is")

// ErrIdentity is reported when two nodes claim to be the same: they have one
// uuid, or one name and version. A copied node needs a uuid of its own.
var ErrIdentity = fault.New("ONEX_PARITY_101_IDENTITY_NOT_UNIQUE", fault.Conflict, "two nodes claim the same identity").
	Hinted("give the copy a uuid of its own in node.onex.yaml")

// ErrEffect is reported when a tool changes files and its contract does not
// declare the effect writes_files.
var ErrEffect = fault.New("ONEX_PARITY_102_EFFECT_UNDECLARED", fault.Invalid, "the tool changes files and does not say so").
	Hinted("add writes_files to effects of the tool in contract.yaml, or leave the files alone")

// ErrNothingRun is reported, as a warning, for a tool whose contract has no
// examples: nothing shows that it does what it promises.
var ErrNothingRun = fault.New("ONEX_PARITY_103_NOTHING_RUN", fault.Invalid, "the tool has no examples, nothing was run").
	Hinted("add examples to the tool in contract.yaml")

// ErrOptions is returned for options that cannot be used: two buses of one name,
// or a bus that cannot be opened.
var ErrOptions = fault.New("ONEX_PARITY_084_INVALID_CONFIGURATION", fault.Invalid, "parity cannot be run like this")

// ErrReceipt is returned when a receipt cannot be written, because the node did
// not pass or was not run, and when a file is no receipt or was changed.
var ErrReceipt = fault.New("ONEX_PARITY_104_NO_RECEIPT", fault.Invalid, "no receipt").
	Hinted("run onex parity NODE --sign when all checks pass")

// ErrStale is returned when a receipt is not of this contract and program, or is
// older than 30 days: something changed after the run that it tells of. Run the
// contract again.
var ErrStale = fault.New("ONEX_PARITY_105_RECEIPT_STALE", fault.Conflict, "the receipt is of something else").
	Hinted("run the contract again: onex parity NODE --sign")

// ErrScenario is reported when the scenarios of a node cannot be run: a file in
// scenarios/ is none, names a mock or a fixture that is not there, or is named by
// no scenario.
var ErrScenario = fault.New("ONEX_PARITY_106_SCENARIO_INVALID", fault.Invalid, "the scenarios are not sound").
	Hinted("mend the file that is named; docs/scenarios.md describes them")

// ErrUnsteady is returned when a scenario is to be recorded that answers otherwise
// the second time. Declare what may differ volatile in the contract, or make it
// the same.
var ErrUnsteady = fault.New("ONEX_PARITY_107_SCENARIO_UNSTEADY", fault.Invalid, "it answers otherwise the second time, so it cannot be recorded").
	Hinted("declare what may differ under volatile or volatile_files in contract.yaml")

// ErrStaleAcceptance is reported when parity.yaml accepts a difference that is
// none any more. Remove the entry, so that the next difference is seen.
var ErrStaleAcceptance = fault.New("ONEX_PARITY_108_ACCEPTANCE_STALE", fault.Invalid, "an accepted difference is none any more").
	Hinted("remove the entry from parity.yaml")

// ErrFiles is reported when the files of a node are not those that were recorded:
// the manifest or the contract changed since it was stamped, the directory holds
// other files than its .onextree says, or one node has a record of its directory
// and another beside it has none.
var ErrFiles = fault.New("ONEX_PARITY_109_NODE_FILES_CHANGED", fault.Conflict, "the node's files are not as they were recorded").
	Hinted("if they are right, run onex stamp --write, or onex tree DIR --write")

// ErrCheck is reported when a check that is made of one node alone fails: a command
// takes other arguments than the tools that do the same, without a reason that is
// written down.
var ErrCheck = fault.New("ONEX_PARITY_110_NODE_CHECK_FAILED", fault.Conflict, "the node is not as its maker says").
	Hinted("give the command and the tool the same arguments, or write down why one has more")
