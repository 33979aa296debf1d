package stamp

import (
	"bytes"
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/tree"
)

// findLost marks among the findings the stamped files that are no longer there as
// files that can be stamped: deleted, replaced by a link or a device, or grown too
// large. What such a file was is known from the manifest of its directory and from
// git's index. A file of which the uuid turned up elsewhere has moved. It returns
// the findings without the files that are gone and were not stamped.
func findLost(ctx context.Context, root *os.Root, o *opener, results []checked) ([]checked, error) {
	suspects := map[string]int{}
	for i := range results {
		c := &results[i]
		if c.State == Skipped && (c.delimited || o.couldBeLost(c.Finding)) {
			suspects[c.Path] = i
		}
	}
	if len(suspects) == 0 {
		return results, nil
	}
	here, orphaned := map[string]bool{}, map[string]bool{}
	for _, c := range results {
		if c.uuid != "" {
			here[c.uuid] = true
		}
		orphaned[c.Path] = orphaned[c.Path] || c.Code == ErrOrphan.Code
	}
	was, err := stampedInIndex(ctx, root, o, suspects)
	if err != nil {
		return nil, err
	}
	for name, i := range suspects {
		c := &results[i]
		b, stamped := was[name]
		switch m := o.manifests.of(name); {
		case c.delimited:
			if id := uuidIn(root, name); id != "" && !here[id] { // neither look-alike nor a copy beside the file itself
				c.set(Modified, ErrLost.With("%s: it has a block, and no file type handles it", name))
			}
		case stamped && here[b.UUID()]:
		case c.Reason == tree.Gone && m.Has(path.Base(name)) && orphaned[name]: // has been said
		case stamped, m.Has(path.Base(name)), c.Reason == tree.TooLarge && beginsStamped(root, o.types, name):
			c.set(Modified, ErrLost.With("%s: %s", name, lostHow(c.Reason)))
		}
	}
	return slices.DeleteFunc(results, func(c checked) bool { return c.State == Skipped && c.Reason == tree.Gone }), nil
}

// couldBeLost reports whether f may be what became of a stamped file.
func (o *opener) couldBeLost(f Finding) bool {
	switch f.Reason {
	case tree.Gone, tree.Symlink, tree.NotRegular, tree.TooLarge:
		_, typed := o.types.Find(f.Path, nil)
		return typed || f.Reason == tree.Gone || o.manifests.of(f.Path).Has(path.Base(f.Path))
	}
	return false
}

func lostHow(r tree.Reason) string {
	switch r {
	case tree.Gone:
		return "it is gone"
	case tree.Symlink:
		return "it is a symbolic link now"
	case tree.TooLarge:
		return "it is too large now"
	}
	return "it is no regular file now"
}

// stampedInIndex returns the blocks, in full or compact form, that files have in
// git's index. Without git it knows of none.
func stampedInIndex(ctx context.Context, root *os.Root, o *opener, names map[string]int) (map[string]meta.Block, error) {
	blocks := map[string]meta.Block{}
	index, err := tree.OpenIndex(ctx, root)
	if err != nil {
		return blocks, nil
	}
	files, err := index.Files(ctx)
	if err != nil {
		return nil, err
	}
	var entries []tree.Entry
	for name := range names {
		if e, ok := files[name]; ok {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b tree.Entry) int { return strings.Compare(a.Path, b.Path) })
	return blocks, index.Read(ctx, entries, MaxNamed, func(i int, data []byte, err error) error {
		if err != nil {
			return nil // it was too large then, too
		}
		if t, ok := o.types.Find(entries[i].Path, data); ok {
			if parts, err := t.Split(data); err == nil && parts.Form != filetype.None {
				blocks[entries[i].Path] = parts.Meta
			}
		}
		return nil
	})
}

// beginsStamped reports whether the file name, too large to be read, begins with a
// block.
func beginsStamped(root *os.Root, types *filetype.Set, name string) bool {
	r, err := atomicfile.NewReader(root, 1<<62)
	if err != nil {
		return false
	}
	defer r.Close()
	head, _, err := r.Head(name, headToSearch)
	t, ok := types.Find(name, head)
	return err == nil && ok && stampedOnce(t, head[:bytes.LastIndexByte(head, '\n')+1])
}

// uuidIn returns the identity in the block that the file name begins with, whose
// comments nobody knows, or "".
func uuidIn(root *os.Root, name string) string {
	r, err := atomicfile.NewReader(root, 1<<62)
	if err != nil {
		return ""
	}
	defer r.Close()
	head, _, err := r.Head(name, headToSearch)
	if err != nil {
		return ""
	}
	for _, key := range []string{"uuid: ", "uuid="} {
		_, rest, found := bytes.Cut(head, []byte(key))
		rest = bytes.TrimLeft(rest, `'"`)
		if found && len(rest) >= uuidLength && meta.IsUUID(string(rest[:uuidLength])) {
			return strings.ToLower(string(rest[:uuidLength]))
		}
	}
	return ""
}

const uuidLength = 36

// maxSign is the longest sign of a comment before a delimiter.
const maxSign = 16

// hasDelimiter reports whether a line near the beginning of a file that no type
// handles opens a block: it was stamped under another name.
func hasDelimiter(head []byte) bool {
	for line := range bytes.Lines(head) {
		before, _, found := bytes.Cut(line, []byte("=== OmniNode:Metadata "))
		if found && len(bytes.TrimSpace(before)) <= maxSign && bytes.Contains(line, []byte(" ===")) {
			return true
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && !bytes.HasPrefix(text, []byte("#!")) {
			return false
		}
	}
	return false
}
