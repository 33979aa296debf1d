package tree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

// An Index is git's index of a work tree: what the next commit will hold. In a
// hook it is the index of that commit, which may be a temporary one.
type Index struct {
	root *os.Root
	git  string
	env  []string
}

// An Entry is one file of an index.
type Entry struct {
	Path string // below the root
	Mode string // as git writes it: "100644", "100755"
	Blob string // the id of its content
}

// OpenIndex returns the index of the work tree that root lies in. The error is
// an [ErrGit] where there is none.
func OpenIndex(ctx context.Context, root *os.Root) (*Index, error) {
	git, err := exec.LookPath("git")
	if err != nil || findUp(root.Name(), ".git") == "" {
		return nil, ErrGit.With("%s is in no work tree, or there is no git", root.Name())
	}
	x := &Index{root: root, git: git, env: gitEnv()}
	if file := os.Getenv("GIT_INDEX_FILE"); file != "" {
		if file, err = filepath.Abs(file); err != nil {
			return nil, ErrGit.Wrap(err, "GIT_INDEX_FILE")
		}
		dir, err := x.run(ctx, nil, "rev-parse", "--absolute-git-dir")
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(file, strings.TrimSuffix(dir, "\n")+string(filepath.Separator)) { // and not of another repository
			x.env = append(x.env, "GIT_INDEX_FILE="+file)
		}
	}
	return x, nil
}

// run returns what git prints when it is given stdin.
func (x *Index) run(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	return runGit(ctx, x.git, x.root.Name(), x.env, stdin, args...)
}

// Staged returns the files below the root that the next commit changes or adds,
// of those that o selects, sorted by path. Of o, the sizes do not count.
func (x *Index) Staged(ctx context.Context, o *Options) ([]Entry, []Skipped, error) {
	out, err := x.run(ctx, nil, append([]string{"diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames",
		"--diff-filter=d", "--relative", "--no-ext-diff", "--ignore-submodules=none", "--"}, o.orDefault().Paths...)...)
	if err != nil {
		return nil, nil, err
	}
	l, err := newLister(x.root, o)
	if err != nil {
		return nil, nil, err
	}
	defer l.stat.Close()
	entries := map[string]Entry{}
	var names []string
	for fields := range slices.Chunk(strings.Split(strings.TrimSuffix(out, "\x00"), "\x00"), 2) {
		if f := strings.Fields(fields[0]); len(fields) == 2 && len(f) == 5 {
			entries[fields[1]] = Entry{Path: fields[1], Mode: f[1], Blob: f[3]}
			names = append(names, fields[1])
		}
	}
	slices.Sort(names)
	var list []Entry
	for _, name := range l.selectNames(names) {
		if e := entries[name]; strings.HasPrefix(e.Mode, "100") {
			list = append(list, e)
		} else {
			l.skip(name, reasonOf(e.Mode), nil)
		}
	}
	return list, l.skippedSorted(), l.onex.err
}

// Files returns the files below the root that the index has, by path: those that
// are, or are in, one of paths, or all if there is none. Those that git was told
// not to check out are left out.
func (x *Index) Files(ctx context.Context, paths ...string) (map[string]Entry, error) {
	out, err := x.run(ctx, nil, append([]string{"ls-files", "-s", "-t", "-z", "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	files := map[string]Entry{}
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		fields, name, ok := strings.Cut(line, "\t")
		f := strings.Fields(fields)
		if ok && len(f) == 4 && f[0] == "H" && strings.HasPrefix(f[1], "100") && f[3] == "0" {
			files[name] = Entry{Path: name, Mode: f[1], Blob: f[2]}
		}
	}
	return files, nil
}

// reasonOf says why an entry with this mode is no file.
func reasonOf(mode string) Reason {
	switch mode {
	case "120000":
		return Symlink
	case "160000":
		return Repository
	}
	return Unmerged
}

// Read calls visit with the content of each of the entries in turn, which is
// valid until visit returns. An entry over max bytes has an error instead. An
// error of visit ends it.
func (x *Index) Read(ctx context.Context, entries []Entry, max int64, visit func(i int, data []byte, err error) error) error {
	if len(entries) == 0 {
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var blobs strings.Builder
	for _, e := range entries {
		blobs.WriteString(e.Blob + "\n")
	}
	cmd := exec.CommandContext(ctx, x.git, "cat-file", "--batch")
	cmd.Dir, cmd.Env, cmd.Stdin = x.root.Name(), x.env, strings.NewReader(blobs.String())
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return ErrGit.Wrap(err, "git cat-file")
	}
	r := bufio.NewReader(stdout)
	for i := range entries {
		var data []byte
		if data, err = readBlob(r, max); err != nil && !errors.Is(err, atomicfile.ErrTooLarge) {
			err = ErrGit.Wrap(err, "%s", entries[i].Path)
			break
		}
		if err = visit(i, data, err); err != nil {
			break
		}
	}
	if err != nil {
		cancel()
	}
	if wait := cmd.Wait(); err == nil && wait != nil {
		err = ErrGit.Wrap(wait, "git cat-file")
	}
	return err
}

// readBlob reads "<id> blob <size>\n<content>\n".
func readBlob(r *bufio.Reader, max int64) ([]byte, error) {
	head, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	f := strings.Fields(head)
	if len(f) != 3 || f[1] != "blob" {
		return nil, fmt.Errorf("git says %q", strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	switch {
	case err != nil:
		return nil, err
	case size > max:
		if _, err := io.CopyN(io.Discard, r, size+1); err != nil {
			return nil, err
		}
		return nil, atomicfile.ErrTooLarge.With("%d bytes, limit %d", size, max)
	}
	data := make([]byte, size+1)
	_, err = io.ReadFull(r, data)
	return data[:size], err
}

// Store makes blobs of the files below the root that paths name, and returns
// their ids. Nothing refers to them yet.
func (x *Index) Store(ctx context.Context, paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	dir, err := filepath.Abs(x.root.Name())
	if err != nil {
		return nil, ErrRoot.Wrap(err, "%s", x.root.Name())
	}
	var in strings.Builder
	for _, p := range paths { // git takes them from the top of the work tree
		in.WriteString(filepath.Join(dir, filepath.FromSlash(p)) + "\n")
	}
	out, err := x.run(ctx, strings.NewReader(in.String()), "hash-object", "-w", "--no-filters", "--stdin-paths")
	if err != nil {
		return nil, err
	}
	ids := strings.Fields(out)
	if len(ids) != len(paths) {
		return nil, ErrGit.With("git hash-object names %d blobs of %d", len(ids), len(paths))
	}
	return ids, nil
}

// Replace makes every entry of old the one at the same place in new, all of them
// or none. An old entry without a Blob stands for a file that is not there yet, a
// new one for one that goes. It refuses ([ErrGit]) if the index has no longer what old says.
func (x *Index) Replace(ctx context.Context, old, new []Entry) error {
	prefix, err := x.run(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return err
	}
	out, err := x.run(ctx, nil, "ls-files", "-s", "-z")
	if err != nil {
		return err
	}
	held, present := map[string]bool{}, map[string]bool{}
	for line := range strings.SplitSeq(out, "\x00") {
		_, name, _ := strings.Cut(line, "\t")
		held[line], present[name] = true, true
	}
	var in bytes.Buffer
	for i, e := range old {
		if !held[fmt.Sprintf("%s %s 0\t%s", e.Mode, e.Blob, e.Path)] && (e.Blob != "" || present[e.Path]) {
			return ErrGit.With("%s is no longer staged as it was", e.Path)
		}
		if new[i].Blob == "" {
			new[i].Mode, new[i].Blob = "0", strings.Repeat("0", len(e.Blob))
		}
		// Unlike all else, these paths begin at the top of the work tree.
		fmt.Fprintf(&in, "%s %s\t%s%s\x00", new[i].Mode, new[i].Blob, strings.TrimSuffix(prefix, "\n"), e.Path)
	}
	_, err = x.run(ctx, &in, "update-index", "-z", "--index-info")
	return err
}
