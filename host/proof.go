package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// ReceiptFile is the name of the file in a node's directory that holds the
// receipt of a parity run.
const ReceiptFile = "parity.receipt.json"

// ReportFile is the name of the file in a node's directory that holds what the
// last parity run found, where that is wanted.
const ReportFile = "validation_report.json"

// maxReceipt bounds a receipt: it travels in announcements.
const maxReceipt = 64 << 10

// Bounds of a program that is hashed. A larger one cannot have a receipt.
const (
	maxProgramFiles = 10_000
	maxProgramBytes = 1 << 30
)

// noProgram are parts of a node's directory that do not decide what it does: what
// version control and interpreters keep there, what parity writes, and the
// manifest, which a signature changes; its [node.Statement] stands for it.
var noProgram = []string{".git", "__pycache__", ReceiptFile, ReportFile, node.ManifestFile}

// ProgramHash identifies the program of a node: the hex SHA-256 over its manifest
// and contract and all files of its directory, by name, mode and content. What lies outside, such as
// an interpreter, is not covered. It fails for a directory of more than 10000
// files or 1 GiB, and for a program whose command leads out of the directory.
func ProgramHash(dir string, m node.Manifest, c node.Contract) (string, error) {
	for _, part := range append([]string{m.Program.Dir}, m.Program.Command...) {
		if slices.Contains(strings.Split(filepath.ToSlash(part), "/"), "..") {
			return "", fmt.Errorf("%q leads out of the node's directory", part)
		}
	}
	statement, err := node.Statement(m, c)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%x\n", sha256.Sum256(statement))
	files, size := 0, int64(0)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != dir && slices.Contains(noProgram, d.Name()) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || d.IsDir() {
			return err
		}
		if files, size = files+1, size+info.Size(); files > maxProgramFiles || size > maxProgramBytes {
			return fmt.Errorf("more than %d files or %d bytes", maxProgramFiles, maxProgramBytes)
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return hashFile(h, path, filepath.ToSlash(name), info.Mode())
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// hashFile adds one file: executable or not, a link by where it leads.
func hashFile(h hash.Hash, path, name string, mode fs.FileMode) error {
	if mode&fs.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		fmt.Fprintf(h, "link %q %q\n", name, target)
		return err
	}
	if !mode.IsRegular() {
		return nil
	}
	sum, err := FileHash(path)
	fmt.Fprintf(h, "file %q %t %s\n", name, mode&0o111 != 0, sum)
	return err
}

// FileHash returns the hex SHA-256 of a file: for a node in Go, of the program
// that it is part of.
func FileHash(path string) (_ string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// prove claims what the files of the directory can prove: the signature of the
// manifest and, beside it, the receipt of a parity run. The registry decides.
func (h *Host) prove(dir string) {
	signature := h.manifest.SignatureBlock().Signature
	if signature == "" || h.o.Signature != "" {
		return
	}
	h.o.Signature, h.o.Trust = signature, node.Trusted
	info, err := os.Stat(filepath.Join(dir, ReceiptFile))
	if err != nil || info.Size() > maxReceipt {
		return
	}
	receipt, err := os.ReadFile(filepath.Join(dir, ReceiptFile))
	if err != nil {
		return
	}
	if h.dir = dir; h.rehash() != nil {
		return
	}
	h.receipt, h.o.Trust = string(receipt), node.Verified
}

// Vouch has sign sign what the node is, its [node.Statement], and claims that it is
// trusted. It is for nodes that are part of the program that hosts them, and is
// called before Run.
func (h *Host) Vouch(sign func(statement []byte) (signature []byte, err error)) error {
	statement, err := node.Statement(h.manifest, h.Contract())
	if err != nil {
		return err
	}
	signature, err := sign(statement)
	if err != nil {
		return err
	}
	h.o.Signature, h.o.Trust = string(signature), node.Trusted
	return nil
}
