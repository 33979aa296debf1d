package stamp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/stamp"
)

// TestCheckNoticesAnyByte: whatever byte of a stamped file becomes whatever
// other byte, also one that makes the file none that could be stamped, the file
// is named.
func TestCheckNoticesAnyByte(t *testing.T) {
	for name, body := range map[string]string{
		"a.py": "#!/usr/bin/env python3\nprint('hi')\n", "a.md": "# Title\n\nText\n", "a.yaml": "key: value\n",
		"a.go": "// Package a.\npackage a\n", "a.sh": "#!/bin/sh\necho hi\n", "a.js": "f()\n", "a.html": "<p>x</p>\n",
	} {
		root := project(t, map[string]string{name: body})
		mustApply(t, root, options(day1))
		stamped := read(t, root, name)
		volatile := strings.Index(stamped, "last_modified_at")
		volatileEnd := volatile + strings.IndexByte(stamped[volatile:], '\n')
		for i := range stamped {
			inBody := i >= strings.LastIndex(stamped, "OmniNode")
			if stamped[i] == '\n' || i >= volatile && i < volatileEnd || !inBody && i%23 != 0 {
				continue
			}
			for _, b := range []byte{0, 0xff} {
				write(t, root.Name(), name, stamped[:i]+string([]byte{b})+stamped[i+1:])
				if got := states(t, root, nil)[name]; got == "" {
					t.Errorf("%s: byte %d of %d becomes %#x, and check sees nothing", name, i, len(stamped), b)
				}
			}
		}
	}
}

// TestCheckNoticesCodeInABlock: a line of the block that is not commented out is
// code to the language.
func TestCheckNoticesCodeInABlock(t *testing.T) {
	for name, tt := range map[string]struct{ body, old, code string }{
		"a.py":   {"1\n", "# lifecycle: active", "lifecycle: active"},
		"b.py":   {"1\n", "# version: 1.0.0", "version: 1.0.0"},
		"a.html": {"<p>x</p>\n", "meta_type: tool", "meta_type: tool\nx: --> <script>alert(1)</script> <!--"},
	} {
		root := project(t, map[string]string{name: tt.body})
		mustApply(t, root, options(day1))
		replace(t, root, name, tt.old, tt.code)
		if got := states(t, root, nil)[name]; got != stamp.Malformed {
			t.Errorf("%s: %q is %q, want malformed:\n%s", name, tt.code, got, read(t, root, name))
		}
	}
}

// TestTextAboutBlocksIsNoBlock: a file that cannot be stamped and only speaks of
// blocks is none of our business.
func TestTextAboutBlocksIsNoBlock(t *testing.T) {
	root := project(t, map[string]string{"a.py": "x = 'OmniNode:Metadata'\xff\n"})
	if got := states(t, root, nil); len(got) != 0 {
		t.Errorf("states %v, want none", got)
	}
	if _, err := os.Stat(filepath.Join(root.Name(), "a.py")); err != nil {
		t.Fatal(err)
	}
}
