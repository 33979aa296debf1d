package stamp

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

// Sign attests the whole project, has the statement signed and writes both,
// [StatementFile] and [SignatureFile], or neither. When the statement that is there
// says the same and o.Verify takes its signature, nothing is signed or written, and
// fresh is false. The errors are those of [Attest], of sign, and of writing.
func Sign(ctx context.Context, root *os.Root, o *Options, sign func(statement []byte) ([]byte, error)) (fresh bool, err error) {
	text, err := Attest(ctx, root, o)
	if err != nil {
		return false, err
	}
	old, signature, err := readSigned(root)
	if err == nil && bytes.Equal(old, text) && o != nil && o.Verify != nil {
		if _, err := o.Verify(old, signature); err == nil {
			return false, nil
		}
	}
	if signature, err = sign(text); err != nil {
		return false, err
	}
	return true, writeSigned(ctx, root, map[string][]byte{StatementFile: text, SignatureFile: signature})
}

// writeSigned writes the statement and its signature in one step.
func writeSigned(ctx context.Context, root *os.Root, files map[string][]byte) error {
	lock, stage, err := places(root)
	if err == nil {
		err = root.MkdirAll(ownDir, 0o755)
	}
	if err != nil {
		return ErrWrite.Wrap(err, "%s", ownDir)
	}
	held, err := acquire(root, lock)
	if err != nil {
		return err
	}
	defer held.Release()
	batch, err := beginBatch(root, stage)
	if err != nil {
		return err
	}
	defer batch.Abort()
	for name, data := range files {
		version := atomicfile.Version{}
		if info, err := root.Lstat(name); err == nil {
			version = atomicfile.VersionOf(info)
		}
		if err := batch.Stage(name, data, version); err != nil {
			return ErrWrite.Wrap(err, "%s", name)
		}
	}
	if err := batch.Commit(ctx); err != nil {
		return commitError(err)
	}
	return nil
}

// readSigned returns the statement and its signature, or an error that is
// fs.ErrNotExist when the project is not signed.
func readSigned(root *os.Root) (text, signature []byte, err error) {
	if text, err = readOwn(root, StatementFile); err == nil {
		signature, err = readOwn(root, SignatureFile)
	}
	return text, signature, err
}

func readOwn(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxStatement:
		return nil, ErrUnsigned.With("%s is no file, or larger than %d bytes", name, maxStatement)
	}
	return root.ReadFile(name)
}

// demand compares what was examined with the signed statement. A statement whose
// signature does not verify is a finding of its own. Where signatures are demanded,
// every file that is in order and not signed as it is becomes unsigned, and so does
// what was signed and is gone.
func demand(root *os.Root, opts *Options, results []checked) []checked {
	text, signature, err := readSigned(root)
	if errors.Is(err, fs.ErrNotExist) && !opts.RequireSignature || opts.Verify == nil && !opts.RequireSignature {
		return results
	}
	var subjects map[string]Subject
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = ErrUnsigned.With("there is no %s and %s", StatementFile, SignatureFile)
	case err == nil && opts.Verify == nil:
		err = ErrUnsigned.With("nobody verifies %s", SignatureFile)
	case err == nil:
		if _, err = opts.Verify(text, signature); err == nil {
			if subjects, err = parseStatement(text); err != nil {
				err = ErrUnsigned.Wrap(err, "%s", StatementFile)
			}
		}
	}
	if err != nil {
		c := checked{Finding: Finding{Path: SignatureFile}}
		c.set(Unsigned, err)
		results = append(results, c)
	}
	if opts.RequireSignature && err == nil {
		results = compare(opts, results, subjects)
	}
	return results
}

// compare finds what differs from the signed subjects.
func compare(opts *Options, results []checked, subjects map[string]Subject) []checked {
	seen := make(map[string]bool, len(results))
	for i := range results {
		c := &results[i]
		seen[c.Path] = c.State != Skipped
		if c.State != OK {
			continue
		}
		switch s, ok := subjects[c.Path]; {
		case !ok:
			c.set(Unsigned, ErrUnsigned.With("%s is not in %s", c.Path, StatementFile))
		case s.Annotations.UUID != c.uuid || s.Annotations.Hash != c.hash:
			c.set(Unsigned, ErrUnsigned.With("%s is not what was signed", c.Path))
		}
	}
	if !opts.everything() {
		return results
	}
	for name := range subjects {
		if !seen[name] {
			c := checked{Finding: Finding{Path: name}}
			c.set(Unsigned, ErrUnsigned.With("%s was signed and is gone, or is not stamped", name))
			results = append(results, c)
		}
	}
	return results
}
