package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// MergeOptions says how conflicts are marked.
type MergeOptions struct {
	MarkerSize int    // characters of a marker; 0 means 7, as git does
	Ours       string // what follows the first marker; empty means "ours"
	Theirs     string // what follows the last one; empty means "theirs"
}

func (o *MergeOptions) orDefault() MergeOptions {
	var opts MergeOptions
	if o != nil {
		opts = *o
	}
	if opts.MarkerSize <= 0 {
		opts.MarkerSize = 7
	}
	if opts.Ours == "" {
		opts.Ours = "ours"
	}
	if opts.Theirs == "" {
		opts.Theirs = "theirs"
	}
	return opts
}

// Merge merges three versions of a text as git would in the work tree of root,
// and returns it with the number of conflicts that are marked in it. The error is
// an [ErrGit], also for what is no text.
func Merge(ctx context.Context, root *os.Root, base, ours, theirs []byte, o *MergeOptions) (merged []byte, conflicts int, err error) {
	opts := o.orDefault()
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, 0, ErrGit.Wrap(err, "merging")
	}
	dir, err := os.MkdirTemp("", "onex-merge-")
	if err != nil {
		return nil, 0, ErrGit.Wrap(err, "merging")
	}
	defer os.RemoveAll(dir)
	args := []string{"merge-file", "-p", fmt.Sprintf("--marker-size=%d", opts.MarkerSize), "-L", opts.Ours, "-L", "base", "-L", opts.Theirs, "--"}
	for _, f := range []struct {
		name string
		data []byte
	}{{"ours", ours}, {"base", base}, {"theirs", theirs}} {
		name := filepath.Join(dir, f.name)
		if err := os.WriteFile(name, f.data, 0o600); err != nil {
			return nil, 0, ErrGit.Wrap(err, "merging")
		}
		args = append(args, name)
	}
	cmd := exec.CommandContext(ctx, git, args...)
	cmd.Dir, cmd.Env = root.Name(), gitEnv()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 && exit.ExitCode() <= maxMergeConflicts {
		return stdout.Bytes(), exit.ExitCode(), nil
	}
	if err != nil {
		return nil, 0, ErrGit.With("git merge-file: %s", firstLine(stderr.String(), err))
	}
	return stdout.Bytes(), 0, nil
}

// maxMergeConflicts is the largest exit status with which git merge-file counts
// conflicts; those above are errors.
const maxMergeConflicts = 127

// Stages are the versions of a file that git could not merge; a Blob is empty
// where there is none.
type Stages struct{ Base, Ours, Theirs Entry }

// Unmerged returns, by path below the root, the files that git could not merge.
func (x *Index) Unmerged(ctx context.Context) (map[string]Stages, error) {
	out, err := x.run(ctx, nil, "ls-files", "-u", "-z")
	if err != nil {
		return nil, err
	}
	files := map[string]Stages{}
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		fields, name, ok := strings.Cut(line, "\t")
		f := strings.Fields(fields)
		if !ok || len(f) != 3 {
			continue
		}
		s, e := files[name], Entry{Path: name, Mode: f[0], Blob: f[1]}
		switch f[2] {
		case "1":
			s.Base = e
		case "2":
			s.Ours = e
		case "3":
			s.Theirs = e
		}
		files[name] = s
	}
	return files, nil
}

// Content returns the content of one version, which is empty where there is none.
func (x *Index) Content(ctx context.Context, e Entry, max int64) ([]byte, error) {
	if e.Blob == "" {
		return nil, nil
	}
	var content []byte
	err := x.Read(ctx, []Entry{e}, max, func(_ int, data []byte, err error) error {
		content = slices.Clone(data)
		return err
	})
	return content, err
}
