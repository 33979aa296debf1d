package host_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/node"
)

// TestKilledHostLeavesNoProgram kills a host as nobody can catch it.
func TestKilledHostLeavesNoProgram(t *testing.T) {
	for runtime, dir := range map[string]string{
		"exec": script(t, `echo $$ >stuck; exec sleep 3600`, ""),
		"mcp":  mcpDir(t, "", ""),
	} {
		t.Run(runtime, func(t *testing.T) {
			if runtime == "mcp" {
				write(t, dir, node.ContractFile, "node_name: talker\ntools:\n  stick:\n    input: {type: object}\n    output: {}\n")
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), hostOf+"="+dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			pid := pidFrom(t, filepath.Join(dir, "stuck"))
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			eventually(t, "the program is gone", func() bool { return !running(pid) })
		})
	}
}
