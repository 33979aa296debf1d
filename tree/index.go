package tree

import (
	"context"
	"os"
	"os/exec"
	"strings"
)

// Unchanged returns, by path below root, the blob ids of the files that are in
// the work tree what they are in git's index. It has no file of which git was
// told not to look at it (assume-unchanged, skip-worktree), none with conflicts,
// and no symbolic links. Where there is no work tree or no git it has none at
// all.
func Unchanged(ctx context.Context, root *os.Root) (map[string]string, error) {
	git, err := exec.LookPath("git")
	if err != nil || findUp(root.Name(), ".git") == "" {
		return nil, nil
	}
	// -m lists files that changed, or are gone, a second time, with the tag C
	// or R instead of H.
	out, err := runGit(ctx, git, root.Name(), gitEnv(), nil, "ls-files", "-z", "-s", "-v", "-c", "-m", "-d")
	if err != nil {
		return nil, err
	}
	return parseIndex(out), nil
}

// parseIndex reads "H 100644 <blob> 0\t<path>", each ended by a zero byte.
func parseIndex(out string) map[string]string {
	blobs := make(map[string]string, strings.Count(out, "\x00"))
	for entry := range strings.SplitSeq(out, "\x00") {
		fields, name, ok := strings.Cut(entry, "\t")
		if !ok {
			continue
		}
		rest, regular := strings.CutPrefix(fields, "H 100")
		_, rest, _ = strings.Cut(rest, " ")
		if blob, stage, _ := strings.Cut(rest, " "); regular && stage == "0" {
			blobs[name] = blob
		} else {
			delete(blobs, name)
		}
	}
	return blobs
}
