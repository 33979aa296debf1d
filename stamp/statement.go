package stamp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/omninode-ai/onex/meta"
)

// StatementType and PredicateType say what a statement is: an in-toto Statement of
// version 1 (github.com/in-toto/attestation, spec/v1) about stamped files.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/omninode-ai/onex/stamp/v1"
)

// A Subject is one stamped file in a statement.
type Subject struct {
	Name   string `json:"name"` // path below the root, with slashes
	Digest struct {
		SHA256 string `json:"sha256"` // of the file's bytes
	} `json:"digest"`
	Annotations struct {
		UUID string `json:"uuid"`
		Hash string `json:"hash"` // of the canonical form, as in the block
	} `json:"annotations"`
}

// A statement says what the stamped files of a project are. The digests are for
// programs that know in-toto; the hashes hold, too, where git checks files out with
// other line ends, and cover the fields of blocks that are not in the files.
type statement struct {
	Type      string    `json:"_type"`
	Subject   []Subject `json:"subject"`
	Predicate string    `json:"predicateType"`
	Content   struct {
		MetadataVersion string `json:"metadata_version"`
	} `json:"predicate"`
}

// maxStatement bounds a statement: tree.MaxFiles subjects of 256 bytes.
const maxStatement = 256 << 20

// Attest returns a statement about every stamped file of the project, sorted by
// path: in-toto's, in JSON. The same files always give the same bytes. When any
// file is not in order, that is [ErrUnattested].
func Attest(ctx context.Context, root *os.Root, o *Options) ([]byte, error) {
	opts := o.orDefault()
	if !opts.everything() {
		return nil, ErrUnattested.With("a statement is about the whole project, not about some of its files")
	}
	if err := opts.configure(root); err != nil {
		return nil, err
	}
	opts.NoCache, opts.digests = true, true // of a file in the cache nothing is read
	results, err := examineAll(ctx, root, &opts)
	if err != nil {
		return nil, err
	}
	order(results)
	findDuplicates(results)
	return state(results)
}

// state makes the statement about files that were examined.
func state(results []checked) ([]byte, error) {
	s := statement{Type: StatementType, Predicate: PredicateType}
	for _, c := range results {
		switch {
		case c.State == Skipped:
			continue
		case c.State != OK:
			return nil, ErrUnattested.With("%s is %s", c.Path, c.State)
		case !utf8.ValidString(c.Path):
			return nil, ErrUnattested.With("the name %q cannot be written in JSON", c.Path)
		}
		subject := Subject{Name: c.Path}
		subject.Digest.SHA256, subject.Annotations.UUID, subject.Annotations.Hash = c.digest, c.uuid, c.hash
		s.Subject = append(s.Subject, subject)
	}
	if len(s.Subject) == 0 {
		return nil, ErrUnattested.With("no file is stamped")
	}
	s.Content.MetadataVersion = meta.Version
	return s.print()
}

// print writes one subject in a line, so that differences can be read.
func (s statement) print() ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"_type\": %q,\n  \"subject\": [", s.Type)
	for i, subject := range s.Subject {
		line, err := json.Marshal(subject)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%s\n    %s", map[bool]string{true: ","}[i > 0], line)
	}
	fmt.Fprintf(&out, "\n  ],\n  \"predicateType\": %q,\n  \"predicate\": {\"metadata_version\": %q}\n}\n", s.Predicate, s.Content.MetadataVersion)
	return out.Bytes(), nil
}

// parseStatement reads a statement whose signature was verified, and returns its
// subjects by name.
func parseStatement(text []byte) (map[string]Subject, error) {
	var s statement
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, err
	}
	if s.Type != StatementType || s.Predicate != PredicateType {
		return nil, fmt.Errorf("it is of type %q about %q", s.Type, s.Predicate)
	}
	subjects := make(map[string]Subject, len(s.Subject))
	for _, subject := range s.Subject {
		if _, twice := subjects[subject.Name]; twice {
			return nil, fmt.Errorf("%q is there twice", subject.Name)
		}
		subjects[subject.Name] = subject
	}
	if dec.More() {
		return nil, errors.New("something follows it")
	}
	return subjects, nil
}

// Where the statement of a project is, and what else of ours is there: nothing of it
// is stamped.
const (
	ownDir        = ".onex"
	StatementFile = ownDir + "/statement.json"
	SignatureFile = StatementFile + ".sig"
)
