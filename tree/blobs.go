package tree

import (
	"context"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
)

// addBlobs sets the blob of every one of files, which are below root, that is in
// the work tree what it is in git's index, as git says. It sets none of which git
// was told not to look at it (assume-unchanged, skip-worktree), none with
// conflicts, and none where there is no work tree or no git.
func addBlobs(ctx context.Context, root *os.Root, files []File) error {
	git, err := exec.LookPath("git")
	if err != nil || findUp(root.Name(), ".git") == "" {
		return nil
	}
	// -m lists files that changed, or are gone, a second time, with the tag C
	// or R instead of H.
	out, err := runGit(ctx, git, root.Name(), gitEnv(), nil, "ls-files", "-z", "-s", "-v", "-c", "-m", "-d")
	if err != nil {
		return err
	}
	blobs := parseIndex(out)
	for i := range files {
		if raw, err := hex.DecodeString(blobs[files[i].Path]); err == nil {
			files[i].Blob = string(raw)
		}
	}
	return nil
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
