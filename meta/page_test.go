package meta_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/meta"
)

const page = "../docs/metadata.md"

func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between returns what stands between two marks on the page.
func between(t *testing.T, text, from, to string) (before, inner, after string) {
	t.Helper()
	before, rest, ok := strings.Cut(text, from)
	inner, after, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("the page has nothing between %q and %q", from, to)
	}
	return before + from, inner, to + after
}

func TestPageHasEveryFileType(t *testing.T) {
	text := readPage(t)
	before, _, after := between(t, text, "<!-- file types: go test ./meta -update -->\n", "<!-- /file types -->")
	var b strings.Builder
	b.WriteString("| type | files | before | each line | after | head |\n|---|---|---|---|---|---|\n")
	for _, typ := range filetype.Standard().Types() {
		end := code(typ.Comment.After)
		if typ.Comment.Reopen {
			end += ", again"
		}
		files := slices.Concat(typ.Extensions, typ.Filenames)
		for i := range files {
			files[i] = code(files[i])
		}
		for _, program := range typ.Interpreters {
			files = append(files, code("#!"+program))
		}
		var head []string
		for _, r := range typ.Head {
			head = append(head, r.Name)
			wantOnPage(t, text, "\n| "+r.Name+" | ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", typ.Name, strings.Join(files, " "),
			code(typ.Comment.Before), code(typ.Comment.Line), end, strings.Join(head, ", "))
	}
	golden.Check(t, page, []byte(before+b.String()+after))
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func TestPageHasEveryField(t *testing.T) {
	_, section, _ := between(t, readPage(t), "\n## Fields\n", "\n## ")
	required := meta.RequiredFields()
	var got, want []string
	for line := range strings.Lines(section) {
		cells := cellsOf(line)
		if len(cells) != 5 || !strings.HasPrefix(cells[1], "`") {
			continue
		}
		got = append(got, strings.Join([]string{cells[0], cells[1], cells[3]}, " "))
		if cells[2] == "" || cells[4] == "" {
			t.Errorf("%s lacks its type or meaning", cells[1])
		}
	}
	for i, f := range meta.ModelOrder() {
		need := ""
		if slices.Contains(required, f) {
			need = "required"
		}
		want = append(want, strconv.Itoa(i+1)+" `"+f+"` "+need)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields on the page (-model +page):\n%s", diff)
	}
	for _, l := range meta.Lifecycles() {
		wantOnPage(t, section, "`"+string(l)+"`")
	}
	for _, m := range meta.MetaTypes() {
		wantOnPage(t, section, "`"+string(m)+"`")
	}
}

// cellsOf returns the cells of a row of a table.
func cellsOf(line string) []string {
	cells := strings.Split(strings.Trim(line, "|\n"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

func TestPageHasTheLimits(t *testing.T) {
	text := readPage(t)
	for _, row := range []string{
		fmt.Sprintf("| text of a block | %d bytes |", meta.MaxText),
		fmt.Sprintf("| keys of one mapping | %d |", meta.MaxFields),
		fmt.Sprintf("| a key | %d bytes |", meta.MaxKey),
		fmt.Sprintf("| mappings and lists within each other | %d levels |", meta.MaxDepth),
	} {
		wantOnPage(t, text, row)
	}
	for _, skip := range filetype.Skips() {
		wantOnPage(t, text, "`"+string(skip)+"`")
	}
}

func wantOnPage(t *testing.T, text, want string) {
	t.Helper()
	if !strings.Contains(text, want) {
		t.Errorf("the page does not have %q", want)
	}
}

// TestPageExample recomputes the hash of the stamped file on the page, once by
// the package and once from the canonical form as it is printed there.
func TestPageExample(t *testing.T) {
	text := readPage(t)
	_, file, rest := between(t, text, "## A stamped file\n\n```python\n", "```\n")
	_, canonical, _ := between(t, rest, "The canonical form of the file above is\n\n```text\n", "```\n")

	python, _ := filetype.Standard().Named("python")
	p, err := python.Split([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	b := p.Meta
	if got, want := p.Hash(b), b.Hash(); got != want {
		t.Errorf("hash of the file %s, on the page %s", got, want)
	}
	if diff := cmp.Diff(canonical, string(meta.Canonical(b, p.BOM, p.Head, p.Body))); diff != "" {
		t.Errorf("canonical form (-page +package):\n%s", diff)
	}
	sum := sha256.Sum256([]byte(canonical))
	if got := hex.EncodeToString(sum[:]); got != b.Hash() {
		t.Errorf("SHA-256 of the canonical form on the page is %s", got)
	}
	if problems := b.Validate(); len(problems) > 0 || b.MetadataVersion() != meta.Version {
		t.Errorf("the example is not valid: %v", problems)
	}
	if again, err := python.WithBlock([]byte(file), b); err != nil || !bytes.Equal(again, []byte(file)) {
		t.Errorf("the example is not what we write: %v\n%s", err, again)
	}
	wantOnPage(t, text, "\n# "+meta.CompactLine(b.UUID())+"\n")
}

// TestPageProject reads the example of project.onex.yaml.
func TestPageProject(t *testing.T) {
	_, example, _ := between(t, readPage(t), "gets.\n\n```yaml\n", "```\n")
	p, err := meta.ParseProject([]byte(example))
	if err != nil || p.Check() != nil {
		t.Errorf("%v, %v", err, p.Check())
	}
}
