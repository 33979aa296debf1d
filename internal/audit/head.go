package audit

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/sshsig"
)

// The signed head: a statement, and its signature as ssh-keygen makes it.
const (
	headName      = "head.json"
	signatureName = "head.json.sig"
)

// A Head says how far the log had come.
type Head struct {
	Seq  uint64    `json:"seq"`
	Hash string    `json:"hash"`
	Time time.Time `json:"time"`
}

// Sign signs the last line of the log in dir, after checking all lines, and leaves
// statement and signature beside them: from then on the lines up to it cannot be
// rewritten by anybody who has not the key.
func Sign(ctx context.Context, dir string, signer *sshsig.Signer, now time.Time) (Head, error) {
	r, err := Verify(dir)
	if err != nil {
		return Head{}, err
	}
	h := Head{r.Last, r.Head, now.UTC().Truncate(time.Second)}
	statement, err := json.Marshal(h)
	if err != nil {
		return h, err
	}
	signature, err := signer.Sign(ctx, sshsig.Audit, statement)
	if err != nil {
		return h, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return h, ErrStore.Wrap(err, "%s", dir)
	}
	defer root.Close()
	const private = 0o600
	return h, errors.Join(
		atomicfile.Write(root, headName, statement, private),
		atomicfile.Write(root, signatureName, signature, private))
}

// CheckHead checks the signature of the head in dir, and that the line it speaks
// of is still there. It fails with [ErrNoHead], with [ErrHead], and with the errors
// of package sshsig.
func CheckHead(dir string, allowed *sshsig.AllowedSigners) (Head, sshsig.Identity, error) {
	var h Head
	statement, err := os.ReadFile(filepath.Join(dir, headName))
	if errors.Is(err, fs.ErrNotExist) {
		return h, sshsig.Identity{}, ErrNoHead
	}
	signature, err2 := os.ReadFile(filepath.Join(dir, signatureName))
	if err = errors.Join(err, err2); err != nil {
		return h, sshsig.Identity{}, ErrStore.Wrap(err, "%s", dir)
	}
	who, err := allowed.Verify(statement, signature, sshsig.Audit, nil)
	if err != nil {
		return h, who, err
	}
	if err := json.Unmarshal(statement, &h); err != nil {
		return h, who, ErrHead.Wrap(err, "%s", headName)
	}
	return h, who, h.check(dir)
}

// check looks for the line that h speaks of.
func (h Head) check(dir string) error {
	var first, last uint64
	for l, err := range Lines(dir) {
		if err != nil {
			return err
		}
		if first == 0 {
			first = l.Seq
		}
		if last = l.Seq; l.Seq == h.Seq {
			if l.Hash != h.Hash {
				return ErrHead.With("line %d has hash %s, %s was signed", h.Seq, l.Hash, h.Hash)
			}
			return nil
		}
	}
	if h.Seq != 0 && h.Seq < first {
		return ErrHead.With("line %d, which was signed, is older than those kept; sign again", h.Seq)
	}
	if h.Seq > last {
		return ErrHead.With("line %d was signed, and the log ends with %d", h.Seq, last)
	}
	return nil
}

// HasHead reports whether the log in dir has a signed head.
func HasHead(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, headName))
	return err == nil
}
