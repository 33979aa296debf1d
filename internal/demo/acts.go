package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

func acts() []act {
	return []act{
		{"one process brings up the bus, the registry and the built-in nodes", bringUp},
		{"two programs of a few lines, in other languages, become nodes", runPrograms},
		{"who is alive, and what a tool promises", lookAround},
		{"call tools by name; the contract is checked on both ends", callTools},
		{"kill a node with SIGKILL: the registry notices, and says why", killNode},
		{"stamp a real tree, change one file, and see exactly that file", stampTree},
		{"stop; nothing is left behind", stopAll},
	}
}

func bringUp(ctx context.Context, s *stage) error {
	if err := copyTree(ctx, s.Source, s.tree); err != nil {
		return err
	}
	_, err := s.start(ctx, "the daemon", "ready", "up")
	return err
}

func runPrograms(ctx context.Context, s *stage) error {
	for _, p := range programs() {
		dir, err := p.write(filepath.Join(s.dir, "nodes"))
		if err != nil {
			return err
		}
		s.say("(%s, %s: %s)", p.name, p.language, p.runtime)
		if _, err := s.start(ctx, p.name, "ready", "run", dir); err != nil {
			return err
		}
		s.nodes = append(s.nodes, p)
	}
	return nil
}

func lookAround(ctx context.Context, s *stage) error {
	var names []string
	for _, p := range s.nodes {
		names = append(names, p.name)
	}
	return errors.Join(
		s.expect(ctx, 0, names, "nodes"),
		s.expect(ctx, 0, []string{s.nodes[0].tool}, "describe", s.nodes[0].tool),
	)
}

func callTools(ctx context.Context, s *stage) error {
	for _, p := range s.nodes {
		if err := s.expect(ctx, 0, []string{p.want}, "invoke", p.tool, "--args", p.args); err != nil {
			return err
		}
	}
	s.say("(and arguments that break the contract)")
	return s.expect(ctx, 1, []string{"ONEX_"}, "invoke", s.nodes[0].tool, "--args", `{"surprise": true}`)
}

// killNode kills the process of the first program and waits until the registry
// says that it is dead.
func killNode(ctx context.Context, s *stage) error {
	victim := s.players[1]
	name := s.nodes[0].name
	s.say("$ kill -9 %d   # %s", victim.cmd.Process.Pid, name)
	killed := time.Now()
	if err := victim.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	if err := s.awaitStatus(ctx, name, "dead"); err != nil {
		return err
	}
	s.say("(the registry knew within %d ms)", time.Since(killed).Milliseconds())
	return errors.Join(
		s.expect(ctx, 0, []string{"dead"}, "describe", name, "--explain"),
		s.expect(ctx, 1, []string{"ONEX_"}, "invoke", s.nodes[0].tool, "--args", s.nodes[0].args),
	)
}

// awaitStatus asks the registry until it gives node the status.
func (s *stage) awaitStatus(ctx context.Context, node, status string) error {
	for ctx.Err() == nil {
		out, err := s.onex(ctx, "nodes", "-o", "json").Output()
		if err != nil {
			return err
		}
		var nodes []struct{ Name, Status string }
		if err := json.Unmarshal(out, &nodes); err != nil {
			return err
		}
		for _, n := range nodes {
			if n.Name == node && n.Status == status {
				return nil
			}
		}
	}
	return fmt.Errorf("%s never became %s: %w", node, status, ctx.Err())
}

func stampTree(ctx context.Context, s *stage) error {
	file, err := s.textFile(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(
		s.expect(ctx, 0, nil, "stamp", "--write", "-o", "summary"),
		s.expect(ctx, 0, nil, "check", "-o", "summary"),
	); err != nil {
		return err
	}
	s.say("$ echo 'one more line' >> %s", file)
	if err := appendLine(filepath.Join(s.tree, file), "one more line"); err != nil {
		return err
	}
	return s.expect(ctx, 1, []string{file, "modified"}, "check")
}

func stopAll(_ context.Context, s *stage) error {
	for i := len(s.players) - 1; i >= 0; i-- {
		if err := s.players[i].stop(); err != nil {
			return err
		}
	}
	var left []string
	err := filepath.WalkDir(filepath.Join(s.dir, "run"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type()&fs.ModeSocket != 0 {
			left = append(left, path)
		}
		return err
	})
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("sockets are left: %v", left)
	}
	return err
}

func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
