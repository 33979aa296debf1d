package stamper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// A FileDescription is what a file says of itself, and whether that is still
// true. It is the output of "onex describe FILE".
type FileDescription struct {
	Source string     `json:"source"` // "file"
	File   FileStatus `json:"file"`
}

// A FileStatus is a finding of check, and the fields of the block.
type FileStatus struct {
	stamp.Finding
	Type     string   `json:"type,omitempty"` // name of the file type
	Metadata metadata `json:"metadata,omitempty"`
}

// Describe returns what is known of a file, or nil when name is none.
func Describe(ctx context.Context, env *console.Env, name string) (console.Texter, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(env.Dir, name)
	}
	if info, err := os.Lstat(path); err != nil || info.IsDir() {
		return nil, nil
	}
	s := selection{all: true}
	root, o, err := s.open(env, []string{name})
	if err != nil {
		return nil, err
	}
	defer root.Close()
	report, err := stamp.Check(ctx, root, o)
	if err != nil || len(report.Files) != 1 {
		return nil, err
	}
	d := FileDescription{Source: "file", File: FileStatus{Finding: report.Files[0]}}
	if report.Files[0].State != stamp.Skipped {
		d.File.Type, d.File.Metadata, err = fieldsOf(root, o.Paths[0])
	}
	return d, err
}

// fieldsOf returns the fields of the file's block; none when it has no block
// that can be read, of which the check has told already.
func fieldsOf(root *os.Root, path string) (string, metadata, error) {
	data, err := root.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	t, ok := filetype.Standard().Find(path, data)
	if !ok {
		return "", nil, nil
	}
	parts, err := t.Split(data)
	if err != nil {
		return t.Name, nil, nil
	}
	return t.Name, parts.Meta.Fields(), nil
}

// Text shows the state and the fields.
func (d FileDescription) Text(env *console.Env, w io.Writer) {
	f := d.File
	fmt.Fprintf(w, "%s  %s%s\n", env.Paint(console.Bold, f.Path), env.Paint(stateColor(f.State), string(f.State)), why(f.Finding))
	if len(f.Metadata) > 0 {
		fmt.Fprintf(w, "\n%s", meta.Print(meta.NewBlock(f.Metadata...)))
	}
}

// metadata are the fields of a block; in JSON an object with the keys in the
// order of the file.
type metadata []meta.Field

// JSONSchema says what MarshalJSON writes.
func (metadata) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"object"}`) }

func (m metadata) MarshalJSON() ([]byte, error) { return marshal(meta.Map(m)) }

// marshal writes a value as JSON: scalars as the text that they are in a block.
func marshal(v meta.Value) ([]byte, error) {
	switch v := v.(type) {
	case meta.String:
		return json.Marshal(string(v))
	case meta.List:
		return enclosed("[", "]", len(v), func(b *bytes.Buffer, i int) error { return appendValue(b, v[i]) })
	case meta.Map:
		return enclosed("{", "}", len(v), func(b *bytes.Buffer, i int) error {
			key, err := json.Marshal(v[i].Key)
			if err != nil {
				return err
			}
			b.Write(append(key, ':'))
			return appendValue(b, v[i].Value)
		})
	}
	return []byte("null"), nil
}

func appendValue(b *bytes.Buffer, v meta.Value) error {
	raw, err := marshal(v)
	b.Write(raw)
	return err
}

// enclosed writes n items, separated by commas.
func enclosed(open, shut string, n int, item func(*bytes.Buffer, int) error) ([]byte, error) {
	b := bytes.NewBufferString(open)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := item(b, i); err != nil {
			return nil, err
		}
	}
	b.WriteString(shut)
	return b.Bytes(), nil
}
