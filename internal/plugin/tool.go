package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/omninode-ai/onex/node"
)

const (
	toolsDir = "tools"  // in the data directory
	maxTools = 100      // of one plugin: as rules
	maxCopy  = 64 << 20 // bytes of a tool plugin, which is copied
	shortSum = 16       // digits of a digest in a name
)

// Directory returns the directory of the node that the plugin is: its own, or, for
// a [Tool], one in the data directory that is made of what the program says of
// itself and of a copy of it. What runs is what was trusted, whatever becomes of the
// original. The error is [ErrConfig], or as [Plugin.Exchange].
func (p *Plugin) Directory(ctx context.Context, data string) (string, error) {
	if p.Type != Tool {
		return p.Path, nil
	}
	if p.State != Active {
		return "", ErrUntrusted.With("%s: %s", p.ID(), p.Reason)
	}
	to := filepath.Join(data, toolsDir, p.Name+"-"+p.Digest[:shortSum])
	if _, err := os.Stat(to); err == nil {
		return to, nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", ErrConfig.Wrap(err, "%s", p.ID())
	}
	stage, err := os.MkdirTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return "", ErrConfig.Wrap(err, "%s", p.ID())
	}
	defer os.RemoveAll(stage)
	if err := p.settle(ctx, stage); err != nil {
		return "", err
	}
	if err := os.Rename(stage, to); err != nil {
		if _, made := os.Stat(to); made != nil { // by nobody else either
			return "", ErrConfig.Wrap(err, "%s", p.ID())
		}
	}
	return to, nil
}

// settle makes dir the directory of a node.
func (p *Plugin) settle(ctx context.Context, dir string) error {
	main, err := p.copyTo(dir)
	if err != nil {
		return ErrConfig.Wrap(err, "%s", p.ID())
	}
	c, err := p.describeTools(ctx, dir)
	if err != nil {
		return err
	}
	contract, err := node.PrintContract(c)
	if err != nil {
		return ErrFailed.Wrap(err, "%s", p.ID())
	}
	manifest, err := node.PrintManifest(node.Manifest{
		Name: c.Node, Version: "0.0.0+" + p.Digest[:shortSum], Description: c.Description, Runtime: node.Exec,
		Program: node.Program{Command: append([]string{"./" + main}, p.Args...)},
	})
	if err != nil {
		return ErrFailed.Wrap(err, "%s", p.ID())
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, node.ContractFile), contract, 0o600),
		os.WriteFile(filepath.Join(dir, node.ManifestFile), manifest, 0o600),
	)
}

// copyTo copies the program, or the directory with it, and returns what the program
// is called there. The copy is what was looked at.
func (p *Plugin) copyTo(dir string) (main string, err error) {
	program, err := p.program()
	if err != nil {
		return "", err
	}
	if program == p.Path {
		main = mainName + filepath.Ext(program)
		err = copyFile(filepath.Join(dir, main), program, maxCopy)
	} else {
		main = filepath.Base(program)
		err = copyTree(dir, p.Path)
	}
	if err != nil {
		return "", err
	}
	copied := *p
	if copied.Path = dir; program == p.Path {
		copied.Path = filepath.Join(dir, main)
	}
	if digest, err := copied.digest(); err != nil || digest != p.Digest {
		return "", ErrUntrusted.With("%s changed since it was looked at", p.ID())
	}
	return main, nil
}

func copyTree(to, from string) error {
	left := int64(maxCopy)
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		left -= info.Size()
		return copyFile(filepath.Join(to, rel), path, left+info.Size())
	})
}

// copyFile copies a file of at most limit bytes, which stays executable if it was.
// No program is started meanwhile: it would hold the copy open for a moment, and
// what is open for writing cannot be run (golang.org/issue/22315).
func copyFile(to, from string, limit int64) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	data, err := readAll(from, limit)
	if err != nil {
		return err
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(to, data, info.Mode().Perm()&0o700)
}

// describeTools asks the program in dir for its tools, and returns the contract
// that they are.
func (p *Plugin) describeTools(ctx context.Context, dir string) (node.Contract, error) {
	at := *p
	if info, err := os.Stat(p.Path); err == nil && info.IsDir() {
		at.Path = dir
	} else {
		at.Path = filepath.Join(dir, mainName+filepath.Ext(p.Path))
	}
	ask, err := lines(request{Request: "describe", Protocol: Protocol})
	if err != nil {
		return node.Contract{}, err
	}
	tools := map[string]map[string]json.RawMessage{}
	err = at.Exchange(ctx, ask, Limits{Time: describeTime, Lines: maxTools}, func(line []byte) error {
		name, fields, err := toolLine(line)
		if err != nil {
			return err
		}
		if tools[name] != nil {
			return fmt.Errorf("it describes the tool %q twice", name)
		}
		tools[name] = fields
		return nil
	})
	if err == nil && len(tools) == 0 {
		err = ErrFailed.With("%s has no tools", p.ID())
	}
	if err != nil {
		return node.Contract{}, err
	}
	text, err := json.Marshal(map[string]any{"node_name": strings.ReplaceAll(p.Name, "-", "_"), "description": "the plugin " + p.ID(), "tools": tools})
	if err != nil {
		return node.Contract{}, err
	}
	c, err := node.ParseContract(text) // JSON is YAML
	if err != nil {
		return c, ErrFailed.With("%s describes no contract: %s", p.ID(), err)
	}
	return c, nil
}

// toolLine takes type and name from a line; the rest is as in contract.yaml.
func toolLine(line []byte) (name string, rest map[string]json.RawMessage, err error) {
	if err := json.Unmarshal(line, &rest); err != nil {
		return "", nil, err
	}
	var kind string
	if err := errors.Join(json.Unmarshal(orNull(rest["type"]), &kind), json.Unmarshal(orNull(rest["name"]), &name)); err != nil {
		return "", nil, err
	}
	if kind != string(Tool) {
		return "", nil, fmt.Errorf("want type tool, got %q", kind)
	}
	delete(rest, "type")
	delete(rest, "name")
	return name, rest, nil
}
