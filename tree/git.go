package tree

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// gitFiles lists what git would say belongs to the project in dirs of the
// directory dir. It reports false where git has no say: outside a work tree, in
// a directory that the work tree around it ignores, and where there is no git.
func gitFiles(ctx context.Context, dir string, dirs []string) ([]string, bool, error) {
	top := findUp(dir, ".git")
	git, err := exec.LookPath("git")
	if top == "" || err != nil {
		return nil, false, nil
	}
	args := []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}
	out, err := runGit(ctx, git, dir, append(args, dirs...)...)
	if err != nil {
		return nil, false, err
	}
	names := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	if names[0] == "" {
		abs, err := filepath.Abs(dir)
		return nil, err == nil && abs == top, err
	}
	return names, true, nil
}

// runGit returns what git prints when it is run in dir.
func runGit(ctx context.Context, git, dir string, args ...string) (string, error) {
	args = append([]string{"--literal-pathspecs", "-c", "core.fsmonitor=false"}, args...)
	cmd := exec.CommandContext(ctx, git, args...)
	cmd.Dir, cmd.Env = dir, gitEnv()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", ErrGit.With("%s: %s", dir, firstLine(stderr.String(), err))
	}
	return stdout.String(), nil
}

// gitEnv is our environment without what a git hook adds to it: the question is
// about dir, not about the repository whose hook is running.
func gitEnv() []string {
	env := []string{"GIT_OPTIONAL_LOCKS=0", "LC_ALL=C"}
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "LC_ALL":
		default:
			env = append(env, v)
		}
	}
	return env
}

func firstLine(stderr string, err error) string {
	var exit *exec.ExitError
	if line, _, _ := strings.Cut(stderr, "\n"); line != "" && errors.As(err, &exit) {
		return line
	}
	return err.Error()
}
