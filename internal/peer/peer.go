// Package peer finds the programs of others that tests talk to: a Python
// interpreter, the NATS command line tool.
//
//	python := peer.Find(t, "/usr/bin/python3")
//
// A test whose peer is missing is skipped, because the tests must run wherever
// Go does. Where ONEX_REQUIRE_PEERS=1 (as in .ci/run, after make deps) it fails
// instead: there, a skipped test would hide that nothing was tested. For tests
// only.
package peer

import (
	"os"
	"os/exec"
	"testing"
)

// Find returns the path of program, looked up as a shell does.
func Find(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		missing(t, "no %s here (%v); make deps installs it", program, err)
	}
	return path
}

// Module checks that the Python interpreter at python can import module.
func Module(t testing.TB, python, module string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import "+module).CombinedOutput(); err != nil {
		missing(t, "%s has no module %s; make deps installs it\n%s", python, module, out)
	}
}

// Missing says that a peer of the test is not here, for a reason.
func Missing(t testing.TB, why string) {
	t.Helper()
	missing(t, "%s; make deps installs it", why)
}

func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("ONEX_REQUIRE_PEERS") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
