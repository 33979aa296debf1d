package host_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/node"
)

// TestKilledHostLeavesNothing kills a host as nobody can catch it: its program
// ends, and so do the program's children, in its process group and out of it.
func TestKilledHostLeavesNothing(t *testing.T) {
	for runtime, dir := range map[string]string{
		"exec": script(t, `SELF APART apart & trap '' TERM; sleep 3600 & echo $! >child; echo $$ >stuck; exec sleep 3600`, ""),
		"mcp":  mcpDir(t, "", ""),
	} {
		t.Run(runtime, func(t *testing.T) {
			files := []string{"stuck", "child", "apart"}
			if runtime == "mcp" {
				write(t, dir, node.ContractFile, "node_name: talker\ntools:\n  stick:\n    input: {type: object}\n    output: {}\n")
				files = files[:1]
			}
			run := filepath.Join(dir, "run.sh")
			if text, err := os.ReadFile(run); err == nil {
				write(t, dir, "run.sh", strings.ReplaceAll(string(text), "SELF APART", "'"+os.Args[0]+"' "+apartOf))
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), hostOf+"="+dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			pids := map[string]int{}
			for _, f := range files {
				pids[f] = pidFrom(t, filepath.Join(dir, f))
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			for f, pid := range pids {
				soon.True(t, f+" is gone", func() bool { return !running(pid) })
			}
		})
	}
}

// TestAnEndedProgramLeavesNothing ends programs in order, one because its caller gives
// up and one because its host closes: what made a process group of its own ends, too.
func TestAnEndedProgramLeavesNothing(t *testing.T) {
	apart := "'" + os.Args[0] + "' " + apartOf + " apart & "
	t.Run("exec", func(t *testing.T) {
		dir := script(t, apart+"sleep 3600", "")
		h := load(t, dir)
		ctx, giveUp := context.WithCancel(t.Context())
		defer giveUp()
		ended := make(chan host.Outcome)
		go func() { ended <- h.Call(ctx, "work", nil) }()
		pid := pidFrom(t, filepath.Join(dir, "apart"))
		giveUp()
		if o := <-ended; o.Error == nil {
			t.Error("the call was answered")
		}
		soon.True(t, "what it started is gone", func() bool { return !running(pid) })
	})
	t.Run("mcp", func(t *testing.T) {
		dir := mcpDir(t, "", "")
		manifest, err := os.ReadFile(filepath.Join(dir, node.ManifestFile))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, "run.sh", "#!/bin/sh\n"+apart+`exec "$@"`+"\n")
		write(t, dir, node.ManifestFile, strings.Replace(string(manifest), "[python3", "[./run.sh, python3", 1))
		h := load(t, dir)
		pid := pidFrom(t, filepath.Join(dir, "apart"))
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		soon.True(t, "what it started is gone", func() bool { return !running(pid) })
	})
}

// TestGuardIsStartedAgain kills the process that guards a host's programs: the
// next program has another.
func TestGuardIsStartedAgain(t *testing.T) {
	h := load(t, script(t, `echo "{\"n\":1}"`, ""))
	for range 2 {
		if o := h.Call(t.Context(), "work", nil); o.Error != nil {
			t.Fatalf("%+v", o.Error)
		}
		pid := guardOf(t)
		if err := kill(pid); err != nil {
			t.Fatal(err)
		}
		soon.True(t, "the guard is gone", func() bool { return !running(pid) })
	}
}

// guardOf returns the guard of this process that lives.
func guardOf(t *testing.T) int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		line, err := os.ReadFile(path)
		stat, err2 := os.ReadFile(filepath.Join(filepath.Dir(path), "stat"))
		if err != nil || err2 != nil || !strings.HasSuffix(string(line), "\x00onex-guard\x00") {
			continue
		}
		var pid, parent int
		var state string
		_, rest, _ := strings.Cut(string(stat), ") ")
		if _, err := fmt.Sscan(rest, &state, &parent); err != nil || parent != os.Getpid() {
			continue
		}
		if _, err := fmt.Sscan(string(stat), &pid); err == nil && running(pid) {
			return pid
		}
	}
	t.Fatal("this process has no guard")
	return 0
}
