// Package scaffold holds what new things begin as: the files of a node in each
// language, embedded as templates that can be read as they are.
//
//	files, err := scaffold.Node{Name: "greeter", Language: scaffold.Python, …}.Files()
//
// It is pure: it renders text. Where the files go, what is already there, and
// that all of them are written or none, is the matter of the node node_manager,
// whose command is "onex new".
//
// Every language has the same contract, and its program keeps it: tests run the
// examples of each. The built-in node template, in Go, promises the same.
//
// Nothing has to be fetched for a new node. Python, shell and JavaScript need
// their interpreter alone, and Go its standard library: such a node is a module of
// its own that requires nothing, so that it works without a network, and with any
// release of ONEX.
package scaffold
