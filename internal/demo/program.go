package demo

import (
	"os/exec"

	"github.com/omninode-ai/onex/examples"
)

// A program is an example node in another language.
type program struct {
	name     string // of the example and of its node
	language string
	runtime  string // how it is run
	tool     string // one of its tools, and a call of it
	args     string
	want     string // occurs in the result
}

// programs returns one node that runs once for each call, and one that stays
// running. They are in Python where there is one, else in the shell, which
// is everywhere.
func programs() []program {
	if _, err := exec.LookPath("python3"); err == nil {
		return []program{
			{"greeter", "Python", "one process for each call", "greet", `{"name": "Ada"}`, "Hello, Ada!"},
			{"dice", "shell", "an MCP server that stays running", "roll", `{"sides": 20}`, "rolled"},
		}
	}
	return []program{
		{"shout", "shell", "one process for each call", "shout", `{"text": "hello"}`, "HELLO!"},
		{"dice", "shell", "an MCP server that stays running", "roll", `{"sides": 20}`, "rolled"},
	}
}

// write puts p's files below dir and returns its directory.
func (p program) write(dir string) (string, error) { return examples.Write(dir, p.name) }
