package stamper

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/console"
)

// installDriver makes git in this clone ask "onex merge-driver".
func installDriver(ctx context.Context, env *console.Env, root *os.Root) error {
	top, err := git(ctx, root.Name(), "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	for _, setting := range [][2]string{
		{"merge.onex.name", "metadata of ONEX"},
		{"merge.onex.driver", program(env) + " merge-driver -- %O %A %B %P %L"},
	} {
		if _, err := git(ctx, top, "config", "--local", setting[0], setting[1]); err != nil {
			return err
		}
	}
	if err := writeAttributes(top); err != nil {
		return err
	}
	env.Note("git in this clone now merges metadata with onex; commit .gitattributes, and run this in every other clone")
	return nil
}

func writeAttributes(top string) error {
	root, err := os.OpenRoot(top)
	if err != nil {
		return ErrMergeDriver.Wrap(err, "%s", top)
	}
	defer root.Close()
	const name = ".gitattributes"
	text, err := root.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ErrMergeDriver.Wrap(err, "%s", name)
	}
	if next := withAttributes(string(text)); next != string(text) {
		if err := atomicfile.Write(root, name, []byte(next), 0o666); err != nil {
			return ErrMergeDriver.Wrap(err, "%s", name)
		}
	}
	return nil
}

// git runs git in dir and returns its one line of output.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", ErrMergeDriver.Wrap(err, "git %s in %s", args[0], dir)
	}
	return strings.TrimSpace(string(out)), nil
}

// program returns how a shell calls this program: by its name where that is what
// the search path finds, which survives an update, else by its path.
func program(env *console.Env) string {
	if path, err := exec.LookPath("onex"); err == nil {
		if path, err = filepath.Abs(path); err == nil && path == env.Exe {
			return "onex"
		}
	}
	return quote(filepath.ToSlash(env.Exe))
}
