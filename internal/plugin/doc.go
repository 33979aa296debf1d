// Package plugin finds the programs and directories that extend ONEX in a project,
// decides between those of one name, and runs the programs.
//
//	found, err := plugin.Find(root, dataDir, getenv)
//	for _, p := range found.Active(plugin.Validator) {
//		err := p.Exchange(ctx, request, limits, line)
//	}
//
// A plugin comes from a directory of the project (.onex/plugins/TYPE/NAME), from
// onex.yaml (plugins:), or from the environment (ONEX_PLUGIN_TYPE_NAME). Of two of
// one type and name the one with the higher priority is used, and between equals
// the one that was found first: the environment (10) before onex.yaml (5) before a
// directory (0).
//
// # Trust
//
// What lies in a repository is written by whoever wrote the repository, and
// commands such as onex lint and onex check are run on repositories of strangers.
// So a program from a directory or from onex.yaml runs only after a person said so
// (onex plugins trust), who then trusts exactly these bytes: the list, in the data
// directory of the user and not in the repository, holds their SHA-256. What the
// environment names, the person at the keyboard named. ONEX_PLUGINS=all trusts
// everything, for CI of one's own repositories; ONEX_PLUGINS=off uses none.
//
// # Programs
//
// A tool becomes the directory of a node ([Plugin.Directory]), made of what its program
// says and of a copy of it. A fixture is no program, but cases for file types
// ([Samples]) and nodes ([Scenarios]).
//
// A plugin that is a directory has its program in the file run, with any extension.
// A validator that is one has cases for its rules beside it, which they must hold
// ([Prove]).
//
// A program is started anew for each request, in the root of the project, in a
// process group of its own, with PATH, HOME, the locale, the temporary directory
// and the caches of the environment and nothing else of it: no secret reaches it by
// accident. It reads lines of JSON and writes lines of JSON (docs/plugins.md). Its
// lines, their number, their bytes and its time are bounded; whoever goes beyond is
// killed with all that it started, and what it said is not used.
package plugin
