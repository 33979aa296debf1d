package stamp

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

// A Step is one thing that a rehearsed file has to stand. Their order is that of
// [Steps].
type Step string

// The steps of a rehearsal.
const (
	Recognised Step = "recognised" // its name and content are taken for the type's
	Stamped    Step = "stamped"    // it can be stamped
	ReadBack   Step = "read_back"  // the block that is read is the one that was written
	Hashed     Step = "hash"       // its hash verifies
	Idempotent Step = "idempotent" // stamped again it is the same, byte for byte
	Unchanged  Step = "unchanged"  // without the block it is what it was, byte for byte
	Meaning    Step = "meaning"    // its language takes it for what it was, where we can tell
)

// Steps returns all steps, in order.
func Steps() []Step {
	return []Step{Recognised, Stamped, ReadBack, Hashed, Idempotent, Unchanged, Meaning}
}

// A Rehearsal is what became of one file that was stamped in memory.
type Rehearsal struct {
	Type    string     `json:"type"`
	Path    string     `json:"path"`
	SHA256  string     `json:"sha256"`           // of the file
	Failed  Step       `json:"failed,omitempty"` // empty: it stood every step
	Code    fault.Code `json:"code,omitempty"`
	Message string     `json:"message,omitempty"`

	err error
}

// Err returns why the rehearsal failed, or nil.
func (r Rehearsal) Err() error { return r.err }

// A surgeon cuts and joins the files of one type. It is the type's own, but for
// tests that prove that each step can fail.
type surgeon struct {
	split     func(src []byte) (filetype.Parts, error)
	withBlock func(src []byte, b meta.Block) ([]byte, error)
	strip     func(src []byte) ([]byte, error)
}

// Rehearse stamps a file of type t in memory and looks at what becomes of it,
// step by step; types is the set that finds t by the file's name.
func Rehearse(types *filetype.Set, t *filetype.Type, s Sample) Rehearsal {
	return rehearse(types, t, surgeon{t.Split, t.WithBlock, t.Strip}, s)
}

func rehearse(types *filetype.Set, t *filetype.Type, with surgeon, s Sample) Rehearsal {
	r := Rehearsal{Type: t.Name, Path: s.Path, SHA256: digestOf([]byte(s.Text))}
	src := []byte(s.Text)
	if found, ok := types.Find(s.Path, src); !ok || found != t {
		return r.fail(Recognised, errors.New("it is not taken for a file of this type"))
	}
	written, out, err := with.rehearse(t, s.Path, src)
	if err != nil {
		return r.fail(Stamped, err)
	}
	switch parts, err := with.split(out); {
	case err != nil:
		return r.fail(ReadBack, err)
	case parts.Form != filetype.Full || !parts.Meta.Equal(written):
		return r.fail(ReadBack, errors.New("the block that was written is not the block that is read"))
	case parts.Hash(parts.Meta) != parts.Meta.Hash():
		return r.fail(Hashed, errors.New("the hash does not verify"))
	}
	if _, again, err := with.rehearse(t, s.Path, out); err != nil || !bytes.Equal(again, out) {
		return r.fail(Idempotent, errors.Join(err, difference(out, again)))
	}
	if stripped, err := with.strip(out); err != nil || !bytes.Equal(stripped, src) {
		return r.fail(Unchanged, errors.Join(err, difference(src, stripped)))
	}
	if err := sameMeaning(t.Name, src, out); err != nil {
		return r.fail(Meaning, err)
	}
	return r
}

func (r Rehearsal) fail(s Step, err error) Rehearsal {
	r.err = fmt.Errorf("%s: %s: %w", r.Path, s, err)
	report := fault.ReportOf(err)
	r.Failed, r.Code, r.Message = s, report.Code, report.Message
	return r
}

// difference says where two files differ first.
func difference(want, got []byte) error {
	line := 1
	a, b := bytes.SplitAfter(want, []byte("\n")), bytes.SplitAfter(got, []byte("\n"))
	for i := range max(len(a), len(b)) {
		was, is := lineOf(a, i), lineOf(b, i)
		if was != is {
			return fmt.Errorf("line %d is %q, not %q", line, is, was)
		}
		line++
	}
	return nil
}

func lineOf(lines [][]byte, i int) string {
	if i >= len(lines) {
		return ""
	}
	return string(lines[i])
}

// rehearse stamps src the way that a batch would.
func (with surgeon) rehearse(t *filetype.Type, name string, src []byte) (meta.Block, []byte, error) {
	parts, err := with.split(src)
	if err != nil {
		return meta.Block{}, nil, err
	}
	id := identityOf(t, name, parts)
	if id.uuid == "" {
		id.uuid = "c0ffee00-0000-4000-8000-000000000001"
	}
	id.namespace = t.Namespace(name)
	project := meta.Project{Owner: "Canary: #1", Author: "Canary", Copyright: "*/ \" ' # \\", License: "Apache-2.0"}
	b, _ := restamp(t, name, parts, id, project, time.Unix(0, 0), nil)
	out, err := with.withBlock(src, b)
	return b, out, err
}
