package filetype_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

func TestSalvageKeepsIdentityAndBody(t *testing.T) {
	const id = "# uuid: " + uuid + "\n"
	for _, tt := range []struct{ what, typ, src, uuid, created, rest string }{
		{"no damage", "python", "#!/bin/x\n" + pyOpen + id + pyClose + "\nx\n", uuid, "", "#!/bin/x\nx\n"},
		{"no block", "python", "x\n", "", "", "x\n"},
		{"a line that is no field", "python", "#!/bin/x\n" + pyOpen + id + "# oops\n# created_at: '2025'\n" + pyClose + "\nx\n", uuid, "2025", "#!/bin/x\n# oops\nx\n"},
		{"not closed", "python", pyOpen + id + "# tags:\n# - a\n# created_at: 2025\n\nx = 1\n# name: y\n", uuid, "2025", "\nx = 1\n# name: y\n"},
		{"opened twice", "python", pyOpen + id + "# A comment: here\nimport x\n" + pyOpen + "# k: v\n" + pyClose, uuid, "",
			"# A comment: here\nimport x\n" + pyOpen + "# k: v\n" + pyClose},
		{"one below the other", "python", pyOpen + id + "# tags: [a]\n" + pyClose + "\n" + pyOpen + "# created_at: 2024\n" + pyClose + "\nx\n", uuid, "",
			pyOpen + "# created_at: 2024\n" + pyClose + "\nx\n"},
		{"code between the delimiters", "python", pyOpen + id + "x = 1\n# k: a: b\n" + pyClose + "y\n", uuid, "", "x = 1\n# k: a: b\ny\n"},
		{"key twice, no uuid", "yaml", "\n" + pyOpen + "# uuid: TBD\n# created_at: 2024\n# created_at: 2025\n" + pyClose + "a: b\n", "", "2024", "a: b\n"},
		{"Markdown, not closed", "markdown", "---\na: b\n---\n" + mdOpen + "uuid: " + uuid + "\ncreated_at: x\n\n# Title\n", uuid, "x", "---\na: b\n---\n\n# Title\n"},
		{"Markdown, a comment per field", "markdown", mdOpen + "<!-- uuid: " + uuid + " -->\n<!-- name: a: b -->\nText\n" + mdClose + "\n# T\n", uuid, "", "Text\n# T\n"},
		{"compact without uuid", "python", "# === OmniNode:Metadata uuid=TBD ===\n\nx\n", "", "", "\nx\n"},
	} {
		typ := named(t, tt.typ)
		b, rest, err := typ.Salvage([]byte(tt.src))
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if diff := cmp.Diff([]string{tt.uuid, tt.created, tt.rest}, []string{b.UUID(), b.CreatedAt(), string(rest)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
		if again, err := typ.Strip(rest); tt.what != "opened twice" && tt.what != "one below the other" && (err != nil || string(again) != tt.rest) {
			t.Errorf("%s: the rest has a block: %v", tt.what, err)
		}
	}
	var skip filetype.Skip
	if _, _, err := named(t, "python").Salvage([]byte("\x00")); !errors.As(err, &skip) {
		t.Errorf("binary file: %v", err)
	}
	if _, _, err := named(t, "yaml").Salvage([]byte("$ANSIBLE_VAULT;1.1\n")); !errors.As(err, &skip) {
		t.Errorf("vault: %v", err)
	}
	if !meta.Known(meta.FieldUUID) || meta.Known("k") {
		t.Error("Known")
	}
}
