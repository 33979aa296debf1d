package tree

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// gitFiles lists what git would say belongs to the project in dirs of the
// directory dir; what it tracks only if tracked. It reports false where git has no say: outside a work tree, in
// a directory that the work tree around it ignores, and where there is no git.
func gitFiles(ctx context.Context, dir string, dirs []string, tracked bool) ([]string, bool, error) {
	top := findUp(dir, ".git")
	git, err := exec.LookPath("git")
	if top == "" || err != nil {
		return nil, false, nil
	}
	args := []string{"ls-files", "-z", "--others", "--exclude-standard"}
	if tracked {
		args = append(args, "--cached")
	}
	out, err := runGit(ctx, git, dir, gitEnv(), nil, append(append(args, "--"), dirs...)...)
	if err != nil {
		return nil, false, err
	}
	names := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	if names[0] != "" {
		return names, true, nil
	}
	abs, err := filepath.Abs(dir)
	return nil, err == nil && abs == top, err
}

// runGit returns what git prints when it is run in dir and given stdin, which
// may be nil.
func runGit(ctx context.Context, git, dir string, env []string, stdin io.Reader, args ...string) (string, error) {
	args = append([]string{"--literal-pathspecs", "-c", "core.fsmonitor=false"}, args...)
	cmd := exec.CommandContext(ctx, git, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, env, stdin
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

// gitChanged lists what in dirs of the directory dir differs from what it was
// where the branch of HEAD left rev, and what is new.
func gitChanged(ctx context.Context, dir, rev string, dirs []string) ([]string, error) {
	git, err := exec.LookPath("git")
	if err != nil || findUp(dir, ".git") == "" {
		return nil, ErrGit.With("%s is in no work tree, or there is no git", dir)
	}
	run := func(args ...string) (string, error) { return runGit(ctx, git, dir, gitEnv(), nil, args...) }
	base, err := run("merge-base", "--end-of-options", rev, "HEAD")
	if err != nil {
		return nil, ErrRevision.Wrap(err, "%q", rev)
	}
	changed, err := run(append([]string{"diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", "--relative",
		"--no-ext-diff", strings.TrimSpace(base), "--"}, dirs...)...)
	if err != nil {
		return nil, err
	}
	added, err := run(append([]string{"ls-files", "-z", "--others", "--exclude-standard", "--"}, dirs...)...)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(changed+added, func(r rune) bool { return r == 0 }), nil
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
